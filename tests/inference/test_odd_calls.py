"""Rates that are none, and names that a drawing program would take for formulas."""

import csv
import doctest
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.audio.signal import AudioError
from vcemo_lib.cli import arguments
from vcemo_lib.config import ConfigError
from vcemo_lib.inference.answer import Answer, PredictError, chosen_classes
from vcemo_lib.inference.listening import required
from vcemo_lib.inference.row_formats import formatted
from vcemo_lib.inference.timeline import draw


@pytest.mark.parametrize(
    "rate", ["16k", "16000", float("nan"), float("inf"), np.float32("inf"), 10**400, 16000.5, [16000], True + 0.5]
)
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


def test_a_class_with_a_comma_or_the_name_of_a_column_is_kept_apart():
    assert doctest.testmod(arguments).failed == 0
    chance = pd.Series({"a,b": 0.25, "text": 0.75})
    odd = Answer(file="a.wav", text="好", seconds=1.0, chance=chance)
    parsed = next(csv.DictReader(io.StringIO("\n".join(formatted([odd], "csv", ["a,b", "text"])))))
    assert (parsed["text"], parsed["chance of text"], parsed["a,b"]) == ("好", "0.75", "0.25")
    assert "\x1b" not in "".join(formatted([replace(odd, text="a\x1b[3m")], "srt"))
    with pytest.raises(PredictError, match="no class 'a': name two or more of \"a,b\", text$"):
        chosen_classes(("a,b", "text"), ["a", "b"])
    with pytest.raises(ConfigError, match="'uncertain', which is a class of this model: leave the option out"):
        arguments.require_told_apart(0.5, ("sure", "uncertain"))
    arguments.require_told_apart(0.0, ("sure", "uncertain"))
