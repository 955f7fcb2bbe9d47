"""The paper's three augmentations of the waveform (Paper §3.5; ranges are our choice, A42)."""

import numpy as np
import soxr

from ..config import SAMPLE_RATE, Augmentation
from .signal import AudioError
from .vocoder import stretch


def add_noise(wave: np.ndarray, snr_db: float, rng: np.random.Generator) -> np.ndarray:
    """Add white Gaussian noise at a signal-to-noise ratio, decibels; silence stays silent.

    σ² = mean(x²) / 10^(SNR/10); Paper §3.5 uses 30 dB.
    """
    sigma = np.sqrt(np.mean(wave.astype(np.float64) ** 2) / 10 ** (snr_db / 10))
    return (wave + sigma * rng.standard_normal(len(wave))).astype(np.float32)


def pitch_shift(wave: np.ndarray, semitones: float) -> np.ndarray:
    """Move the pitch by semitones (12 an octave) and keep the length: slower or faster, and read at another rate.

    Paper §3.5, by librosa; the same to rounding (tests/audio/test_vocoder.py).
    """
    rate = 2 ** (-semitones / 12)
    moved = soxr.resample(stretch(wave, rate), SAMPLE_RATE / rate, SAMPLE_RATE)[: len(wave)]
    return np.pad(moved, (0, len(wave) - len(moved)))


def time_stretch(wave: np.ndarray, rate: float) -> np.ndarray:
    """Speak `rate` times as fast: (T,) → (round(T / rate),). Paper §3.5, by librosa; the same to rounding.

    Raises:
        AudioError: a rate of 0 or less.
    """
    if rate <= 0:
        raise AudioError(f"a stretch rate of {rate}: expected a positive number, 1.1 is ten per cent faster")
    return stretch(wave, rate)


def augmented(wave: np.ndarray, ranges: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """One random copy of (T,): pitch, then tempo, then noise, so that the noise itself is not warped (A42)."""
    if rng.random() < ranges.p:
        wave = pitch_shift(wave, rng.uniform(-ranges.semitones, ranges.semitones))
    if rng.random() < ranges.p:
        wave = time_stretch(wave, rng.uniform(1 - ranges.stretch, 1 + ranges.stretch))
    if rng.random() < ranges.p:
        wave = add_noise(wave, ranges.snr_db, rng)
    return wave
