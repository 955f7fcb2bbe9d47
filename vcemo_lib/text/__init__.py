"""Words: segmentation and word vectors, BERT, characters misheard, words at their times."""

from ..letters import letters as letters
from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
