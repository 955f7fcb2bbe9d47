"""The plots of the course. Each takes data and returns a matplotlib figure; the words belong to the chapter."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from .labels import EMOTIONS

# Okabe and Ito's palette: told apart by colour-blind readers, and by lightness in print.
COLOURS = dict(zip(EMOTIONS, ("#D55E00", "#CC79A7", "#E69F00", "#999999", "#0072B2", "#009E73"), strict=True))


def axes(rows: int = 1, columns: int = 1, width: float = 6.4, height: float = 3.2):
    """A figure and its axes, laid out so that no label is cut."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns)


def class_counts(counts: pd.Series) -> Figure:
    """Bars of the utterances of each emotion."""
    figure, ax = axes(height=2.6)
    ax.bar(counts.index, counts, color=[COLOURS[e] for e in counts.index])
    ax.bar_label(ax.containers[0], fontsize=9)
    ax.set(ylabel="utterances")
    return figure


def mels(spectrograms: Mapping[str, np.ndarray], hop_ms: float = 10.0) -> Figure:
    """Log-mel spectrograms (T, n_mels) one above the other, on one scale."""
    figure, grid = axes(len(spectrograms), 1, height=1.7 * len(spectrograms))
    low, high = np.percentile(np.concatenate(list(spectrograms.values())), [2, 99.5])
    for ax, (name, mel) in zip(np.atleast_1d(grid), spectrograms.items(), strict=True):
        image = ax.imshow(mel.T, origin="lower", aspect="auto", vmin=low, vmax=high, cmap="magma",
                          extent=(0, len(mel) * hop_ms / 1000, 0, mel.shape[1]))
        ax.set(ylabel="mel band", title=name)
    ax.set_xlabel("seconds")
    figure.colorbar(image, ax=grid, label="log power")
    return figure


def heat(matrix: np.ndarray, rows: Sequence, columns: Sequence, x: str, y: str, decimals: int = 2) -> Figure:
    """A matrix as coloured cells, with its numbers where there are few."""
    figure, ax = axes(width=min(3 + 0.5 * len(columns), 8), height=min(1.6 + 0.35 * len(rows), 5))
    sns.heatmap(matrix, ax=ax, cmap="viridis", annot=matrix.size <= 80, fmt=f".{decimals}f", annot_kws={"size": 8},
                xticklabels=columns, yticklabels=rows)
    ax.set(xlabel=x, ylabel=y)
    return figure


def lines(frame: pd.DataFrame, x: str, y: str) -> Figure:
    """One line a column, told apart by marker as well as colour."""
    figure, ax = axes()
    for (name, column), marker in zip(frame.items(), "osD^vPX*<>", strict=False):
        ax.plot(frame.index, column, marker=marker, label=name)
    ax.set(xlabel=x, ylabel=y)
    ax.legend(fontsize=9)
    return figure


def intervals(frame: pd.DataFrame, x: str) -> Figure:
    """Points with error bars, one row a line; columns `mean`, `low`, `high`."""
    figure, ax = axes(height=0.8 + 0.35 * len(frame))
    error = np.stack([frame["mean"] - frame["low"], frame["high"] - frame["mean"]])
    ax.errorbar(frame["mean"], np.arange(len(frame)), xerr=error, fmt="o", color="#0072B2", capsize=3)
    ax.set(yticks=np.arange(len(frame)), yticklabels=frame.index, xlabel=x)
    ax.invert_yaxis()
    return figure


def scatter(points: np.ndarray, labels: Sequence[str]) -> Figure:
    """(N, 2) points, coloured by emotion."""
    figure, ax = axes(height=3.6)
    for emotion in dict.fromkeys(sorted(labels)):
        chosen = np.array(labels) == emotion
        ax.scatter(*points[chosen].T, s=14, label=emotion, color=COLOURS[emotion])
    ax.legend(fontsize=9)
    return figure
