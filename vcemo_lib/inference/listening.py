"""From sound to what a model is asked about: the part with speech in it, and what is doubtful about it.

A sound is what Python has: a path, bytes, an array, a tensor, a row of Hugging Face datasets.
"""

import io
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from ..audio.broken_off import missing_part
from ..audio.channels import mono
from ..audio.decoding import LONGEST, TooLongError, check_rate, no_utterance
from ..audio.other_sounds import SECOND, second_sound
from ..audio.recording import Recording, from_blocks, full_scale, open_recording
from ..audio.signal import AudioError, checked, doubt, inner_damage, read, to_16k
from ..audio.silero_vad import VadError, around_speech
from ..audio.speech_segments import Segment
from ..config import SAMPLE_RATE

DOUBTS = {"clipped": "clipped, its loud parts are cut off", "faint": "faint, little more than noise"}  # of audio.doubt
NO_SPEECH, NO_WORDS = "no speech was found in it", "no words were heard"


@dataclass(frozen=True)
class Clip:
    """What is read of one file, or of one utterance of a recording."""

    wave: np.ndarray  # (T,) float32 at 16 kHz
    audio: str | bytes  # the file, or the bytes of a WAV of the part that is read
    start: float  # seconds into the file where it begins
    spoken: bool  # whether there is speech in it; True where nobody could look
    doubts: tuple[str, ...]  # what makes an answer about it doubtful, each in a few words


def read_clip(file: str | Path | bytes, longest: float) -> Clip:
    """Read a file, or the bytes of one; `longest`: seconds that the model reads.

    Raises:
        AudioError: it cannot be read.
    """
    recorded, rate = read(file)
    clip, part = clip_of(recorded, rate, longest, "" if isinstance(file, bytes) else str(file)), missing_part(file)
    of_file = f"broken off: {part}" if part else inner_damage(file, len(recorded))
    doubts = tuple(filter(None, (of_file, second_sound(file) and SECOND)))
    return replace(clip, doubts=doubts + clip.doubts)


def clip_of(recorded: np.ndarray, rate: int, longest: float, file: str = "") -> Clip:
    """The part with speech of (T,) at `rate` Hz, which `file` holds, if any."""
    wave, doubts = to_16k(recorded, rate), []
    try:
        bounds = around_speech(wave)
        doubts += [] if bounds else [NO_SPEECH]
    except VadError as error:
        bounds = (0, len(wave))
        doubts.append(f"nobody looked whether it is speech ({error})")
    start, end = bounds or (0, len(wave))
    speech_wave = wave[start:end]
    if len(speech_wave) < len(wave):
        span = f"{start / SAMPLE_RATE:.1f} to {end / SAMPLE_RATE:.1f} s"
        doubts.append(f"only {span} are read, no speech was found before or after")
    audio = file if file and len(speech_wave) == len(wave) else _wav(speech_wave)
    doubts += _doubts(recorded, rate, speech_wave, longest)
    return Clip(speech_wave, audio, start / SAMPLE_RATE, bounds is not None, tuple(doubts))


def clip_of_segment(segment: Segment, rate: int, longest: float) -> Clip:
    """An utterance of a recording at `rate` Hz."""
    wave = to_16k(segment.wave, rate)
    return Clip(wave, _wav(wave), segment.start, True, tuple(_doubts(segment.wave, rate, wave, longest)))


def _doubts(recorded: np.ndarray, rate: int, speech_wave: np.ndarray, longest: float) -> list[str]:
    seconds, kind = len(speech_wave) / SAMPLE_RATE, doubt(recorded)
    doubts = [DOUBTS[kind]] if kind else []
    if seconds > longest:
        doubts.append(f"{seconds:.1f} s long, of which the first {longest:.0f} s are read")
    if rate < SAMPLE_RATE:
        doubts.append(f"recorded at {rate} Hz, so nothing is heard above {rate // 2} Hz")
    return doubts


def _wav(wave: np.ndarray) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, wave, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    return out.getvalue()


def required(rate: int | None) -> int:
    """The rate, or AudioError where none is given."""
    if not rate:
        raise AudioError("an array does not say how many samples a second has: give rate=16000, or what it was")
    if not isinstance(rate, numbers.Real) or not abs(rate) < 1e9 or rate % 1:  # NaN is not below
        raise AudioError(f"rate={rate!r}: give the samples a second as a whole number, such as 16000")
    return int(rate)


def clip_of_any(sound: Any, rate: int | None, longest: float, name: str) -> Clip:
    """What a model is asked about, of whatever holds a sound; `longest`: seconds that it reads.

    Raises:
        AudioError: it holds none, or lasts more than a minute.
    """
    sound = _of_row(sound)
    try:
        if isinstance(sound, str | Path | bytes):
            return read_clip(sound, longest)
        wave, rate = _samples(sound, rate, name)
        if len(wave) > LONGEST * rate:
            raise no_utterance(name, len(wave) / rate)
        return clip_of(checked(wave, rate, name), rate, longest)
    except TooLongError as error:
        raise AudioError(f"{error}; longer recordings are answered by 'segments'") from None


def recording_of_any(sound: Any, rate: int | None) -> Recording:
    """A recording of any length, of whatever holds a sound, or of blocks (n,) that are still coming in, at `rate` Hz.

    Raises:
        AudioError: it holds none.
    """
    sound = _of_row(sound)
    if isinstance(sound, str | Path | bytes):
        return open_recording(sound)
    if not isinstance(sound, Mapping | np.ndarray | torch.Tensor):
        return from_blocks(sound, required(rate))
    wave, rate = _samples(sound, rate, "the recording")
    return from_blocks([wave], rate, "the recording")


def _of_row(sound: Any) -> Any:
    """Of a row of `datasets` the sound; of the decoder that its newer versions have there (torchcodec) the samples."""
    if isinstance(sound, Mapping) and "audio" in sound:
        sound = sound["audio"]
    if hasattr(sound, "get_all_samples"):
        decoded = sound.get_all_samples()
        return {"array": decoded.data, "sampling_rate": decoded.sample_rate}
    if isinstance(sound, Mapping) and not {"array", "raw"} & set(sound):  # undecoded
        return sound.get("bytes") or sound.get("path")
    return sound


def _samples(sound: Any, rate: int | None, name: str) -> tuple[np.ndarray, int]:
    """(T,) and its rate, of what holds samples."""
    if isinstance(sound, Mapping):
        sound, rate = sound.get("array", sound.get("raw")), sound.get("sampling_rate", rate)
    if isinstance(sound, torch.Tensor):
        sound = _as_array(sound, name)
    if not isinstance(sound, np.ndarray) or sound.ndim not in (1, 2) or not sound.size:
        kind = f"an array of shape {sound.shape}" if isinstance(sound, np.ndarray) else f"a {type(sound).__name__}"
        raise AudioError(f"{name} is {kind}: give a path, bytes, or samples (T,), (T, channels) or (channels, T)")
    rate, wave = required(rate), full_scale(sound)
    if wave.ndim == 2:
        wave = mono(lambda: iter([wave if len(wave) >= wave.shape[1] else wave.T]))
    check_rate(rate)
    return wave, rate


def _as_array(sound: torch.Tensor, name: str) -> np.ndarray:
    try:
        return (sound.detach().float() if sound.is_floating_point() else sound).cpu().numpy()
    except (RuntimeError, TypeError) as error:  # it is sparse, quantised, or on the device "meta"
        raise AudioError(f"{name} is a tensor without plain samples ({error}): give a dense one of numbers") from None
