"""Networks: attention, encoders, fusion, VCEMO and the systems that the paper compares it with."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
