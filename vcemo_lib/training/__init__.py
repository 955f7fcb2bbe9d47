"""Learning: supervised contrast, the momentum queue, sampling, SpecAugment, the loop."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
