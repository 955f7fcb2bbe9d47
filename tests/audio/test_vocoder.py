"""The phase vocoder and the log-mel are librosa's, in 64 bits to the last digits and in 32 to rounding."""

import librosa
import numpy as np
import pytest

from vcemo_lib.audio.augment import pitch_shift
from vcemo_lib.audio.signal import AudioError, log_mel, mel_filters, mel_power
from vcemo_lib.audio.vocoder import stretch
from vcemo_lib.config import SAMPLE_RATE, MelConfig


@pytest.fixture(scope="module", params=["glide", "noise", "silence in the middle"])
def wave(request):
    """(20,011,) float64."""
    rng, t = np.random.default_rng(0), np.arange(20_011) / SAMPLE_RATE
    if request.param == "noise":
        return 0.1 * rng.standard_normal(len(t))
    glide = 0.3 * np.sin(2 * np.pi * (200 * t + 300 * t**2))
    return glide if request.param == "glide" else np.where(abs(t - 0.6) < 0.3, 0.0, glide)


@pytest.mark.parametrize("rate", [0.5, 0.93, 1.0, 1.1, 2.3])
def test_stretching_is_librosas(wave, rate):
    theirs = librosa.effects.time_stretch(wave, rate=rate, n_fft=1024)
    np.testing.assert_allclose(stretch(wave, rate), theirs, atol=1e-9)


def test_of_32_bits_come_32_bits():
    """On noise; where a band is silent for a while, its phase afterwards hangs on the rounding, in librosa too."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(20_011)
    single = stretch(noise.astype(np.float32), 1.1)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, stretch(noise, 1.1), atol=1e-3)


@pytest.mark.parametrize("semitones", [-2.0, 0.7])
def test_shifting_the_pitch_is_librosas(wave, semitones):
    theirs = librosa.effects.pitch_shift(wave, sr=SAMPLE_RATE, n_steps=semitones, n_fft=1024)
    np.testing.assert_allclose(
        pitch_shift(wave, semitones), theirs, atol=1e-6
    )  # where a band is silent for a while, its phase afterwards hangs on rounding


@pytest.mark.parametrize("config", [MelConfig(), MelConfig(40, 1024, 1024, 320), MelConfig(13, 400, 301, 77)])
def test_the_log_mel_is_librosas(wave, config):
    sizes = {"n_fft": config.n_fft, "win_length": config.win_length, "hop_length": config.hop_length, "fmin": 20}
    bands = {"sr": SAMPLE_RATE, "n_fft": config.n_fft, "n_mels": config.n_mels, "fmin": 20, "dtype": float}
    np.testing.assert_allclose(mel_filters(config)[1], librosa.filters.mel(**bands).T, atol=1e-12)
    stft = {name: value for name, value in sizes.items() if name != "fmin"}
    power = np.abs(librosa.stft(wave, pad_mode="reflect", **stft)) ** 2
    theirs = np.log(np.maximum(librosa.filters.mel(**bands) @ power, 1e-6)).T
    np.testing.assert_allclose(np.log(np.maximum(mel_power(wave, config), 1e-6)), theirs, atol=1e-6)


def test_what_is_no_waveform_of_one_channel_has_no_log_mel():
    for shape in ((2, 16_000), (16_000, 1), (0,), ()):
        with pytest.raises(AudioError, match=r"a waveform of shape \(.*\): give the samples of one channel"):
            log_mel(np.zeros(shape, np.float32))
    assert log_mel(np.zeros(1, np.float32)).shape == (1, 80)
