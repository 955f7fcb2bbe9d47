"""From a recording of any length to its utterances: stretches of speech between pauses, found as the sound comes in."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..config import SAMPLE_RATE
from .recording import Recording
from .signal import to_16k
from .silero_vad import LEAST, detected, loudness, require_detector

PAUSE, PAD = 500, 100  # ms: a pause of this length parts two utterances; so much is kept around each
WINDOW = 30.0  # seconds that the detector sees at once, or twice the longest utterance
OPEN = 1.0  # seconds: what ends so near to the end of a window may go on
QUIET = 0.03  # of the loudest so far (-30 dB): what stays below is not made louder, or the room would speak


@dataclass(frozen=True)
class Segment:
    """One utterance of a recording."""

    wave: np.ndarray  # (n,) at the rate of the recording
    start: float  # seconds into it


def segments(recording: Recording, longest: float) -> Iterator[list[Segment]]:
    """The utterances of each window, as soon as it is read.

    They are parted at pauses of half a second; one of more than `longest` seconds also at its last shorter pause.
    What is found depends on the sound alone, not on the blocks in which it comes. In memory is one window.

    Raises:
        AudioError: the recording is damaged.
        VadError: the voice detector is not installed.
    """
    require_detector()
    rate, blocks = recording.rate, iter(recording.blocks())
    size, still_open = int(max(WINDOW, 2 * longest) * rate), int(OPEN * rate)
    held, passed, loudest, ended = np.zeros(0, np.float32), 0, 0.0, False
    while not ended:
        held, ended = _filled(held, blocks, size)
        window = held[:size]
        loudest = max(loudest, loudness(window) if len(window) else 0.0)
        spans = _spans(window, rate, longest, QUIET * loudest)
        limit = len(window) if ended else size - still_open
        finished = [Segment(window[start:end], (passed + start) / rate) for start, end in spans if end <= limit]
        if finished:
            yield finished
        until = min([limit, *(start for start, end in spans if end > limit)])  # an open one is looked at again, whole
        held, passed = held[until:], passed + until


def _filled(held: np.ndarray, blocks: Iterator[np.ndarray], size: int) -> tuple[np.ndarray, bool]:
    """More than `size` samples, or all that there are and True."""
    pieces, n = [held], len(held)
    while n <= size and (block := next(blocks, None)) is not None:
        pieces.append(block)
        n += len(block)
    return np.concatenate(pieces), n <= size


def _spans(window: np.ndarray, rate: int, longest: float, quiet: float) -> list[tuple[int, int]]:
    """First and last sample + 1 of each utterance in a window at `rate` Hz."""
    if not len(window):
        return []
    wave, scale = to_16k(window, rate), rate / SAMPLE_RATE
    options = {"min_silence_duration_ms": PAUSE, "speech_pad_ms": PAD, "min_speech_duration_ms": int(1000 * LEAST)}
    spans = detected(wave, max(loudness(wave), quiet), max_speech_duration_s=longest, **options)
    return [(int(start * scale), min(int(end * scale), len(window))) for start, end in spans]
