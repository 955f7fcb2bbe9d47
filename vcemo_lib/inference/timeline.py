"""Answers over time, as a picture."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from ..evaluation.figures import axes, chinese_family, colours, in_order
from .answer import Answer

ROW = 600.0  # seconds in a row of the picture


def draw(answers: Sequence[Answer]) -> Figure:
    """The probabilities of each utterance at its time, stacked to 1; doubtful ones are pale.

    A row for each file, or for each ten minutes of a longer one. The answers of a file stand together, in their order.
    """
    rows = [(key, list(some)) for key, some in groupby(answers, lambda a: (a.file, int(a.start // ROW)))]
    figure, grid = axes(len(rows), 1, width=9.0, height=0.8 + 1.7 * len(rows))
    for ax, ((file, row), some) in zip(np.atleast_1d(grid), rows, strict=True):
        _stack(ax, some)
        ax.set_title(Path(file).name, fontfamily=chinese_family())
        if sum(other == file for (other, _), _ in rows) > 1:
            ax.set_xlim(row * ROW, (row + 1) * ROW)
    ax.set_xlabel("seconds")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside right upper", prop={"family": chinese_family()})
    return figure


def _stack(ax: Axes, answers: Sequence[Answer]) -> None:
    chances = pd.DataFrame([answer.chance for answer in answers])
    starts, seconds = [answer.start for answer in answers], [answer.seconds for answer in answers]
    below = np.zeros(len(answers))
    for name in in_order(chances):
        colour = [to_rgba(colours(chances)[name], 0.4 if answer.doubts else 1.0) for answer in answers]
        ax.bar(starts, chances[name], seconds, below, align="edge", color=colour)
        ax.bar(starts[0], 0, color=colours(chances)[name], label=name)  # for the legend, never pale
        below += chances[name].to_numpy()
    ax.set(ylim=(0, 1), ylabel="probability")
