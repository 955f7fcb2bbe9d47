"""The plots of the course. Each takes data and returns a matplotlib figure; the words belong to the chapter."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ..data import EMOTIONS, class_order
from .drawn_names import as_text, chinese_family, legend  # noqa: F401  chapters draw with the family
from .spectrogram import draw_mel

# Okabe and Ito's palette: told apart by colour-blind readers, and by lightness in print.
COLOURS = dict(zip(EMOTIONS, ("#D55E00", "#CC79A7", "#E69F00", "#999999", "#0072B2", "#009E73"), strict=True))

WIDEST_LABEL = 9  # characters under a column of a heat map; longer ones are set aslant


def in_order(labels: Iterable[str]) -> list[str]:
    """The different classes among labels: the six emotions in the paper's order, then others as `class_order` has."""
    there = set(labels)
    return [*(name for name in EMOTIONS if name in there), *class_order(there - set(EMOTIONS))]


def colours(labels: Iterable[str]) -> dict[str, str]:
    """A colour for each class: the six emotions have theirs; with others among them all are spread over the wheel."""
    names = in_order(labels)
    if set(names) <= set(COLOURS):
        return COLOURS
    few = dict(zip(names, COLOURS.values(), strict=False))
    if len(names) <= len(COLOURS):
        return few
    import seaborn as sns  # only where it draws: with its statistics it takes 65 MB

    return dict(zip(names, sns.husl_palette(len(names)).as_hex(), strict=True))


def axes(rows: int = 1, columns: int = 1, width: float = 6.4, height: float = 3.2):
    """A figure and its axes, laid out so that no label is cut."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns)


def class_counts(counts: pd.Series) -> Figure:
    """Bars of the utterances of each class."""
    figure, ax = axes(height=2.6)
    colour, places = colours(counts.index), range(len(counts))
    ax.bar(places, counts, color=[colour[name] for name in counts.index])
    ax.bar_label(ax.containers[0], fontsize=9)
    ax.margins(y=0.12)  # room for the count of the highest
    turned = 60 if len(counts) > len(COLOURS) else 0
    ax.set_xticks(places, counts.index, rotation=turned, **as_text(counts.index))
    ax.set(ylabel="utterances")
    return figure


def mels(spectrograms: Mapping[str, np.ndarray], hop_ms: float = 10.0, unit: str = "log power") -> Figure:
    """Log-mel spectrograms (T, n_mels) one above the other, on one scale and one time axis."""
    figure, grid = axes(len(spectrograms), 1, height=0.9 + 1.5 * len(spectrograms))
    seconds = max(map(len, spectrograms.values())) * hop_ms / 1000
    low, high = np.percentile(np.concatenate(list(spectrograms.values())), [2, 99.5])
    for ax, (name, mel) in zip(np.atleast_1d(grid), spectrograms.items(), strict=True):
        image = draw_mel(ax, mel, hop_ms, vmin=low, vmax=high)
        ax.set_title(name, **as_text([name]))
        ax.set_xlim(0, seconds)
    ax.set_xlabel("seconds")
    figure.colorbar(image, ax=grid, label=unit)
    return figure


def heat(matrix: np.ndarray, rows: Sequence, columns: Sequence, x: str, y: str, decimals: int = 2) -> Figure:
    """A matrix as coloured cells, with its numbers where there are few."""
    import seaborn as sns

    figure, ax = axes(width=min(3 + 0.5 * len(columns), 8), height=min(1.6 + 0.35 * len(rows), 5))
    numbers = {"annot": matrix.size <= 80, "fmt": f".{decimals}f", "annot_kws": {"size": 8}}
    sns.heatmap(matrix, ax=ax, cmap="viridis", xticklabels=False, yticklabels=False, **numbers)
    # here, since seaborn would measure the labels in a font without Chinese
    longest = max((len(line) for name in columns for line in str(name).splitlines()), default=0)
    slant = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if longest > WIDEST_LABEL else {}
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, **slant, **as_text(columns))
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, **as_text(rows))
    ax.set(xlabel=x, ylabel=y)
    return figure


def lines(frame: pd.DataFrame, x: str, y: str) -> Figure:
    """One line a column, told apart by marker as well as colour."""
    return _curves(dict(frame.items()), x, y)[0]


def bands(curves: Mapping[str, pd.DataFrame], x: str, y: str) -> Figure:
    """One line a curve with its interval as a band; each is a frame with the columns `mean`, `low`, `high`."""
    figure, ax, drawn = _curves({name: frame["mean"] for name, frame in curves.items()}, x, y)
    for name, frame in curves.items():
        ax.fill_between(frame.index, frame["low"], frame["high"], color=drawn[name].get_color(), alpha=0.2)
    return figure


def _curves(columns: Mapping[str, pd.Series], x: str, y: str) -> tuple[Figure, Axes, dict[str, Line2D]]:
    """A line for each column over its index, and by its name what was drawn."""
    figure, ax = axes()
    drawn = {}
    for (name, column), marker in zip(columns.items(), "osD^vPX*<>", strict=False):
        (drawn[name],) = ax.plot(column.index, column, marker=marker)
    ax.set(xlabel=x, ylabel=y)
    if all(column.index.dtype.kind in "iu" for column in columns.values()):  # there is no epoch 2.5
        ax.locator_params(axis="x", integer=True)
    legend(ax, drawn, fontsize=9)
    return figure, ax, drawn


def intervals(frame: pd.DataFrame, x: str, line: float | None = None) -> Figure:
    """Points with error bars, one row a line; columns `mean`, `low`, `high`. What knows nothing is dashed at `line`."""
    figure, ax = axes(height=0.8 + 0.35 * len(frame))
    if line is not None:
        ax.axvline(line, color="#999999", linestyle="--", linewidth=1)
    _error_bars(ax, frame, fmt="o", color="#0072B2")
    _name_rows(ax, frame.index, x)
    return figure


def intervals_of_groups(groups: Mapping[str, pd.DataFrame], x: str) -> Figure:
    """`intervals` of several groups on common lines, told apart by marker and colour; their frames have one index."""
    names = next(iter(groups.values())).index
    figure, ax = axes(height=0.9 + 0.45 * len(names))
    shift = np.linspace(-0.15, 0.15, len(groups)) if len(groups) > 1 else [0.0]
    colours, drawn = ("#0072B2", "#D55E00", "#009E73", "#CC79A7"), {}
    for (group, frame), by, marker, colour in zip(groups.items(), shift, "osD^", colours, strict=False):
        drawn[group] = _error_bars(ax, frame, by, fmt=marker, color=colour)
    _name_rows(ax, names, x)
    legend(figure, drawn, loc="outside upper center", ncols=len(groups), fontsize=9)
    return figure


def _error_bars(ax: Axes, frame: pd.DataFrame, shift: float = 0.0, **style) -> ErrorbarContainer:
    """A point and its interval on each line, moved down by `shift` lines."""
    error = np.stack([frame["mean"] - frame["low"], frame["high"] - frame["mean"]])
    return ax.errorbar(frame["mean"], np.arange(len(frame)) + shift, xerr=error, capsize=3, **style)


def _name_rows(ax: Axes, names: Sequence[str], x: str) -> None:
    """A line for each name, the first on top, none on the frame."""
    ax.set_yticks(np.arange(len(names)), names, **as_text(names))
    ax.set(xlabel=x, ylim=(len(names) - 0.5, -0.5))
    ax.locator_params(axis="x", nbins=6)


def histograms(columns: pd.DataFrame) -> Figure:
    """One histogram a column, side by side, each with its median as a dashed line; whole numbers have a bar each."""
    figure, grid = axes(1, columns.shape[1], width=7.4, height=2.6)
    for ax, (name, values) in zip(np.atleast_1d(grid), columns.items(), strict=True):
        bins = np.arange(values.min(), values.max() + 2) - 0.5 if values.dtype.kind in "iu" else 30
        ax.hist(values, bins=bins, color="#0072B2")
        ax.axvline(values.median(), color="#D55E00", linestyle="--", label=f"median {values.median():.3g}")
        ax.set_xlabel(name, **as_text([name]))
        ax.legend(fontsize=8)
    np.atleast_1d(grid)[0].set_ylabel("utterances")
    return figure


def boxes(columns: pd.DataFrame, labels: Sequence[str]) -> Figure:
    """One panel a column: a box for each class that occurs, in their order, from quartile to quartile."""
    figure, grid = axes(1, columns.shape[1], width=7.4, height=3.0)
    there, colour = in_order(labels), colours(labels)
    for ax, (name, values) in zip(np.atleast_1d(grid), columns.items(), strict=True):
        groups = [values[np.asarray(labels) == emotion] for emotion in there]
        style = {"widths": 0.6, "flierprops": {"markersize": 3}, "medianprops": {"color": "black"}}
        drawn = ax.boxplot(groups, patch_artist=True, **style)
        for box, emotion in zip(drawn["boxes"], there, strict=True):
            box.set_facecolor(colour[emotion])
        ax.set_xticks(range(1, len(there) + 1), there, rotation=60, **as_text(there))
        ax.set_ylabel(name, **as_text([name]))
    return figure


def asked_and_measured(panels: Mapping[str, pd.DataFrame]) -> Figure:
    """One panel a quantity: columns `asked` and `measured` as points about the line on which they are equal."""
    figure, grid = axes(1, len(panels), width=7.4, height=2.7)
    for ax, (name, points) in zip(np.atleast_1d(grid), panels.items(), strict=True):
        ax.axline((points["asked"].iloc[0],) * 2, slope=1, color="#999999", linewidth=1)
        ax.plot(points["asked"], points["measured"], "o", markersize=4, color="#0072B2", alpha=0.8)
        ax.set(ylabel="measured")
        ax.set_xlabel(f"asked: {name}", **as_text([name]))
    return figure


def attention_over_mel(
    panels: Mapping[str, np.ndarray], words: Sequence[str], mel: np.ndarray, hop_ms: float = 10.0, times: Sequence = ()
) -> Figure:
    """A log-mel spectrogram (T, n_mels), and under it maps (L, S): how much each of L steps took of each of S words.

    All maps share one colour scale, from the least weight to the largest; the time axes agree. Words may be Chinese.
    times: from and to which second each word is spoken, outlined in every map.
    """
    figure, grid = axes(1 + len(panels), 1, width=7.2, height=1.5 + len(panels) * (0.7 + 0.24 * len(words)))
    seconds = len(mel) * hop_ms / 1000
    draw_mel(grid[0], mel, hop_ms)
    grid[0].set(title="what is heard")
    least, most = (end([end(weights) for weights in panels.values()]) for end in (np.min, np.max))
    for ax, (title, weights) in zip(grid[1:], panels.items(), strict=True):
        image = ax.imshow(weights.T, aspect="auto", vmin=least, vmax=most, extent=(0, seconds, len(words), 0))
        for row, (start, end) in enumerate(times):
            ax.add_patch(
                Rectangle((start, row + 0.06), end - start, 0.88, fill=False, edgecolor="white", linewidth=1.5)
            )
        ax.set_title(title, **as_text([title]))
        ax.set_yticks(np.arange(len(words)) + 0.5, words, fontsize=11, **as_text(words))
    grid[-1].set_xlabel("seconds")
    figure.colorbar(image, ax=list(grid[1:]), label="weight")
    return figure


def queue_history(slots: Sequence[Sequence[int]], pointers: Sequence[int]) -> Figure:
    """What each slot of a queue holds after each step: a number (−1 = empty), and where the next key will go."""
    table = np.asarray(slots)
    figure, ax = axes(width=7.2, height=0.9 + 0.36 * len(table))
    shown = np.ma.masked_less(table, 0)
    ax.pcolormesh(shown, cmap="viridis", edgecolors="white", linewidth=2, vmin=0, vmax=max(table.max(), 1))
    for (row, column), number in np.ndenumerate(table):
        colour = "grey" if number < 0 else "white" if number < 0.6 * max(table.max(), 1) else "black"
        ax.text(column + 0.5, row + 0.5, "–" if number < 0 else number, ha="center", va="center", color=colour)
    ax.plot(np.asarray(pointers) + 0.5, np.arange(len(table)) + 0.88, "^", color="#D55E00", label="next slot")
    ax.set_xticks(np.arange(table.shape[1]) + 0.5, range(table.shape[1]))
    ax.set_yticks(np.arange(len(table)) + 0.5, range(1, len(table) + 1))
    ax.set(xlabel="slot", ylabel="after batch")
    ax.invert_yaxis()
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return figure


def scatters(panels: Mapping[str, np.ndarray], labels: Sequence[str]) -> Figure:
    """(N, 2) points of the same N utterances in several panels, told apart by colour and marker."""
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    figure, grid = axes(rows, columns, width=7.4, height=0.6 + 2.6 * rows)
    colour, there, drawn = colours(labels), in_order(labels), {}
    for ax, (title, points) in zip(np.ravel(grid), panels.items(), strict=False):
        for name, marker in zip(there, cycle("os^DvP"), strict=False):
            chosen = np.array(labels) == name
            drawn[name] = ax.scatter(*points[chosen].T, s=18, marker=marker, color=colour[name], alpha=0.85)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, **as_text([title]))
    legend(figure, drawn, loc="outside lower center", ncols=min(len(there), 6), fontsize=9)
    return figure
