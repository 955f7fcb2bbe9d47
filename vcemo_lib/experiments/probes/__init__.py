"""Probes: made-up corpora with a planted effect, one for each claim of the paper, read by the unchanged models."""

from ...rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
