"""Prosody frames: the right pitch, nothing of the level, nothing but a pause in a pause, and any clip at all."""

import librosa
import numpy as np
import pytest

from vcemo_lib.audio.prosody import PROSODY, Prosody, frames
from vcemo_lib.audio.speech_encoder import SpeechError, load
from vcemo_lib.config import SAMPLE_RATE
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.labels import task_labels
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.training.run import fit


def column(x: np.ndarray, name: str) -> np.ndarray:
    return x[:, PROSODY.index(name)]


def glide(start: float, end: float, seconds: float = 2.0) -> np.ndarray:
    """A tone with harmonics from one frequency to another, in equal semitones a second."""
    hertz = np.geomspace(start, end, int(seconds * SAMPLE_RATE))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    return sum(np.sin(k * phase) / k for k in range(1, 6)).astype(np.float32) / 4


def test_pitch_and_movement_of_a_glide():
    x = frames(glide(110, 220))[10:-10]
    expected = 12 + 12 * np.arange(10, 10 + len(x)) * 0.02 / 2  # one octave in two seconds, from an octave above 55 Hz
    assert np.abs(column(x, "pitch") - expected).max() < 0.3
    assert np.abs(np.median(column(x, "movement")) - 6) < 0.5
    assert column(x, "voiced").all()


def test_pitch_is_that_of_another_method_on_a_voice(sim_root):
    corpus = load_corpus("vcemo_sim", str(sim_root), limit=8)
    apart = []
    for name in corpus.ids:
        wave = corpus.wave(name)
        hertz, voiced, _ = librosa.pyin(wave, fmin=65, fmax=600, sr=SAMPLE_RATE, frame_length=1024, hop_length=320)
        x = frames(wave)
        both = voiced & (column(x, "voiced") > 0)
        apart.append(np.abs(column(x, "pitch")[both] - 12 * np.log2(hertz[both] / 55)))
    apart = np.concatenate(apart)
    assert len(apart) > 200
    assert np.median(apart) < 0.4
    assert (apart < 2).mean() > 0.9


def test_the_level_of_the_clip_is_not_heard():
    wave = glide(150, 120)
    assert np.abs(frames(0.1 * wave) - frames(wave)).max() < 0.01


def test_a_pause_is_level_and_nothing_else():
    tone, pause = glide(200, 200, 1.0), np.random.default_rng(0).normal(0, 1e-4, SAMPLE_RATE).astype(np.float32)
    x = frames(np.concatenate([tone, pause, tone]))
    inside = x[55:95]
    assert not column(inside, "voiced").any()
    assert not column(inside, "movement").any()
    assert np.abs(np.diff(column(inside, "pitch"))).max() < 0.01
    assert (column(inside, "level") <= -25).all()
    assert np.abs(np.diff(column(inside, "balance"), 2)).max() < 0.01  # a line from the one tone to the other


@pytest.mark.parametrize(
    "wave",
    [np.zeros(16_000), np.zeros(1), np.full(200, 0.5), np.random.default_rng(0).normal(0, 0.1, 8_000)],
    ids=["silence", "one sample", "too short", "noise"],
)
def test_any_clip_gives_finite_frames(wave):
    x = frames(wave.astype(np.float32))
    assert x.shape == (1 + max(len(wave), 640) // 320, 5)
    assert np.isfinite(x).all()


def test_the_acoustic_branch_learns_from_them(sim_root, small, cache, tmp_path):
    corpus = load_corpus("vcemo_sim", str(sim_root), limit=60)
    recipe = small.but(modalities=("audio",), speech="prosody", normalise="speaker", copies=0, mask_bands=0, epochs=2)
    store = FeatureStore(corpus, recipe.features)
    assert store.widths["speech_dim"] == len(PROSODY)
    assert isinstance(store.speech, Prosody)
    recipe = recipe.but(**store.widths)
    mine = store.batch(corpus.ids, task_labels(6))
    assert mine.mel.shape[2] == 5
    assert mine.mel[mine.mel_mask].mean(0).abs().max() < 0.02
    losses = [line["ce"] for line in fit(store, split_8_1_1(corpus), recipe, 0, tmp_path).history]
    assert losses[1] < losses[0]


def test_it_has_no_layers():
    with pytest.raises(SpeechError, match="'prosody' is measured, not a model, and has no layers"):
        load("prosody", 3)
