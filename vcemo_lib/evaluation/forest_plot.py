"""Many differences on one axis, beside what a comparison of their size could have shown."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .drawn_names import as_text
from .figures import axes

BLUE, GREY = "#0072B2", "#DDDDDD"


def forest(gaps: pd.DataFrame, x: str) -> Figure:
    """A line a difference, in groups: its mean and interval, and in grey what so many test utterances cannot show.

    Args:
        gaps: columns `mean`, `low`, `high`, `seen` (a true difference inside ± this is missed two times in ten or more,
            `power.detectable`) and `sure` (more than noise: a full mark, else a hollow one); an index of two levels,
            the group and the line's name.
    """
    at, sure, groups = np.arange(len(gaps)), gaps["sure"].to_numpy(dtype=bool), gaps.index.get_level_values(0)
    figure, ax = axes(width=9.0, height=1.0 + 0.28 * len(gaps))
    ax.barh(at, 2 * gaps["seen"], left=-gaps["seen"], height=0.7, color=GREY, label="missed two times in ten or more")
    error = np.stack([gaps["mean"] - gaps["low"], gaps["high"] - gaps["mean"]])
    for rows, face, label in ((sure, BLUE, "more than noise"), (~sure, "white", "not more than noise")):
        style = {"fmt": "o", "color": BLUE, "markerfacecolor": face, "capsize": 3, "label": label}
        ax.errorbar(gaps["mean"][rows], at[rows], xerr=error[:, rows], **style)
    ax.axvline(0, color="black", linewidth=0.8)
    for line in np.flatnonzero(groups[1:] != groups[:-1]):
        ax.axhline(line + 0.5, color="#BBBBBB", linewidth=0.6)
    names = [f"{group}: {name}" for group, name in gaps.index]
    ends = 1.05 * min(gaps["low"].min(), -gaps["seen"].max()), 1.05 * max(gaps["high"].max(), gaps["seen"].max())
    ax.set_yticks(at, names, **as_text(names))
    ax.set(xlabel=x, ylim=(len(gaps) - 0.5, -0.5), xlim=ends)
    ax.tick_params(axis="y", labelsize=8)
    figure.legend(loc="outside upper center", ncols=3, fontsize=9)
    return figure
