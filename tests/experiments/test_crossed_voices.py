"""The crossing, on made-up clips of which it is known what tells what, and on the real voices where they are."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from crossed import made

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.experiments.crossed_voices import (
    alone,
    anew,
    given_away,
    named_both,
    paired_anew,
)
from vcemo_lib.experiments.marked_texts import emotions_at_once
from vcemo_lib.experiments.real_records import over_scripts, read_lines, told_over_seeds, write_lines
from vcemo_lib.paths import RESULTS

DEEPLY = Path(__file__).parents[3] / "shared" / "data" / "deeply"


def test_without_a_leak_neither_alone_knows_agreement_and_both_named_do():
    lines = alone(made(0.0))
    assert lines["voice from sound"]["accuracy"] > 90
    assert lines["text from text"]["accuracy"] > 90
    for source in ("sound", "text"):
        assert lines[f"agreement from {source}"]["mean recall"] < 65
    assert lines["agreement from both named"]["accuracy"] > 85


def test_a_leak_is_found_where_it_was_put_and_is_gone_when_paired_anew():
    data = made(6.0)
    leaks = given_away(data)
    assert leaks["text from background"]["accuracy"] > 90
    assert leaks["text from length"]["accuracy"] < 50
    assert leaks["text from who speaks"]["accuracy"] <= 50
    assert alone(data)["text from sound"]["accuracy"] > 85
    again = paired_anew(data)
    for source in ("sound", "text", "product"):
        assert again[f"agreement, paired anew, from {source}"]["accuracy"] == pytest.approx(50, abs=8)
    assert again["agreement, paired anew, from both named"]["accuracy"] > 85
    assert again["agreement, paired anew, gain of naming both"]["low"] > 25


def test_pairs_agree_in_half_and_the_wording_of_who_lends_the_sound_tells_nothing():
    data, rng = made(0.0), np.random.default_rng(1)
    text, sound = anew(data, np.arange(len(data.words)), rng, 6000)
    agree = data.words[text] == data.voice[sound]
    assert agree.mean() == pytest.approx(0.5, abs=0.02)
    for of in (data.words[text], data.voice[sound], data.words[sound]):
        assert [agree[of == k].mean() for k in range(3)] == pytest.approx([0.5] * 3, abs=0.05)


def test_naming_both():
    words, voice = np.array([[0.8, 0.1, 0.1]]), np.array([[0.5, 0.25, 0.25]])
    assert named_both(words, voice, "agreement")[0] == pytest.approx([0.55, 0.45])
    assert named_both(words, voice, "both").sum() == pytest.approx(1)


def test_a_gain_is_drawn_over_whole_scripts():
    scripts = np.repeat(np.arange(20), 30)
    gain = np.repeat((np.arange(20) % 2).astype(float), 30)  # all or nothing in a script
    measured = over_scripts(gain[:, None], scripts)
    assert measured["accuracy"] == 50
    assert measured["high"] - measured["low"] > 30  # 600 clips by themselves would give 8


def test_a_gain_is_drawn_over_seeds_too():
    scripts = np.repeat(np.arange(200), 5)
    seeds = np.tile([0.2, 0.4, 0.6], (1000, 1))  # every script alike: only the seed makes a difference
    assert over_scripts(seeds, scripts) == {"accuracy": 40.0, "low": 20.0, "high": 60.0}


def test_a_model_of_several_seeds_is_told_by_its_mean_and_by_each():
    y, scripts = np.array([0, 1, 0, 1] * 10), np.arange(40)
    right, wrong = np.eye(2)[y], np.eye(2)[1 - y]
    line = told_over_seeds(y, [right, right, wrong, right], scripts)
    assert line["by seed"] == [100, 100, 0, 100] and line["accuracy"] == 75
    assert line["seeds"] == 4 and line["low"] < 75 < line["high"]


def test_texts_with_several_emotions_are_counted():
    marks = pd.DataFrame(
        [(1, 1, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (0,) * 6, (0, 0, 0, 1, 1, 1)],
        columns=["anger", "disgust", "fear", "joy", "sadness", "surprise"],
    )
    lines = emotions_at_once(marks.assign(marks=marks.sum(axis=1)))
    assert lines["two or more, of the texts with any"] == {"texts": 2, "of": 3, "per cent": 66.7}
    assert lines["anger beside another"] == {"texts": 1, "of": 2, "per cent": 50.0}
    assert lines["0 marked"]["texts"] == 1


def test_a_record_is_read_as_it_was_written(tmp_path, corpus):
    lines = {"a from b": {"accuracy": 50.0}}
    assert write_lines(tmp_path / "x.json", corpus, lines) == lines == read_lines(tmp_path / "x.json")


@pytest.mark.skipif(not DEEPLY.is_dir(), reason="shared/data/deeply is not here")
def test_the_record_is_of_the_real_voices():
    corpus = load_corpus("deeply", DEEPLY, task="both")
    record = (RESULTS / "deeply_crossed.json").read_text(encoding="utf-8")
    assert corpus.hash in record
    lines = read_lines(RESULTS / "deeply_crossed.json")
    assert lines["voice from text"]["accuracy"] < 40 < 90 < lines["voice from sound"]["accuracy"]
    for source in ("sound", "text", "product"):
        low, high = (lines[f"agreement, paired anew, from {source}"][end] for end in ("low", "high"))
        assert low - 1 < 50 < high + 1
    assert lines["agreement, paired anew, gain of naming both"]["low"] > 10
