"""Answers over time, as a picture."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from ..evaluation import as_text, axes, colours, in_order, legend
from ..messages import one_line
from .answer import Answer

ROW = 600.0  # seconds in a row of the picture


def draw(answers: Sequence[Answer]) -> Figure:
    """The probabilities of each utterance at its time, stacked to 1; doubtful ones are pale.

    A row for each file, or for each ten minutes of a longer one. The answers of a file stand together, in their order.
    """
    rows = [(key, list(some)) for key, some in groupby(answers, lambda a: (a.file, int(a.start // ROW)))]
    figure, grid = axes(len(rows), 1, width=9.0, height=0.8 + 1.7 * len(rows))
    for ax, ((file, row), some) in zip(np.atleast_1d(grid), rows, strict=True):
        shown = _stack(ax, some)
        title = one_line(Path(file).name)
        ax.set_title(title, **as_text([title]))
        if sum(other == file for (other, _), _ in rows) > 1:
            ax.set_xlim(row * ROW, (row + 1) * ROW)
    ax.set_xlabel("seconds")
    legend(figure, shown, loc="outside right upper")
    return figure


def _stack(ax: Axes, answers: Sequence[Answer]) -> dict[str, BarContainer]:
    """Draw the answers; a bar of each class for the legend, never pale."""
    chances = pd.DataFrame([answer.chance for answer in answers])
    starts, seconds = [answer.start for answer in answers], [answer.seconds for answer in answers]
    below, shown = np.zeros(len(answers)), {}
    for name in in_order(chances):
        colour = [to_rgba(colours(chances)[name], 0.4 if answer.doubts else 1.0) for answer in answers]
        ax.bar(starts, chances[name], seconds, below, align="edge", color=colour)
        shown[name] = ax.bar(starts[0], 0, color=colours(chances)[name])
        below += chances[name].to_numpy()
    ax.set(ylim=(0, 1), ylabel="probability")
    return shown
