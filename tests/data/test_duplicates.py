"""Clips that are one recording are found again, told in one sentence when a corpus is added, and quickly."""

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.audio.augment import add_noise
from vcemo_lib.cli import app
from vcemo_lib.data import duplicates
from vcemo_lib.data.corpus import Corpus
from vcemo_lib.data.duplicates import duplicates_line, fingerprint, near_duplicates

RNG = np.random.default_rng(0)


def coded(wave, form, subtype, rate=16_000):
    out = io.BytesIO()
    soundfile.write(out, wave, rate, format=form, subtype=subtype)
    return out.getvalue()


@pytest.fixture
def twins(corpus):
    """Twenty clips, of which 12, 15 and 18 are 2, 5 and 8 again: noisy, quieter, coded anew."""
    frame, rng = corpus.frame.head(20).copy(), np.random.default_rng(0)
    changed = {
        12: lambda wave: coded(add_noise(wave, 30, rng), "WAV", "FLOAT"),
        15: lambda wave: coded(0.3 * wave, "WAV", "PCM_16"),
        18: lambda wave: coded(wave, "MP3", "MPEG_LAYER_III"),
    }
    for row, change in changed.items():
        frame.at[row, "audio"] = change(corpus.wave(corpus.ids[row - 10]))
    return Corpus("twins", frame)


def test_a_recording_that_was_changed_a_little_is_found_again(twins, corpus):
    reported, _ = near_duplicates(twins)
    pairs = [{twins.ids[row], twins.ids[row - 10]} for row in (12, 15, 18)]
    assert sorted(map(sorted, reported)) == sorted(map(sorted, pairs))
    assert near_duplicates(corpus)[0] == []


def test_only_so_many_clips_are_compared(twins, monkeypatch):
    monkeypatch.setattr(duplicates, "PAIRS", 2)
    assert near_duplicates(twins)[1] <= 4
    monkeypatch.setattr(duplicates, "HEADERS", 10)
    assert near_duplicates(twins)[0] == []


def test_what_cannot_be_read_is_passed_over(twins):
    frame = twins.frame.copy()
    frame.at[0, "audio"] = b"no sound"
    for row in (3, 4):
        frame.at[row, "audio"] = coded(np.zeros(16_000, np.float32), "WAV", "PCM_16")
    for row in (6, 7):
        frame.at[row, "audio"] = coded(RNG.standard_normal(9_000), "WAV", "FLOAT", rate=6_000)
    assert len(near_duplicates(replace(twins, frame=frame))[0]) == 3


def test_one_sentence_says_it_when_the_corpus_is_added(twins, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    line = duplicates_line(twins)
    assert "near-duplicate audio: 3 pairs of clips that sound like one recording, such as" in line
    assert "of 20 clips whose lengths agree best" in line
    assert duplicates_line(corpus) == ""
    twins.frame[["id", "audio", "emotion", "text", "speaker"]].to_parquet(tmp_path / "twins.parquet")
    shown = CliRunner().invoke(app, ["corpus", "add", "manifest", str(tmp_path / "twins.parquet"), "--as", "twins"])
    assert line in shown.output


def test_a_fingerprint_has_length_one_and_silence_has_none(corpus):
    assert np.linalg.norm(fingerprint(corpus.wave(corpus.ids[0]))) == pytest.approx(1)
    assert np.isfinite(fingerprint(np.zeros(4000, np.float32))).all()
