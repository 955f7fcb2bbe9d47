"""Answering: a model in a folder, predictions for files, ONNX, the microphone."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
