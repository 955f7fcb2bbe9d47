"""From a file to a log-mel spectrogram (Paper §3.1; settings are our choice, A41)."""

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from ..config import MEL, SAMPLE_RATE, MelConfig
from .decoding import SHORTEST, AudioError, check_rate, claimed, named, no_utterance, opened, samples, source_of
from .flac_checksum import ALTERED, is_altered
from .other_sounds import SECOND, second_sound

SILENCE = 2e-4  # largest difference between samples, of full scale 1, that a clip without sound has
FULL_SCALE, FLAT = 0.999, 0.9999  # shares of 1, and of a clip's peak, above which its tops are cut off
LOUDEST = 1e10  # of full scale 1, a sample of whole numbers of 32 bits by mistake is below; the mel of more overflows
HOLE = "a part of it is damaged and left out"
QUIETEST, REFERENCE = 1e-4, 0.1  # of full scale: for `gain_taken`; to which `at_reference` brings the loud parts


def decode(audio: bytes | str | Path) -> np.ndarray:
    """Read a sound into (T,) float32 at 16 kHz; channels are averaged, and where they are at odds the loudest is taken.

    A clip is refused when it is shorter than 0.05 s, longer than 60 s or silent; a clipped one is used, see `doubt`.

    Raises:
        AudioError: missing, empty, unreadable, not finite, silent, or of a length that is no utterance's.
    """
    return to_16k(*read(audio))


def changed(audio: bytes | str | Path) -> AudioError:
    """The error of a file that is no longer what it was when it was looked at first."""
    return AudioError(f"{named(audio)} changed while it was read: let it be written to its end, and try again")


def read(audio: bytes | str | Path) -> tuple[np.ndarray, int]:
    """The sound as `decode` reads it, but (T,) at the rate of its file, and that rate.

    Raises:
        AudioError: it cannot be read, is not finite, too short or silent.
    """
    wave, rate = samples(audio)
    try:
        return checked(wave, rate, named(audio)), rate
    except AudioError as error:
        if second_sound(audio):
            raise AudioError(f"{error}; {SECOND}") from None
        raise


def has_hole(audio: bytes | str | Path, decoded: int) -> bool:
    """Whether a FLAC or Ogg promises more samples than were decoded: what its checksums refuse is left out unsaid."""
    try:
        with opened(source_of(audio)) as file:
            return file.format in ("FLAC", "OGG") and decoded < file.frames
    except (AudioError, soundfile.LibsndfileError, OSError):
        return False


def inner_damage(audio: bytes | str | Path, decoded: int) -> str:
    """What a checksum in a file says of the samples that were decoded, "" where nothing."""
    return HOLE if has_hole(audio, decoded) else ALTERED if is_altered(audio) else ""


def n_samples(audio: bytes | str | Path) -> int:
    """How many samples `decode` gives, by the header of the file alone where libsndfile reads it."""
    if (header := claimed(audio)) is None:
        return len(decode(audio))
    frames, rate = header
    return round(frames * SAMPLE_RATE / rate) if _is_odd(rate) else -(-frames * SAMPLE_RATE // rate)


def require_sound(samples: np.ndarray, name: str) -> None:
    """Raise AudioError where a sample is not finite, or larger than that of any sound."""
    if not np.isfinite(samples).all():
        raise AudioError(f"{name} holds values that are not finite (NaN or infinity): export it again")
    if (peak := np.abs(samples).max(initial=0)) > LOUDEST:
        raise AudioError(f"{name} has samples of up to {peak:.0e}, where full scale is 1: export it again")


def checked(wave: np.ndarray, rate: int, name: str) -> np.ndarray:
    """The sound as it is, or AudioError where it is not finite, too short or silent."""
    require_sound(wave, name)
    if len(wave) / rate < SHORTEST:
        raise no_utterance(name, len(wave) / rate)
    if np.ptp(wave) < SILENCE:
        raise AudioError(
            f"{name} is silent (no sample differs from another by {SILENCE}): record it again or drop the row"
        )
    return wave


def doubt(wave: np.ndarray) -> str:
    """Why a usable clip is doubtful: `clipped` (1 % of its samples at full scale or 2 % flat), `faint` (−40 dB), or "".

    A pure tone whose period is a whole number of samples meets its peak in many, but never in three that follow each
    other; what is cut does somewhere.

    >>> doubt(np.sign(np.sin(np.arange(16000) / 20)))
    'clipped'
    """
    size = np.abs(wave)
    peak = float(size.max())
    if peak < 0.01:
        return "faint"
    full = peak < 1.5 and (size >= FULL_SCALE).mean() > 0.01  # a codec goes a little beyond, floating point any way
    flat = (size >= FLAT * peak).mean() > 0.02  # cut, and made quieter or louder afterwards
    return "clipped" if (full or flat) and _stays(wave, FULL_SCALE if full else FLAT * peak) else ""


def _stays(wave: np.ndarray, level: float) -> bool:
    """Whether three samples in a row are at least at this level, or at most at its negative."""
    ends = (wave >= level, wave <= -level)
    return any(bool((end[:-2] & end[1:-1] & end[2:]).any()) for end in ends)


def to_16k(wave: np.ndarray, rate: int) -> np.ndarray:
    """Resample (T,) from `rate` Hz to 16 kHz with a windowed sinc."""
    check_rate(rate)
    if rate == SAMPLE_RATE:
        return np.ascontiguousarray(wave, dtype=np.float32)
    if _is_odd(rate):
        import soxr

        return soxr.resample(np.asarray(wave, np.float32), rate, SAMPLE_RATE)
    import torch
    from torchaudio.functional import resample

    return resample(torch.from_numpy(np.ascontiguousarray(wave)), rate, SAMPLE_RATE).numpy()


def _is_odd(rate: int) -> bool:
    """Whether, as at 44,101 Hz, torchaudio's table of filters would take gigabytes."""
    return rate // math.gcd(rate, SAMPLE_RATE) > 2_000


def at_reference(wave: np.ndarray) -> np.ndarray:
    """(T,) → (T,) float32 of one loudness, whatever the microphone's gain and constant offset were.

    The level is that which one in 20 of the clip's 25 ms frames exceeds (root mean square); it becomes 0.1. The floor
    of `log_mel` is absolute: without this, a quiet clip loses cells to it that a loud one keeps.
    """
    wave = wave - wave.mean(dtype=np.float64)
    return (wave * (REFERENCE / max(_level(wave), 1e-9))).astype(np.float32)


def _level(wave: np.ndarray) -> float:
    size = min(400, len(wave))
    frames = wave[: len(wave) // size * size].reshape(-1, size)
    return float(np.sqrt(np.quantile(np.square(frames).mean(axis=1), 0.95)))


def gain_taken(wave: np.ndarray) -> float:
    """What `at_reference` takes from each cell of a log-mel, 2 · log(level / 0.1); of a silent clip at most −80 dB."""
    return 2 * float(np.log(max(_level(wave - wave.mean(dtype=np.float64)), QUIETEST) / REFERENCE))


@lru_cache(maxsize=8)
def mel_filters(config: MelConfig) -> tuple[np.ndarray, np.ndarray]:
    """Hann's window in the middle of (n_fft,) and the bands (n_fft // 2 + 1, n_mels): Slaney's triangles of area 1."""
    size, spare = config.win_length, config.n_fft - config.win_length
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    edges = slaney_hertz(config.n_mels + 2)
    hertz, width = np.linspace(0, SAMPLE_RATE / 2, config.n_fft // 2 + 1)[:, None], np.diff(edges)
    rising, falling = (hertz - edges[:-2]) / width[:-1], (edges[2:] - hertz) / width[1:]
    bands = np.minimum(rising, falling).clip(min=0) * (2 / (edges[2:] - edges[:-2]))
    return np.pad(window, (spare // 2, spare - spare // 2)), bands


def slaney_hertz(n: int) -> np.ndarray:
    """(n,) frequencies from 20 Hz to 8 kHz, even in Slaney's mel: 3/200 a Hz, from 1 kHz on by the logarithm."""
    step = 27 / math.log(6.4)
    mel = np.linspace(20 * 3 / 200, 15 + step * math.log(SAMPLE_RATE / 2 / 1000), n)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) / step))


def mel_power(wave: np.ndarray, config: MelConfig = MEL) -> np.ndarray:
    """(T,) waveform at 16 kHz → (1 + T // hop, n_mels), mel_bank · |STFT|², with as many bits as the waveform has.

    Real and imaginary parts are squared in place and added by the product with the bands, each standing there twice.

    Raises:
        AudioError: the waveform has no sample, or more than one channel.
    """
    import torch

    if wave.ndim != 1 or not len(wave):
        raise AudioError(f"a waveform of shape {wave.shape}: give the samples of one channel, (T,), one at least")
    window, bands = _tensors(config, wave.dtype.name)
    padded = torch.from_numpy(_reflected(wave, config.n_fft // 2))
    frames = padded.unfold(0, config.n_fft, config.hop_length)
    power = torch.empty(len(frames), config.n_mels, dtype=padded.dtype)
    for some, out in zip(frames.split(64), power.split(64), strict=True):  # they stay in the processor's cache
        spectrum = torch.view_as_real(torch.fft.rfft(some * window))  # (64, bins, 2)
        torch.matmul(spectrum.flatten(1).square_(), bands, out=out)
    return power.numpy()


def _reflected(wave: np.ndarray, n: int) -> np.ndarray:
    """(T,) → (n + T + n,), mirrored at either end. np.pad, for any n, would take a fifth of a log-mel's time."""
    if n >= len(wave):
        return np.pad(wave, n, mode="reflect")
    return np.concatenate([wave[n:0:-1], wave, wave[-2 : -n - 2 : -1]])


@lru_cache(maxsize=8)
def _tensors(config: MelConfig, dtype: str) -> list:
    """`mel_filters` as tensors of torch, each band twice."""
    import torch

    window, bands = mel_filters(config)
    return [torch.from_numpy(values.astype(dtype)) for values in (window, bands.repeat(2, axis=0))]


def log_mel(wave: np.ndarray, config: MelConfig = MEL) -> np.ndarray:
    """(T,) waveform at 16 kHz → (1 + T // hop, n_mels) float32, natural log of mel power.

    log( max(mel_bank · |STFT|², 1e-6) ); Paper §3.1. With `range_db` no cell is further than this below the level that
    one cell of 200 exceeds.

    Raises:
        AudioError: the waveform has no sample, or more than one channel.

    >>> log_mel(np.zeros(16000, np.float32)).shape
    (101, 80)
    """
    power = mel_power(np.asarray(wave, np.float32), config)
    mel = np.log(np.maximum(power, np.float32(1e-6), out=power), out=power)
    if config.range_db is None:
        return mel
    return np.maximum(mel, np.quantile(mel, 0.995).astype(np.float32) - config.range_db * np.float32(np.log(10) / 10))


def normalise(mel: np.ndarray, over: str = "band") -> np.ndarray:
    """Per-utterance standardisation of (T, n_mels): mean 0, and one deviation 1 for all bands together (A41).

    Args:
        over: what one mean is taken of. "band" takes each band's own mean away: the microphone and the level go, and
            with them the balance of low and high bands. "utterance" takes one mean of all bands away: only the
            level goes; the balance, which a tense or a breathy voice changes, stays.

    Raises:
        AudioError: another word than these two.
    """
    if over not in ("band", "utterance"):
        raise AudioError(f"normalise over {over!r}: choose 'band' or 'utterance'")
    centred = mel - mel.mean(axis=0 if over == "band" else None, keepdims=True)
    return centred / max(float(centred.std()), 1e-3)
