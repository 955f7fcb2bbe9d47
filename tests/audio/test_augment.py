"""Augmentation does what its numbers say, measured on the sound."""

import librosa
import numpy as np
import pytest

from vcemo_lib.audio.augment import add_noise, augmented, pitch_shift, time_stretch
from vcemo_lib.audio.signal import AudioError, log_mel, normalise
from vcemo_lib.config import SAMPLE_RATE, Augmentation, MelConfig


@pytest.fixture(scope="module")
def tone():
    """Two seconds of 220 Hz with three overtones."""
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    return sum(0.2 / k * np.sin(2 * np.pi * 220 * k * t) for k in range(1, 5)).astype(np.float32)


def semitones(wave):
    f0 = librosa.yin(wave, fmin=100, fmax=500, sr=SAMPLE_RATE, frame_length=2048)
    return 12 * np.log2(np.median(f0[5:-5]) / 220)


@pytest.mark.parametrize("snr_db", [30.0, 10.0])
def test_noise_has_the_ratio_that_was_asked_for(tone, snr_db):
    noise = add_noise(tone, snr_db, np.random.default_rng(0)).astype(np.float64) - tone
    assert 10 * np.log10(np.mean(tone.astype(np.float64) ** 2) / np.mean(noise**2)) == pytest.approx(snr_db, abs=0.5)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.03  # white


def test_silence_stays_silent():
    silence = np.zeros(1600, np.float32)
    assert not add_noise(silence, 30.0, np.random.default_rng(0)).any()


@pytest.mark.parametrize("steps", [-2.0, -0.7, 1.0, 2.0])
def test_pitch_moves_by_semitones_and_the_length_stays(tone, steps):
    shifted = pitch_shift(tone, steps)
    assert semitones(shifted) == pytest.approx(steps, abs=0.15)
    assert shifted.shape == tone.shape
    assert semitones(tone) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("rate", [0.9, 1.1])
def test_stretching_changes_the_duration_and_not_the_pitch(tone, rate):
    stretched = time_stretch(tone, rate)
    assert len(stretched) == pytest.approx(len(tone) / rate, rel=0.02)
    assert semitones(stretched) == pytest.approx(0, abs=0.15)
    with pytest.raises(AudioError, match="positive"):
        time_stretch(tone, 0)


def test_the_same_seed_gives_the_same_copy_and_another_seed_another(tone):
    copies = [augmented(tone, Augmentation(p=1.0), np.random.default_rng(seed)) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(copies[0], copies[1])
    assert copies[0].shape != copies[2].shape or not np.array_equal(copies[0], copies[2])
    np.testing.assert_array_equal(augmented(tone, Augmentation(p=0.0), np.random.default_rng(3)), tone)
    assert all(c.dtype == np.float32 and np.isfinite(c).all() for c in copies)


def test_each_kind_stays_in_its_range_and_is_applied_half_of_the_time(tone, monkeypatch):
    seen = {"pitch_shift": [], "time_stretch": [], "add_noise": []}
    for name, calls in seen.items():
        monkeypatch.setattr(
            f"vcemo_lib.audio.augment.{name}", lambda wave, value, *_, calls=calls: (calls.append(value), wave)[1]
        )
    rng = np.random.default_rng(0)
    for _ in range(400):
        augmented(tone, Augmentation(), rng)
    assert all(160 < len(calls) < 240 for calls in seen.values())
    assert -2 <= min(seen["pitch_shift"]) < -1.8
    assert 1.8 < max(seen["pitch_shift"]) <= 2
    assert 0.9 <= min(seen["time_stretch"]) < 0.92
    assert 1.08 < max(seen["time_stretch"]) <= 1.1
    assert set(seen["add_noise"]) == {30.0}


def test_normalising_takes_the_level_out_and_silence_does_not_divide_by_zero(tone):
    loud, quiet = (normalise(log_mel(gain * tone)[:, :20]) for gain in (1.0, 0.5))
    np.testing.assert_allclose(loud, quiet, atol=2e-2)
    np.testing.assert_allclose(loud.mean(0), 0, atol=1e-4)
    assert loud.std() == pytest.approx(1, abs=1e-3)
    assert np.abs(normalise(log_mel(np.zeros(8000, np.float32)))).max() < 0.01


def test_one_mean_for_the_utterance_keeps_the_balance_of_the_bands_and_one_a_band_does_not(tone):
    bright = log_mel(tone) + np.linspace(-2, 2, 80, dtype=np.float32)  # as a tense voice: more at the top
    for over, kept in (("utterance", True), ("band", False)):
        plain, tilted = normalise(log_mel(tone), over), normalise(bright, over)
        assert (np.abs(plain - tilted).max() > 0.3) == kept
        np.testing.assert_allclose(normalise(log_mel(tone) + 1.5, over), plain, atol=1e-4)  # louder is no other
        assert plain.mean() == pytest.approx(0, abs=1e-4)
        assert plain.std() == pytest.approx(1, abs=1e-3)
    with pytest.raises(AudioError, match="'band' or 'utterance'"):
        normalise(bright, "corpus")


def test_a_limited_range_hides_the_room_and_nothing_louder(tone):
    noisy = tone + 1e-4 * np.random.default_rng(0).standard_normal(len(tone)).astype(np.float32)
    whole, limited = log_mel(noisy), log_mel(noisy, MelConfig(range_db=40.0))
    floor = np.quantile(whole, 0.995) - 4 * np.log(10)
    np.testing.assert_allclose(limited, np.maximum(whole, floor), atol=1e-4)
    assert (whole < floor).mean() > 0.3
    assert np.ptp(limited) < np.ptp(whole) - 2
