"""What a campaign of faults counts: each attempt either survives, or is one of three kinds that may not happen."""

import os
from dataclasses import astuple, dataclass

LONG = os.environ.get("VCEMO_FAULTS") == "long"  # `make faults` sets it; the normal tests run a short form
FINISHED: list["Campaign"] = []  # of the test that runs


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
    kills: int = 0  # processes that were killed: an attempt may end before its kill comes

    def __post_init__(self):
        self.notes: list[str] = []  # the first faults found, each in a line

    def count(self, outcome: str, note: str = "") -> None:
        """One more attempt; `outcome`: survived, lost, silent or tracebacks; `note`: how to meet it again."""
        self.tried += 1
        setattr(self, outcome, getattr(self, outcome) + 1)
        if outcome != "survived" and len(self.notes) < 20:
            self.notes.append(f"{outcome}: {note}")

    def count_kills(self, kills: int, outcome: str, note: str = "") -> None:
        """One more attempt, killed so many times before it ended; each kill is one tried, and so is an end without any."""
        self.kills += kills
        for _ in range(max(kills, 1)):
            self.count(outcome, note)

    def __str__(self):
        figures = f"{self.survived} survived, {self.lost} lost, {self.silent} silent, {self.tracebacks} tracebacks"
        return f"{self.name}: {self.tried} tried, {figures}" + f", {self.kills} kills" * bool(self.kills)

    def finish(self) -> None:
        """Print the figures; fail where something was lost, silent or a traceback, or where nothing was tried."""
        print(self)
        FINISHED.append(self)
        assert self.tried, f"{self.name} tried nothing"
        assert self.survived == self.tried, "\n".join([str(self), *self.notes])


def amount(short: int, long: int) -> int:
    """How many attempts this run makes."""
    return long if LONG else short


def together(campaigns: list[tuple]) -> list[str]:
    """The lines of campaigns, each given as `astuple` has it, and what they come to.

    >>> together([("cut files", 2, 2, 0, 0, 0, 0), ("kill -9, add", 3, 2, 1, 0, 0, 3)])[-1]
    'all 2 campaigns: 5 tried, 4 survived, 1 lost, 0 silent, 0 tracebacks, 3 kills'
    """
    sums = (sum(figures) for figures in zip(*(figures for _, *figures in campaigns), strict=True))
    return [str(Campaign(*figures)) for figures in [*campaigns, (f"all {len(campaigns)} campaigns", *sums)]]


def taken() -> list[tuple]:
    """The campaigns that finished since the last call, as plain values."""
    figures = [astuple(campaign) for campaign in FINISHED]
    FINISHED.clear()
    return figures
