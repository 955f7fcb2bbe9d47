"""What a campaign of faults counts: each attempt either survives, or is one of three kinds that may not happen."""

import os
from dataclasses import dataclass

LONG = os.environ.get("VCEMO_FAULTS") == "long"  # `make faults` sets it; the normal tests run a short form


@dataclass
class Campaign:
    """Counts of one campaign; `print(campaign)` is its line of figures.

    >>> cut = Campaign("cut files")
    >>> cut.count("survived")
    >>> print(cut)
    cut files: 1 tried, 1 survived, 0 lost, 0 silent, 0 tracebacks
    """

    name: str
    tried: int = 0
    survived: int = 0  # the right value again, or one sentence that names what is wrong and the cure
    lost: int = 0  # what was whole before the fault is gone, or can never be read or made again
    silent: int = 0  # another value than the right one, and nothing said
    tracebacks: int = 0  # an exception that is no VcemoError reached the user

    def __post_init__(self):
        self.notes: list[str] = []  # the first faults found, each in a line

    def count(self, outcome: str, note: str = "") -> None:
        """One more attempt; `outcome`: survived, lost, silent or tracebacks; `note`: how to meet it again."""
        self.tried += 1
        setattr(self, outcome, getattr(self, outcome) + 1)
        if outcome != "survived" and len(self.notes) < 20:
            self.notes.append(f"{outcome}: {note}")

    def __str__(self):
        figures = f"{self.survived} survived, {self.lost} lost, {self.silent} silent, {self.tracebacks} tracebacks"
        return f"{self.name}: {self.tried} tried, {figures}"

    def finish(self) -> None:
        """Print the figures; fail where something was lost, silent or a traceback, or where nothing was tried."""
        print(self)
        assert self.tried, f"{self.name} tried nothing"
        assert self.survived == self.tried, "\n".join([str(self), *self.notes])


def amount(short: int, long: int) -> int:
    """How many attempts this run makes."""
    return long if LONG else short
