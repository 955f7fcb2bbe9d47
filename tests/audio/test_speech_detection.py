"""What is no speech is told from speech, at any level, and silence around a sentence is cut."""

import numpy as np
import pytest

from vcemo_lib.audio import silero_vad
from vcemo_lib.audio.silero_vad import VadError, around_speech, speech

RNG = np.random.default_rng(0)
T = np.arange(48_000) / 16_000
NO_SPEECH = {
    "noise": 0.1 * RNG.standard_normal(48_000),
    "rumble": np.cumsum(RNG.standard_normal(48_000)) / 500,
    "hum": 0.3 * np.sin(2 * np.pi * 50 * T) + 0.1 * np.sin(2 * np.pi * 150 * T),
    "a click": np.eye(1, 48_000, 20_000)[0] * 0.9,
    "clicks": 0.5 * (RNG.random(48_000) < 1e-3),
    "a tone": 0.3 * np.sin(2 * np.pi * 1000 * T),
    "a chord": sum(0.1 * np.sin(2 * np.pi * hertz * T) for hertz in (262, 330, 392)),
    "breath": 0.05 * RNG.standard_normal(48_000) * np.abs(np.sin(np.pi * T)),
    "a siren": 0.3 * np.sin(2 * np.pi * (100 + 500 * T) * T),
    "a buzzer": 0.3 * np.sign(np.sin(2 * np.pi * 120 * T)),
    "next to nothing": 1e-4 * RNG.standard_normal(48_000),
}


@pytest.mark.parametrize("kind", NO_SPEECH)
@pytest.mark.parametrize("decibels", [-30, 0, 10])
def test_what_is_no_speech(kind, decibels):
    wave = (NO_SPEECH[kind] * 10 ** (decibels / 20)).astype(np.float32)
    assert speech(wave) == []
    assert around_speech(wave) is None


@pytest.mark.parametrize("decibels", [-40, -20, 0, 20])
def test_sentences_are_found_and_left_whole(corpus, decibels):
    for utterance in corpus.ids[:8]:
        wave = corpus.wave(utterance)
        louder = (wave * 10 ** (decibels / 20)).astype(np.float32)
        assert around_speech(louder) == (0, len(wave))
        assert 0.3 < sum(end - start for start, end in speech(louder)) / len(wave) <= 1


@pytest.mark.parametrize(("before", "after"), [(15, 0), (0, 15), (40, 5)])
def test_silence_around_a_sentence_is_cut(corpus, before, after):
    wave = corpus.wave(corpus.ids[0])
    room = [1e-4 * RNG.standard_normal(seconds * 16_000) for seconds in (before, after)]
    start, end = around_speech(np.concatenate([room[0], wave, room[1]]).astype(np.float32))
    assert abs(start - max(before - 0.1, 0) * 16_000) < 0.4 * 16_000
    assert abs(end - (before * 16_000 + len(wave))) < 0.6 * 16_000


@pytest.mark.parametrize("offset", [-0.6, 0.3, 0.9])
def test_a_constant_offset_hides_no_voice(corpus, offset):
    wave = corpus.wave(corpus.ids[0])
    assert around_speech((0.3 * wave + offset).astype(np.float32)) == (0, len(wave))


def test_a_click_louder_than_the_voice_hides_no_voice(corpus):
    wave = 0.02 * corpus.wave(corpus.ids[0])
    wave[::4000] = 0.9
    assert speech(wave)


def test_without_its_package_the_detector_names_it(monkeypatch):
    monkeypatch.setattr(silero_vad, "find_spec", lambda name: None if name == "faster_whisper" else object())
    with pytest.raises(
        VadError, match="needs faster-whisper, which is not installed: run 'pip install faster-whisper'"
    ):
        speech(np.zeros(16_000, np.float32))
