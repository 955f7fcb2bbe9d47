"""From sound to what a model is asked about: the part with speech in it, and what is doubtful about it."""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from ..audio.broken_off import missing_part
from ..audio.signal import doubt, read, to_16k
from ..audio.silero_vad import VadError
from ..audio.speech_detection import around_speech
from ..audio.speech_segments import Segment
from ..config import SAMPLE_RATE

DOUBTS = {"clipped": "clipped, its loud parts are cut off", "faint": "faint, little more than noise"}  # of audio.doubt
NO_SPEECH, NO_WORDS = "no speech was found in it", "no words were heard"


@dataclass(frozen=True)
class Clip:
    """What is read of one file, or of one utterance of a recording.

    Args:
        wave: (T,) float32 at 16 kHz.
        audio: the file, or the bytes of a WAV of the part that is read.
        start: seconds into the file where it begins.
        spoken: whether there is speech in it; True where nobody could look.
        doubts: what makes an answer about it doubtful, each in a few words.
    """

    wave: np.ndarray
    audio: str | bytes
    start: float
    spoken: bool
    doubts: tuple[str, ...]


def read_clip(file: str | Path | bytes, longest: float) -> Clip:
    """Read a file, or the bytes of one; `longest`: seconds that the model reads.

    Raises:
        AudioError: it cannot be read.
    """
    return _whole_or_not(clip_of(*read(file), longest, "" if isinstance(file, bytes) else str(file)), file)


def _whole_or_not(clip: Clip, audio: str | Path | bytes) -> Clip:
    """The clip with a doubt where its file broke off before its end."""
    if not (part := missing_part(audio)):
        return clip
    return replace(clip, doubts=(f"broken off: {part}", *clip.doubts))


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
    return Clip(
        speech_wave,
        audio,
        start / SAMPLE_RATE,
        bounds is not None,
        (*doubts, *_doubts(recorded, rate, speech_wave, longest)),
    )


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
