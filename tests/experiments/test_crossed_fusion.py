"""Fusion on real voices: what stands beside what, what is asked, and that a crossing can be learnt at all."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from crossed import made

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.experiments.crossed_fusion import ASKED, NAMED, PLAN, opinion, paired, syllables
from vcemo_lib.experiments.crossed_voices import anew, asked_anew, folds_anew
from vcemo_lib.experiments.probes.synthetic import utterances
from vcemo_lib.experiments.real_records import read_lines
from vcemo_lib.paths import RESULTS

DEEPLY, RECORD = Path(__file__).parents[3] / "shared" / "data" / "deeply", RESULTS / "deeply_fusion.json"


def test_a_syllable_has_one_vector_wherever_it_stands_and_marks_have_none():
    words, mask = syllables(["가나 가!", "나"])
    assert mask.tolist() == [[True, True, True], [True, False, False]]
    assert torch.equal(words[0, 0], words[0, 2]) and torch.equal(words[0, 1], words[1, 0])
    assert not torch.equal(words[0, 0], words[0, 1])


@pytest.fixture(scope="module")
def voices():
    """Made-up clips: the voice in the first bands of the sound, the wording in the words."""
    data = made(0.0)
    n, rng = len(data.words), torch.Generator().manual_seed(0)
    mel = 0.3 * torch.randn(n, 24, 40, generator=rng)
    mel[np.arange(n), :, 8 * data.voice] += 3
    words = torch.randn(3, 64, generator=rng)[data.words][:, None].repeat(1, 4, 1)
    return data, utterances(words, mel, torch.zeros(n, dtype=torch.long))


def test_a_pair_has_the_words_of_one_clip_and_the_sound_of_another(voices):
    data, whole = voices
    pairs = np.array([0, 1]), np.array([4, 8])
    for both, labels in (
        (False, data.words[:2] == data.voice[[4, 8]]),
        (True, 3 * data.words[:2] + data.voice[[4, 8]]),
    ):
        batch = paired(whole, data, pairs, both)
        assert torch.equal(batch.words, whole.words[:2]) and torch.equal(batch.mel, whole.mel[[4, 8]])
        assert batch.labels.tolist() == labels.astype(int).tolist()


def test_vcemo_that_names_both_knows_agreement(voices):
    data, whole = voices
    rows, _, asked = next(folds_anew(data))
    fit = anew(data, rows, np.random.default_rng(0), 400)
    plan = replace(PLAN, updates=60, learning_rate=3e-3, view=None)
    p = opinion(NAMED, whole, data, fit, asked, plan, 0)
    assert np.allclose(p.sum(1), 1)
    assert (p.argmax(1) == (data.words[asked[0]] == data.voice[asked[1]])).mean() > 0.9
    assert opinion(ASKED, whole, data, fit, asked, replace(plan, updates=1), 0).shape == p.shape


def test_simple_ways_are_asked_the_same_pairs():
    data = made(0.0)
    truth, scripts, opinions = asked_anew(data)
    pairs = [asked for *_, asked in folds_anew(data)]
    assert np.array_equal(truth, np.concatenate([data.words[a] == data.voice[b] for a, b in pairs]))
    assert np.array_equal(scripts, np.concatenate([data.script[a] for a, _ in pairs]))
    assert {p.shape for p in opinions.values()} == {(len(truth), 2)}


@pytest.mark.skipif(not (DEEPLY.is_dir() and RECORD.is_file()), reason="no shared/data/deeply, or no record of it yet")
def test_the_record_is_of_the_real_voices():
    text = RECORD.read_text(encoding="utf-8")
    assert load_corpus("deeply", DEEPLY, task="both").hash in text
    lines, simple = (read_lines(RESULTS / f"{name}.json") for name in ("deeply_fusion", "deeply_crossed"))
    for way in ("sound", "text", "product", "both named"):
        assert lines[f"from {way}"] == simple[f"agreement, paired anew, from {way}"]
