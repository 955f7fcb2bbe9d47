"""Answers over time, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from ..evaluation.figures import axes, chinese_family, colours, in_order
from .answer import Answer


def draw(answers: Sequence[Answer]) -> Figure:
    """The probabilities of each utterance at its time, stacked to 1, a row for each file; doubtful ones are pale."""
    files = list(dict.fromkeys(answer.file for answer in answers))
    figure, grid = axes(len(files), 1, width=9.0, height=0.8 + 1.7 * len(files))
    for ax, file in zip(np.atleast_1d(grid), files, strict=True):
        _stack(ax, [answer for answer in answers if answer.file == file])
        ax.set_title(Path(file).name, fontfamily=chinese_family())
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
        ax.bar(0, 0, color=colours(chances)[name], label=name)  # for the legend, never pale
        below += chances[name].to_numpy()
    ax.set(ylim=(0, 1), ylabel="probability")
