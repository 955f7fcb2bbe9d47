"""All studies side by side: how far each row is from its lead, and which difference would have been seen.

python -m vcemo_lib.experiments.gaps_of_studies     # prints it from the records, trains nothing
"""

from collections.abc import Iterable

import pandas as pd

from .comparison import gap_between
from .parallel_runs import records
from .request import Request
from .studies import STUDIES
from .tables import TableError


def recorded(which: int | str) -> dict[tuple[int, str, str], list[dict]]:
    """The `records` of a table or study on VCEMO-Sim; nothing where a run has none."""
    try:
        return records(Request(which))
    except TableError:
        return {}


def study_gaps(names: Iterable[str] = STUDIES) -> pd.DataFrame:
    """A line for each row of each recorded study: its lead minus the row, in points of accuracy.

    Returns:
        Index `study` and `compared`, "lead − row"; the columns of `Gap`, and `classes`. A study of which a run has no
        record is left out.
    """
    lines = {}
    for name in names:
        runs, lead = recorded(name), STUDIES[name].lead
        for (classes, _, row), kept in runs.items():
            if row != lead:
                gap = gap_between(runs[classes, "", lead], kept, (lead, row))
                lines[name, f"{lead} − {row}"] = vars(gap) | {"classes": classes}
    frame = pd.DataFrame.from_dict(lines, orient="index")
    return frame.set_axis(pd.MultiIndex.from_tuples(lines, names=["study", "compared"]))


def told_studies(gaps: pd.DataFrame) -> list[str]:
    """What the lines of `study_gaps` say, in sentences: what is more than noise, what is not, and what could hide."""
    sure = gaps["sure"].astype(bool)
    told = [f"{sure.sum()} of {len(gaps)} differences are more than noise: {_listed(gaps[sure])}."]
    if not sure.all():
        rest = gaps[~sure]
        most = rest.loc[rest["mean"].abs().sort_values(ascending=False).index[:3]]
        told.append(
            f"The other {len(rest)} are not, for their interval holds 0 or a seed points the other way; the largest "
            f"are {_listed(most)}; a true gap there may be as large as "
            f"{rest['seen'].min():.1f} to {rest['seen'].max():.1f} points, by row, and not be shown."
        )
    silent = [name for name in gaps.index.unique("study") if not sure[name].any()]
    return told + ([f"Nothing is more than noise in {', '.join(silent)}."] if silent else [])


def _listed(gaps: pd.DataFrame) -> str:
    """Lines in a few words: the row, by how many points the lead is above it."""
    return "; ".join(f"{study}: {pair} {mean:+.1f}" for (study, pair), mean in gaps["mean"].items()) or "none"


if __name__ == "__main__":
    made = study_gaps()
    print(made.to_string(), *told_studies(made), sep="\n")
