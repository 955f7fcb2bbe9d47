"""Judging: metrics with intervals and paired tests, records with their protocol, figures."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
