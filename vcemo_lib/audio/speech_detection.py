"""Whether there is speech in a sound, and where: Silero's voice detector, run by faster-whisper's own code."""

from importlib.util import find_spec

import numpy as np

from ..config import SAMPLE_RATE
from .silero_vad import VadError

LEAST = 0.1  # seconds of speech that a sound must hold
SPARE, KEPT = 1.0, 0.3  # seconds without speech at an end: more than the one is cut, down to the other


def speech(wave: np.ndarray) -> list[tuple[int, int]]:
    """First and last sample + 1 of each stretch of speech in (T,) at 16 kHz, however loud it is.

    Raises:
        VadError: faster-whisper or onnxruntime is not installed.
    """
    spans = detected(wave, loudness(wave), min_silence_duration_ms=200, speech_pad_ms=0)
    return spans if sum(end - start for start, end in spans) >= LEAST * SAMPLE_RATE else []


def require_detector() -> None:
    """Raise VadError where faster-whisper or onnxruntime is not installed."""
    for package in ("faster_whisper", "onnxruntime"):
        if find_spec(package) is None:
            name = package.replace("_", "-")
            raise VadError(f"the voice detector needs {name}, which is not installed: run 'pip install {name}'")


def loudness(wave: np.ndarray) -> float:
    """What the loud samples of (T,) reach from their mean; not the peak: a click may be louder than the voice."""
    return float(np.quantile(np.abs(wave - wave.mean()), 0.999))


def detected(wave: np.ndarray, loud: float, **options) -> list[tuple[int, int]]:
    """First and last sample + 1 of what the detector takes for speech in (T,) at 16 kHz.

    Args:
        loud: the level that is brought to 0.9 of full scale, such as `loudness`.
        options: of faster-whisper's `VadOptions`.

    Raises:
        VadError: faster-whisper or onnxruntime is not installed.
    """
    require_detector()
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    centred = wave - (wave.mean() if len(wave) else 0)  # to the detector a constant offset is no speech
    scaled = np.clip(centred * (0.9 / max(loud, 1e-4)), -1, 1).astype(np.float32)
    timestamps = get_speech_timestamps(scaled, VadOptions(threshold=0.5, **options))
    return [(span["start"], span["end"]) for span in timestamps]


def around_speech(wave: np.ndarray) -> tuple[int, int] | None:
    """First and last sample + 1 that are worth reading, or None where there is no speech.

    Of an end without speech that lasts more than 1 s all but 0.3 s is left out: most clips stay as they are.
    """
    spans = speech(wave)
    if not spans:
        return None
    start, end = spans[0][0], spans[-1][1]
    spare, kept = int(SPARE * SAMPLE_RATE), int(KEPT * SAMPLE_RATE)
    return (start - kept if start > spare else 0, end + kept if len(wave) - end > spare else len(wave))
