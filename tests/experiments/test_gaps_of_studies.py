"""All studies on one axis: the figures are those of the single comparisons, and the sentences say them."""

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.evaluation.forest_plot import forest
from vcemo_lib.experiments.comparison import gap_between
from vcemo_lib.experiments.gaps_of_studies import study_gaps, told_studies
from vcemo_lib.experiments.parallel_runs import records
from vcemo_lib.experiments.request import Request


@pytest.fixture(scope="module")
def gaps():
    lines = {
        ("pace", "slow − fast"): (4.0, 2.0, 6.0, 3.0, True),
        ("pace", "slow − still"): (-0.5, -2.0, 1.0, 2.0, False),
        ("hue", "red − blue"): (1.5, -0.5, 3.5, 2.5, False),
    }
    frame = pd.DataFrame.from_dict(lines, orient="index", columns=["mean", "low", "high", "seen", "sure"])
    return frame.set_axis(pd.MultiIndex.from_tuples(lines, names=["study", "compared"]))


def test_the_sentences_count_what_is_sure_and_say_what_could_hide(gaps):
    sure, rest, silent = told_studies(gaps)
    assert sure == "1 of 3 differences are more than noise: pace: slow − fast +4.0."
    assert "The other 2 are not" in rest and "hue: red − blue +1.5; pace: slow − still -0.5" in rest
    assert "2.0 to 2.5 points" in rest
    assert silent == "Nothing is more than noise in hue."
    assert len(told_studies(gaps[gaps["sure"]])) == 1


def test_full_marks_are_sure_and_grey_bars_are_as_wide_as_what_cannot_be_shown(gaps):
    ax = forest(gaps, "points").axes[0]
    sure, hollow = (container.lines[0] for container in ax.containers[1:])
    assert sure.get_xdata().tolist() == [4.0] and hollow.get_xdata().tolist() == [-0.5, 1.5]
    assert hollow.get_markerfacecolor() == "white" != sure.get_markerfacecolor()
    assert np.allclose([bar.get_width() for bar in ax.patches], 2 * gaps["seen"])
    low, high = ax.get_xlim()
    assert low <= -gaps["seen"].max() and high >= gaps["high"].max()
    assert [label.get_text() for label in ax.get_yticklabels()][0] == "pace: slow − fast"


def test_a_line_is_the_comparison_of_its_two_rows():
    line = study_gaps(["depth"]).iloc[0]
    runs = {name: kept for (_, _, name), kept in records(Request("depth")).items()}
    gap = gap_between(*runs.values())
    assert line.name[1] == " − ".join(runs)
    assert (line["mean"], line["low"], line["seen"], line["sure"]) == (gap.mean, gap.low, gap.seen, gap.sure)
