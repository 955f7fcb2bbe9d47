"""Figures: every Chinese character is drawn by a font that has it, Hz stand beside the right mel bands."""

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.legend import Legend
from matplotlib.text import Text

from vcemo_lib.audio import log_mel
from vcemo_lib.config import MelConfig
from vcemo_lib.course.notebook.media import png_bytes
from vcemo_lib.evaluation import dials, figures


def drawn_without_missing_glyphs(figure):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        return png_bytes(figure)


def test_chinese_words_are_drawn_as_glyphs():
    weights = np.full((20, 3), 1 / 3)
    figure = figures.attention_over_mel({"trained": weights}, ["我们", "生气", "了"], np.random.rand(50, 80))
    assert drawn_without_missing_glyphs(figure).startswith(b"\x89PNG")


def test_matplotlibs_own_font_would_have_drawn_boxes():
    figure, ax = figures.axes()
    ax.set_title("生气", fontfamily="DejaVu Sans")
    with pytest.raises(UserWarning, match="missing"):
        drawn_without_missing_glyphs(figure)


def test_maps_of_a_figure_share_one_colour_scale():
    flat, peaked = np.full((20, 4), 0.25), np.eye(4).repeat(5, 0)
    figure = figures.attention_over_mel({"flat": flat, "peaked": peaked}, list("abcd"), np.random.rand(50, 80))
    assert {ax.images[0].get_clim() for ax in figure.axes[1:3]} == {(0.0, 1.0)}


def test_the_colours_of_a_map_go_from_the_least_weight_to_the_largest_and_times_are_outlined():
    weights = np.linspace(0.4, 0.6, 10).reshape(5, 2)
    figure = figures.attention_over_mel(
        {"one": weights}, ["a", "b"], np.random.rand(50, 80), times=[(0, 0.1), (0.1, 0.5)]
    )
    assert figure.axes[1].images[0].get_clim() == (0.4, 0.6)
    assert [(box.get_x(), box.get_width()) for box in figure.axes[1].patches] == [(0, 0.1), (0.1, 0.4)]


def test_what_is_counted_has_no_ticks_between_whole_numbers():
    counted = figures.lines(pd.DataFrame({"a": range(4)}, index=range(1, 5)), "epoch", "y").axes[0]
    assert all(tick == round(tick) for tick in counted.get_xticks())
    measured = figures.lines(pd.DataFrame({"a": range(4)}, index=[0.1, 0.2, 0.3, 0.4]), "share", "y").axes[0]
    assert any(tick != round(tick) for tick in measured.get_xticks())


def test_queue_history_marks_empty_slots_and_the_pointer():
    figure = figures.queue_history([[0, 0, -1], [1, 0, 1]], [2, 1])
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.texts] == ["0", "0", "–", "1", "0", "1"]
    assert ax.lines[0].get_xdata().tolist() == [2.5, 1.5]


def test_a_heat_map_takes_chinese_names():
    figure = figures.heat(np.eye(2), ["生气", "开心"], ["生气", "开心"], "x", "y")
    assert drawn_without_missing_glyphs(figure)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["生气", "开心"]


def test_a_histogram_marks_the_median_of_its_own_column():
    figure = figures.histograms(pd.DataFrame({"seconds": [1.0, 2, 9], "letters": [5, 7, 7]}))
    assert [ax.lines[0].get_xdata()[0] for ax in figure.axes] == [2, 7]
    assert [bar.get_height() for bar in figure.axes[1].patches] == [1, 0, 2]


def test_boxes_stand_in_the_papers_order_and_hold_their_own_emotion():
    frame = pd.DataFrame({"level": [1.0, 1, 1, 5, 5, 5]})
    ax = figures.boxes(frame, ["sad"] * 3 + ["angry"] * 3).axes[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["angry", "sad"]
    medians = [line.get_ydata()[0] for line in ax.lines if line.get_color() == "black" and len(line.get_xdata()) == 2]
    assert 5 in medians
    assert 1 in medians
    assert medians.index(5) < medians.index(1)


def test_points_lie_on_the_line_where_asked_and_measured_agree():
    frame = pd.DataFrame({"asked": [1.0, 2], "measured": [1.0, 3]})
    line, points = figures.asked_and_measured({"dB": frame}).axes[0].lines
    assert line.get_xy1() == (1, 1)
    assert line.get_slope() == 1
    assert points.get_ydata().tolist() == [1, 3]


def test_groups_of_intervals_stand_beside_each_other_on_their_line():
    frame = pd.DataFrame({"mean": [50.0, 60], "low": [40.0, 50], "high": [70.0, 80]}, index=["fold 1", "fold 2"])
    ax = figures.intervals_of_groups({"a": frame, "b": frame + 5}, "WA").axes[0]
    points = [container.lines[0] for container in ax.containers]
    assert [p.get_xdata().tolist() for p in points] == [[50, 60], [55, 65]]
    assert (points[0].get_ydata() < points[1].get_ydata()).all()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["fold 1", "fold 2"]
    ends = ax.containers[1].lines[2][0].get_segments()[0][:, 0]
    assert ends.tolist() == [45, 75]


@pytest.mark.parametrize("n_mels", [40, 80])
def test_hertz_stand_beside_the_band_that_hears_them(n_mels):
    figure = figures.mels({"a tone": np.zeros((50, n_mels))})
    axis = figure.axes[0].yaxis
    assert axis.get_label_text() == "Hz"
    for place, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True):
        hertz = float(label.get_text().replace(",", ""))
        tone = np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000).astype(np.float32)
        loudest = log_mel(tone, MelConfig(n_mels=n_mels))[50].argmax()
        assert abs(place - (loudest + 0.5)) < 1, hertz


ODD = ["a$b$c", "_x_", "$\\frac{", "100%{}", "生气$生气$"]


def _drawn(names):
    """Each figure that names something, by these names."""
    n = len(names)
    frame = pd.DataFrame({name: np.arange(3.0) for name in names})
    curve = pd.DataFrame({"mean": [1.0, 2], "low": [0.0, 1], "high": [2.0, 3]})
    rows = pd.DataFrame({"mean": [0.0] * n, "low": [0.0] * n, "high": [1.0] * n}, index=names)
    points = pd.DataFrame({"asked": [1.0, 2], "measured": [1.0, 3]})
    yield figures.class_counts(pd.Series(range(1, n + 1), index=names))
    yield figures.mels({name: np.random.rand(9, 80) for name in names})
    yield figures.heat(np.eye(n), names, names, "x", "y")
    yield figures.lines(frame, "x", "y")
    yield figures.bands({name: curve for name in names}, "x", "y")
    yield figures.intervals(rows, "x")
    yield figures.intervals_of_groups({name: curve for name in names[:4]}, "x")
    yield figures.intervals_of_groups({name: curve for name in names[4:]}, "x")
    yield figures.histograms(frame)
    yield figures.boxes(frame, names[:3])
    yield figures.boxes(frame[names[:1]], names[2:])
    yield figures.asked_and_measured({name: points for name in names})
    yield figures.attention_over_mel({name: np.random.rand(5, n) for name in names}, names, np.random.rand(9, 80))
    yield figures.scatters({name: np.random.rand(n, 2) for name in names}, names)


def test_names_are_drawn_as_they_stand_in_every_figure():
    kinds = list(_drawn(ODD))
    for figure in kinds:
        assert drawn_without_missing_glyphs(figure)
        named = [text for text in figure.findobj(Text) if text.get_text().removeprefix("asked: ") in ODD]
        assert named and not any(text.get_parse_math() for text in named)
    for figure in (kinds[3], kinds[4], kinds[13]):
        (legend,) = figure.findobj(Legend)
        assert sorted(text.get_text() for text in legend.get_texts()) == sorted(ODD)


def test_every_dial_has_its_panel_with_curves_intervals_and_bounds():
    points = pd.Index([0.0, 0.5, 1.0])
    frame = pd.DataFrame({"mean": [50.0, 60, 70], "low": [40.0, 55, 60], "high": [60.0, 70, 80]}, points)
    panels = {name: {"a": frame, "b": frame - 5, "best": frame[["mean"]] + 20} for name in "stuvw"}
    figure = dials(panels, "accuracy")
    shown = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title() for ax in shown] == list("stuvw")
    for ax in shown:
        assert [line.get_ydata().tolist() for line in ax.lines] == [[50, 60, 70], [45, 55, 65], [70, 80, 90]]
        low = [band.get_paths()[0].vertices[:, 1].min() for band in ax.collections]
        assert low == [40, 35]
    (legend,) = figure.findobj(Legend)
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "best"]


def test_the_axes_know_the_names_of_their_lines():
    """Chapter 11 moves a legend above its figure."""
    frame = pd.DataFrame({"mean": [0.0, 1], "low": [0.0, 1], "high": [0.0, 1]})
    for figure in (
        figures.lines(frame[["mean", "low"]], "x", "y"),
        figures.bands({"mean": frame, "low": frame}, "x", "y"),
    ):
        assert figure.axes[0].get_legend_handles_labels()[1] == ["mean", "low"]
