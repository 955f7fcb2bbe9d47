"""Corpora: labels, tables of utterances, splits, leaks between parts, transcripts, features, batches."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
