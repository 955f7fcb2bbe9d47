"""Features of `level="reference"` are the same however loud a clip was recorded.

Those of `level="speaker"` are the same however loud a person's clips were recorded, and keep which is louder.
"""

from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.audio.signal import QUIETEST, REFERENCE, at_reference, doubt, gain_taken, log_mel
from vcemo_lib.config import ConfigError, FeatureConfig
from vcemo_lib.data.sound import Sound
from vcemo_lib.data.voices import average, enrolled, voice_of
from vcemo_lib.digests import settings


@pytest.fixture(scope="module")
def wave(corpus):
    return corpus.wave(corpus.ids[0])


@pytest.mark.parametrize("decibels", [-40, -30, -12, 6, 20])
def test_the_gain_goes(wave, decibels):
    louder = (wave * 10 ** (decibels / 20)).astype(np.float32)
    assert np.abs(log_mel(louder) - log_mel(wave)).max() > 0.5  # the absolute floor sees to it
    np.testing.assert_allclose(at_reference(louder), at_reference(wave), atol=1e-6)


def test_a_constant_offset_goes(wave):
    np.testing.assert_allclose(at_reference(wave + np.float32(0.2)), at_reference(wave), atol=1e-4)


def test_the_loud_frames_of_a_steady_tone_are_at_the_reference():
    """A sine of any size becomes one of 0.1 · √2: its root mean square is its size by √2."""
    tone = 0.003 * np.sin(2 * np.pi * 400 * np.arange(16_000) / 16_000)
    assert np.abs(at_reference(tone)).max() == pytest.approx(REFERENCE * np.sqrt(2), rel=1e-3)
    assert len(at_reference(tone[:100])) == 100


def of_speaker(corpus, wave: np.ndarray) -> np.ndarray:
    """Frames of a sound with the level "speaker"."""
    return Sound(corpus, FeatureConfig(level="speaker", normalise="speaker"), keep=False).frames_of(wave)


@pytest.mark.parametrize("decibels", [-30, -12, 20])
def test_what_is_taken_is_the_gain_and_is_put_back(corpus, wave, decibels):
    louder = (wave * 10 ** (decibels / 20)).astype(np.float32)
    assert gain_taken(louder) - gain_taken(wave) == pytest.approx(decibels * np.log(10) / 10, abs=1e-4)
    more = of_speaker(corpus, louder) - of_speaker(corpus, wave)
    np.testing.assert_allclose(more, decibels * np.log(10) / 10, atol=1e-3)


def test_silence_is_no_louder_than_the_quietest(corpus):
    assert gain_taken(np.zeros(8_000, np.float32)) == pytest.approx(2 * np.log(QUIETEST / REFERENCE))
    assert np.isfinite(of_speaker(corpus, np.zeros(8_000, np.float32))).all()


@pytest.mark.parametrize("decibels", [-30, 20])
@pytest.mark.parametrize("known", [0, 2])
def test_of_a_person_s_clips_the_common_gain_goes_and_the_difference_stays(corpus, decibels, known):
    waves = [corpus.wave(i) for i in corpus.ids[:3]]
    people = average(voice_of([of_speaker(corpus, corpus.wave(i))]) for i in corpus.ids[3:6])

    def read(gain: float, first: float = 1.0) -> np.ndarray:
        """The first clip as a model reads it, beside so many of the person's others."""
        scaled = [(w * gain * (first if k == 0 else 1)).astype(np.float32) for k, w in enumerate(waves[: known + 1])]
        frames = [of_speaker(corpus, w) for w in scaled]
        return enrolled(frames, people, 100.0, as_loud=True).taken_from(frames[0])

    np.testing.assert_allclose(read(10 ** (decibels / 20)), read(1.0), atol=2e-3)
    louder = (read(1.0, first=2.0) - read(1.0)).mean()
    assert louder > 0.1 if known else abs(louder) < 1e-3


def test_the_frames_of_a_speech_model_hold_no_gain(corpus, wave):
    """So the average speaker, as loud as anybody, is taken from them as it is."""
    config = FeatureConfig(level="speaker", normalise="speaker", speech="prosody")
    sound = Sound(corpus, config, keep=False)
    assert not sound.keeps_gain and Sound(corpus, replace(config, speech=None), keep=False).keeps_gain
    np.testing.assert_allclose(sound.frames_of(wave * np.float32(0.1)), sound.frames_of(wave), atol=1e-3)


def test_as_recorded_is_the_default_and_changes_no_key():
    assert "level" not in settings(FeatureConfig())
    with pytest.raises(ConfigError, match="level='loud' is unknown"):
        FeatureConfig(level="loud")


@pytest.mark.parametrize("shift", [0, 0.5])
@pytest.mark.parametrize("hertz", [500, 1000, 2000, 4000])
def test_a_tone_that_meets_its_peak_in_each_period_is_not_clipped_until_it_is_cut(hertz, shift):
    """Of 1 kHz at 16 kHz one sample in eight is the largest; moved by half a sample, one in four."""
    tone = np.sin(2 * np.pi * hertz * (np.arange(16_000) + shift) / 16_000).astype(np.float32)
    assert doubt(tone / np.abs(tone).max()) == doubt(0.3 * tone) == ""
    if hertz <= 1000:
        assert doubt(np.clip(3 * tone, -1, 1)) == doubt(0.3 * np.clip(3 * tone, -1, 1)) == "clipped"
