"""Curves over a dial, a panel for each experiment, beside what can be reached there."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from .drawn_names import as_text, legend
from .figures import axes

COLUMNS = 4
STYLES = (
    {"color": "#0072B2", "marker": "o"},
    {"color": "#D55E00", "marker": "s"},
    {"color": "#777777", "linestyle": "--"},
    {"color": "#777777", "linestyle": ":"},
)


def dials(panels: Mapping[str, Mapping[str, pd.DataFrame]], y: str) -> Figure:
    """Two curves and two bounds of each experiment, four panels in a row.

    Args:
        panels: title → name, the same in each panel → a frame over the points of the dial with the columns `mean`, of a
            curve also `low` and `high`, its interval; the curves first.
    """
    rows = -(-len(panels) // COLUMNS)
    figure, grid = axes(rows, COLUMNS, width=9.0, height=0.6 + 1.7 * rows)
    drawn = {}
    for ax, title in zip(grid.flat, panels, strict=False):
        for (name, frame), style in zip(panels[title].items(), STYLES, strict=False):
            (drawn[name],) = ax.plot(frame.index, frame["mean"], markersize=4, **style)
            if "low" in frame:
                ax.fill_between(frame.index, frame["low"], frame["high"], color=style["color"], alpha=0.2)
        ax.set_title(title, fontsize=9, **as_text([title]))
        ax.tick_params(labelsize=8)
    for ax in grid.flat[len(panels) :]:
        ax.set_axis_off()
    figure.supylabel(y, fontsize=9)
    legend(figure, drawn, loc="outside upper center", ncols=len(drawn), fontsize=9)
    return figure
