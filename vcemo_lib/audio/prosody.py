"""Prosody, five numbers every 20 ms: pitch and its slope, voicing, spectral balance and level. Beyond the paper.

A mel shows who speaks as plainly as how it is said. These numbers leave the vocal tract out and tell less of the
speaker. Chapter 05 measures how much less, and what that is worth.
"""

import librosa
import numpy as np

from ..config import SAMPLE_RATE

# semitones above 55 Hz, semitones a second, 0 or 1, dB, dB
PROSODY = ("pitch", "movement", "voiced", "balance", "level")
HOP = 320  # samples: a frame every 20 ms, as speech models have it
LOW, HIGH = 65.0, 600.0  # Hz: where a pitch is looked for
PAUSE = -25.0  # dB: what lies further below the clip's loudest frame is none of its speech


def frames(wave: np.ndarray) -> np.ndarray:
    """(T,) at 16 kHz → (1 + T // 320, 5) float32, a T below 640 counts as 640; columns as in `PROSODY`.

    Pitch by YIN (librosa). Where there is no voice, a straight line leads from the voice before to the voice after, and
    in a pause the same holds for the balance of high and low bands: a pause says nothing but that it is one. The level
    is that below the loudest frame: how loud the whole clip is, the microphone decides.

    >>> pitch = frames(np.sin(np.arange(16000) * 2 * np.pi * 220 / 16000).astype(np.float32))[5:-5, 0]
    >>> bool(np.abs(pitch - 24).max() < 0.1)  # 220 Hz are two octaves above 55
    True
    """
    wave = np.pad(np.asarray(wave, np.float32), (0, max(0, 2 * HOP - len(wave))))
    power = np.abs(librosa.stft(y=wave, n_fft=512, hop_length=HOP // 2)) ** 2  # every 10 ms
    whole = power.sum(0)
    level = _db(whole / max(whole.max(), 1e-10))
    loud = level > PAUSE
    pitch, voiced = _pitch(wave, loud)
    band = librosa.fft_frequencies(sr=SAMPLE_RATE, n_fft=512)
    high, low = power[(band >= 1000) & (band < 5000)].sum(0), power[(band > 50) & (band < 1000)].sum(0)
    balance = _db((high + 1e-5 * whole + 1e-10) / (low + 1e-5 * whole + 1e-10))  # within ±50 dB
    movement = np.gradient(pitch) * 2 * SAMPLE_RATE / HOP
    columns = pitch, np.where(voiced, movement, 0.0), voiced, _bridge(balance, loud), np.maximum(level, PAUSE - 5)
    return np.stack(columns, 1)[::2].astype(np.float32)


class Prosody:
    """These frames as a `speech` setting: what `FeatureStore` asks of a speech model."""

    name, fingerprint = "prosody", "prosody 1"  # raise the number when the same sound begins to give other frames
    frames = staticmethod(frames)


def _pitch(wave: np.ndarray, loud: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Semitones above 55 Hz, smoothed, and where there is a voice: both (N,)."""
    hertz = librosa.yin(y=wave, fmin=LOW, fmax=HIGH, sr=SAMPLE_RATE, frame_length=1024, hop_length=HOP // 2)
    pitch = 12 * np.log2(hertz / 55)
    voiced = loud & (hertz > LOW + 5) & (hertz < HIGH - 50)  # at either end YIN has found none
    if voiced.any():
        voiced &= np.abs(pitch - np.median(pitch[voiced])) < 10  # nearly an octave off is a mistake
    return _smooth(_bridge(pitch, voiced)), voiced


def _bridge(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The values where they are known, straight lines between them, zeros if none is."""
    at = np.arange(len(values))
    return np.interp(at, at[known], values[known]) if known.any() else np.zeros(len(values))


def _smooth(values: np.ndarray) -> np.ndarray:
    """Mean of seven neighbours, the near ones weighing more."""
    bell = np.hanning(9)[1:-1]
    return np.convolve(np.pad(values, 3, mode="edge"), bell / bell.sum(), "valid")


def _db(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(power + 1e-10)
