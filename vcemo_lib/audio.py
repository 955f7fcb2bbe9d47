"""From a file to a log-mel spectrogram (Paper §3.1; settings are our choice, A41)."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
import torch
import torchaudio

SAMPLE_RATE = 16_000
SHORTEST, LONGEST = 0.05, 60.0  # seconds; outside of these a clip is no single utterance


class AudioError(ValueError):
    """Audio that cannot be used; the message says what was found and what to do."""


def decode(audio: bytes | str | Path) -> np.ndarray:
    """Read wav, flac, ogg/opus or mp3 into (T,) float32 at 16 kHz; channels are averaged.

    Raises:
        AudioError: missing, empty, unreadable, not finite, or not between 0.05 and 60 s long.
    """
    name = f"{len(audio)} bytes of audio" if isinstance(audio, bytes) else str(audio)
    try:
        source = io.BytesIO(audio) if isinstance(audio, bytes) else _existing(audio)
        wave, rate = soundfile.read(source, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioError(f"cannot read {name} ({error}): give wav, flac, ogg/opus or mp3") from None
    return to_16k(_checked(wave.mean(axis=1), rate, name), rate)


def _existing(path) -> str:
    if not Path(path).is_file():
        raise AudioError(f"no such audio file: {path}: check the path or the corpus root")
    if Path(path).stat().st_size == 0:
        raise AudioError(f"audio file of 0 bytes: {path}: copy it again or drop the row")
    return str(path)


def _checked(wave: np.ndarray, rate: int, name: str) -> np.ndarray:
    if not np.isfinite(wave).all():
        raise AudioError(f"{name} holds values that are not finite (NaN or infinity): export it again")
    if not SHORTEST <= len(wave) / rate <= LONGEST:
        raise AudioError(f"{name} lasts {len(wave) / rate:.2f} s: an utterance lasts {SHORTEST} to {LONGEST:.0f} s")
    return wave


def to_16k(wave: np.ndarray, rate: int) -> np.ndarray:
    """Resample (T,) from `rate` Hz to 16 kHz with a windowed sinc."""
    if not 8_000 <= rate <= 192_000:
        raise AudioError(f"a sampling rate of {rate} Hz: expected 8,000 to 192,000: resample it")
    if rate == SAMPLE_RATE:
        return np.ascontiguousarray(wave, dtype=np.float32)
    return torchaudio.functional.resample(torch.from_numpy(np.ascontiguousarray(wave)), rate, SAMPLE_RATE).numpy()


@dataclass(frozen=True)
class MelConfig:
    """Settings of the mel-spectrogram (A41): 25 ms windows every 10 ms, 80 bands from 20 Hz to 8 kHz."""

    n_mels: int = 80
    n_fft: int = 512
    win_length: int = 400
    hop_length: int = 160


@lru_cache(maxsize=4)
def _mel_transform(config: MelConfig) -> torchaudio.transforms.MelSpectrogram:
    return torchaudio.transforms.MelSpectrogram(
        SAMPLE_RATE, n_fft=config.n_fft, win_length=config.win_length, hop_length=config.hop_length,
        n_mels=config.n_mels, f_min=20.0, norm="slaney", mel_scale="slaney")


def log_mel(wave: np.ndarray, config: MelConfig = MelConfig()) -> np.ndarray:
    """(T,) waveform at 16 kHz → (1 + T // hop, n_mels) float32, natural log of mel power.

    log( max(mel_bank · |STFT|², 1e-6) ); Paper §3.1.

    >>> log_mel(np.zeros(16000, np.float32)).shape
    (101, 80)
    """
    power = _mel_transform(config)(torch.from_numpy(np.asarray(wave, np.float32)))
    return power.clamp_min(1e-6).log().T.contiguous().numpy()


def normalise(mel: np.ndarray) -> np.ndarray:
    """Per-utterance standardisation of (T, n_mels): each band to mean 0, all bands to a common deviation 1.

    Removing each band's mean takes out the microphone and the level; the common scale keeps which bands move most.
    """
    centred = mel - mel.mean(axis=0, keepdims=True)
    return centred / max(float(centred.std()), 1e-3)
