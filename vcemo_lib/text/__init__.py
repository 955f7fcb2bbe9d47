"""Words: segmentation and word vectors, BERT, characters misheard, words at their times."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
