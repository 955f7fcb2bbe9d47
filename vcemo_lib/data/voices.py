"""A speaker's own mean: what the sound of a person is like, whatever is felt, to be taken away before a model listens.

It needs no labels, but other recordings of the person. Of a person of whom there are few, or none, the average speaker
of the training part stands in for what is missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

# Of the average speaker, beside those of the person. Chosen among 0, 1, 3, 10 and 30 on VCEMO-Sim's speakers never
# heard, by the accuracy without any other clip: 56.3, 61.3, 64.5, 63.1, 62.6 (results/TRIALS.md).
PRIOR_SECONDS = 3.0


@dataclass(frozen=True)
class Voice:
    """Mean and deviation of each band, (F,), over recordings of a person, or over persons."""

    mean: np.ndarray
    deviation: np.ndarray

    def taken_from(self, frames: np.ndarray) -> np.ndarray:
        """(T, F) → (T, F): (x − mean) / deviation in each band (A41)."""
        return (frames - self.mean) / self.deviation


def voice_of(recordings: Sequence[np.ndarray]) -> Voice:
    """Of one person, from his or her recordings, (T, F) each."""
    frames = np.concatenate([np.asarray(each, np.float32) for each in recordings])
    return Voice(frames.mean(0), frames.std(0).clip(min=1e-3))


def average(voices: Iterable[Voice]) -> Voice:
    """The mean person: each counts once, however much he or she says."""
    voices = list(voices)
    return Voice(np.mean([v.mean for v in voices], 0), np.mean([v.deviation for v in voices], 0))


def enrolled(recordings: Sequence[np.ndarray], known: Voice, frames_per_second: float, as_loud: bool = False) -> Voice:
    """Of a person of whom there are few recordings, (T, F) each, and of the average speaker `known`.

    (n · own + n₀ · known) / (n + n₀), n the frames of the recordings, n₀ those of `PRIOR_SECONDS`, for mean and
    deviation alike: with more recordings the person's own voice prevails.

    Args:
        as_loud: whether the average speaker is first made as loud as the recordings are, for they hold the gain of the
            microphone (the level "speaker").
    """
    own, n, prior = voice_of(recordings), sum(map(len, recordings)), PRIOR_SECONDS * frames_per_second
    if as_loud:
        known = Voice(known.mean + (own.mean.mean() - known.mean.mean()), known.deviation)
    return Voice(*((n * a + prior * b) / (n + prior) for a, b in zip(astuple(own), astuple(known), strict=True)))
