"""All studies side by side: how far each row is from its lead, and which difference would have been seen.

python -m vcemo_lib.experiments.study_gaps     # prints it from the records, trains nothing
"""

from collections.abc import Iterable

import pandas as pd

from .comparison import gap_between
from .studies import STUDIES
from .tables import TableError


def study_gaps(names: Iterable[str] = STUDIES) -> pd.DataFrame:
    """A line for each row of each recorded study: its lead minus the row, in points of accuracy.

    Returns:
        Index `study` and `compared`, "lead − row"; the columns of `Gap`, and `classes`. A study of which a run has no
        record is left out.
    """
    from .parallel_runs import records  # brings a corpus
    from .request import Request

    lines = {}
    for name in names:
        try:
            found = records(Request(name))
        except TableError:
            continue
        lead = STUDIES[name].lead
        for (classes, _, row), kept in found.items():
            if row != lead:
                gap = gap_between(found[classes, "", lead], kept, (lead, row))
                lines[name, f"{lead} − {row}"] = vars(gap) | {"classes": classes}
    frame = pd.DataFrame.from_dict(lines, orient="index")
    return frame.set_axis(pd.MultiIndex.from_tuples(lines, names=["study", "compared"]))


def told_studies(gaps: pd.DataFrame) -> list[str]:
    """What the lines of `study_gaps` say, in sentences: what is more than noise, what is not, and what could hide."""
    sure, rest = gaps[gaps["sure"].astype(bool)], gaps[~gaps["sure"].astype(bool)]
    told = [f"{len(sure)} of {len(gaps)} differences are more than noise" + _listed(sure)]
    if len(rest):
        least, most = rest["seen"].min(), rest["seen"].max()
        told.append(
            f"The other {len(rest)} are not: by row, a true difference below {least:.1f} to {most:.1f} points is not "
            "shown eight times in ten by so many test utterances, and may be there" + _listed(_largest(rest))
        )
    silent = [name for name in gaps.index.unique("study") if not gaps.loc[name, "sure"].any()]
    if silent:
        told.append(f"Studies in which nothing is more than noise: {', '.join(silent)}.")
    return told


def _largest(gaps: pd.DataFrame, n: int = 3) -> pd.DataFrame:
    return gaps.loc[gaps["mean"].abs().sort_values(ascending=False).index[:n]]


def _listed(gaps: pd.DataFrame) -> str:
    cells = [
        f"{study}, {compared}: {row['mean']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})"
        for (study, compared), row in gaps.iterrows()
    ]
    return f" ({'; '.join(cells)})." if cells else "."


if __name__ == "__main__":
    made = study_gaps()
    print(made.to_string(), *told_studies(made), sep="\n")
