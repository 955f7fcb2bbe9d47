"""Evidence: the paper's tables, studies, cross-validation, many runs at once, the planted truth."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
