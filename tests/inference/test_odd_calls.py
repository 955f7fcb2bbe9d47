"""Rates that are none, and names that a drawing program would take for formulas."""

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.audio.signal import AudioError
from vcemo_lib.inference.answer import Answer
from vcemo_lib.inference.sounds import required
from vcemo_lib.inference.timeline import draw


@pytest.mark.parametrize("rate", ["16k", "16000", float("nan"), float("inf"), 16000.5, [16000], True + 0.5])
def test_a_rate_that_is_no_number_of_samples_is_a_sentence(rate):
    with pytest.raises(AudioError, match="give the samples a second as a whole number, such as 16000$"):
        required(rate)


@pytest.mark.parametrize("rate", [16000, 16000.0, np.int64(16000), np.float32(16000)])
def test_a_whole_number_of_any_kind_is_a_rate(rate):
    assert required(rate) == 16000


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("$\\frac{$.wav", "$\\frac{$.wav"),
        ("a$b$c_{.wav", "a$b$c_{.wav"),
        ("a\nb\t.wav", "a\\nb\\t.wav"),
        ("_hidden.wav", "_hidden.wav"),
    ],
)
def test_a_name_is_drawn_as_it_stands(name, shown, tmp_path):
    chance = pd.Series({"$x^$": 0.6, "_low": 0.4})
    figure = draw([Answer(file=f"/somewhere/{name}", text="", seconds=1.0, chance=chance)])
    figure.savefig(tmp_path / "a.svg")
    assert figure.axes[0].get_title() == shown
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["$x^$", "_low"]
