"""From a file to a log-mel spectrogram (Paper §3.1; settings are our choice, A41)."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from ..config import MEL, SAMPLE_RATE, MelConfig
from ..errors import VcemoError

if TYPE_CHECKING:
    from torchaudio.transforms import MelSpectrogram

SHORTEST, LONGEST = 0.05, 60.0  # seconds; outside of these a clip is no single utterance
SILENCE = 2e-4  # largest difference between samples, of full scale 1, that a clip without sound has
FULL_SCALE = 0.999
REFERENCE = 0.1  # of full scale: the level to which `at_reference` brings the loud parts of every clip


class AudioError(VcemoError):
    """Audio that cannot be used; the message says what was found and what to do."""


def decode(audio: bytes | str | Path) -> np.ndarray:
    """Read a sound into (T,) float32 at 16 kHz; channels are averaged.

    wav, flac, ogg/opus and mp3 are read by libsndfile; m4a, and the sound of videos, by ffmpeg (the package av, or the
    program). A clip is refused when it is shorter than 0.05 s, longer than 60 s or silent; a clipped one is used, see
    `doubt`.

    Raises:
        AudioError: missing, empty, unreadable, not finite, silent, or of a length that is no utterance's.
    """
    return to_16k(*read(audio))


def read(audio: bytes | str | Path) -> tuple[np.ndarray, int]:
    """The sound as `decode` reads it, but (T,) at the rate of its file, and that rate."""
    name = f"{len(audio)} bytes of audio" if isinstance(audio, bytes) else str(audio)
    source = io.BytesIO(audio) if isinstance(audio, bytes) else _existing(audio)
    try:
        wave, rate = soundfile.read(source, dtype="float32", always_2d=True)
        wave = wave.mean(axis=1)
    except (soundfile.LibsndfileError, OSError) as error:
        why = "no decoder knows it, or it is damaged" if _foreign(error) else error
        wave, rate = _by_ffmpeg(source, f"cannot read {name} ({why})")
    return _checked(wave, rate, name), rate


def n_samples(audio: bytes | str | Path) -> int:
    """How many samples `decode` gives, by the header of the file alone where libsndfile reads it."""
    try:
        header = soundfile.info(io.BytesIO(audio) if isinstance(audio, bytes) else str(audio))
    except (soundfile.LibsndfileError, OSError):
        return len(decode(audio))
    return -(-header.frames * SAMPLE_RATE // header.samplerate)


def _foreign(error: Exception) -> bool:
    """Whether libsndfile could open a file and not read it; its own message for that misleads ("does not exist")."""
    return isinstance(error, soundfile.LibsndfileError) and error.code != 2  # 2: the system's refusal


def _by_ffmpeg(source: io.BytesIO | str, trouble: str) -> tuple[np.ndarray, int]:
    """The first sound track as (T,) float32 and its rate, by PyAV, which brings ffmpeg's libraries, or the program."""
    try:
        import av
    except ImportError:
        return _by_program(source, trouble), SAMPLE_RATE
    if isinstance(source, io.BytesIO):
        source.seek(0)
    try:
        with av.open(source) as container:
            track, floats = container.streams.audio[0], av.AudioResampler(format="fltp")
            parts = [part for frame in (*container.decode(track), None) for part in floats.resample(frame)]
            return np.concatenate([part.to_ndarray() for part in parts], axis=1).mean(axis=0), track.rate
    except (av.FFmpegError, IndexError, ValueError):  # no such format, no sound track, no frame in it
        raise AudioError(f"{trouble}: give wav, flac, ogg/opus, mp3 or m4a") from None


def _by_program(source: io.BytesIO | str, trouble: str) -> np.ndarray:
    """The first sound track as (T,) float32 at 16 kHz, by the program ffmpeg. It must seek: bytes become a file."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(f"{trouble}: give wav, flac, ogg/opus or mp3; for m4a install ffmpeg or the package av")
    with tempfile.NamedTemporaryFile() as copy:
        if isinstance(source, io.BytesIO):
            copy.write(source.getvalue())
            copy.flush()
        path = copy.name if isinstance(source, io.BytesIO) else source
        # "file:" makes it a path, never another protocol
        options = f"-map 0:a:0 -ac 1 -ar {SAMPLE_RATE} -f f32le -".split()
        command = [program, "-nostdin", "-v", "error", "-i", f"file:{path}", *options]
        done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise AudioError(f"{trouble}: give wav, flac, ogg/opus, mp3 or m4a")
    return np.frombuffer(done.stdout, "<f4").copy()


def _existing(path) -> str:
    if not Path(path).is_file():
        raise AudioError(f"no such audio file: {path}: check the path or the corpus root")
    if Path(path).stat().st_size == 0:
        raise AudioError(f"audio file of 0 bytes: {path}: copy it again or drop the row")
    return str(path)


def _checked(wave: np.ndarray, rate: int, name: str) -> np.ndarray:
    if not np.isfinite(wave).all():
        raise AudioError(f"{name} holds values that are not finite (NaN or infinity): export it again")
    seconds = len(wave) / rate
    if not SHORTEST <= seconds <= LONGEST:
        told = round(seconds, 6) if SHORTEST <= round(seconds, 2) <= LONGEST else f"{seconds:.2f}"
        raise AudioError(f"{name} lasts {told} s: an utterance lasts {SHORTEST} to {LONGEST:.0f} s")
    if np.ptp(wave) < SILENCE:
        raise AudioError(
            f"{name} is silent (no sample differs from another by {SILENCE}): record it again or drop the row"
        )
    return wave


def doubt(wave: np.ndarray) -> str:
    """Why a usable clip is doubtful: `clipped` (1 % of its samples at full scale), `faint` (peak below −40 dB), or "".

    >>> doubt(np.sign(np.sin(np.arange(16000) / 20)))
    'clipped'
    """
    size = np.abs(wave)
    if (size >= FULL_SCALE).mean() > 0.01:
        return "clipped"
    return "faint" if size.max() < 0.01 else ""


def to_16k(wave: np.ndarray, rate: int) -> np.ndarray:
    """Resample (T,) from `rate` Hz to 16 kHz with a windowed sinc."""
    if not 8_000 <= rate <= 192_000:
        raise AudioError(f"a sampling rate of {rate} Hz: expected 8,000 to 192,000: resample it")
    if rate == SAMPLE_RATE:
        return np.ascontiguousarray(wave, dtype=np.float32)
    import torch
    from torchaudio.functional import resample

    return resample(torch.from_numpy(np.ascontiguousarray(wave)), rate, SAMPLE_RATE).numpy()


def at_reference(wave: np.ndarray) -> np.ndarray:
    """(T,) → (T,) float32 of one loudness, whatever the microphone's gain and constant offset were.

    The level is that which one in 20 of the clip's 25 ms frames exceeds (root mean square); it becomes 0.1. The floor
    of `log_mel` is absolute: without this, a quiet clip loses cells to it that a loud one keeps.
    """
    wave = wave - wave.mean(dtype=np.float64)
    size = min(400, len(wave))
    frames = wave[: len(wave) // size * size].reshape(-1, size)
    level = np.sqrt(np.quantile(np.square(frames).mean(axis=1), 0.95))
    return (wave * (REFERENCE / max(level, 1e-9))).astype(np.float32)


@lru_cache(maxsize=4)
def _mel_transform(config: MelConfig) -> MelSpectrogram:
    from torchaudio.transforms import MelSpectrogram

    return MelSpectrogram(
        SAMPLE_RATE,
        n_fft=config.n_fft,
        win_length=config.win_length,
        hop_length=config.hop_length,
        n_mels=config.n_mels,
        f_min=20.0,
        norm="slaney",
        mel_scale="slaney",
    )


def log_mel(wave: np.ndarray, config: MelConfig = MEL) -> np.ndarray:
    """(T,) waveform at 16 kHz → (1 + T // hop, n_mels) float32, natural log of mel power.

    log( max(mel_bank · |STFT|², 1e-6) ); Paper §3.1. With `range_db` no cell is further than this below the level that
    one cell of 200 exceeds.

    >>> log_mel(np.zeros(16000, np.float32)).shape
    (101, 80)
    """
    import torch

    power = _mel_transform(config)(torch.from_numpy(np.asarray(wave, np.float32)))
    mel = power.clamp_min(1e-6).log().T.contiguous().numpy()
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
