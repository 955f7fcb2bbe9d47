"""Which mel frames each word covers, from the times of the reference text's characters.

CME is the one model that needs this (systems that align by attention do not). Recognised text differs from the
reference, so its characters take the times of the reference characters they match, and the rest are interpolated.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

FRAMES_PER_SECOND = 100


def word_spans(tokens: Sequence[str], reference: str, char_times: Sequence[Sequence[float]]) -> np.ndarray:
    """First and past-the-end mel frame of each token.

    Args:
        tokens: S words of the text that the model reads.
        reference: the text that was spoken, letters only.
        char_times: start and end, seconds, of each letter of `reference`.

    Returns:
        (S, 2) int64.

    >>> word_spans(["你好", "吗"], "你好吗", [(0, .1), (.1, .3), (.3, .5)]).tolist()
    [[0, 30], [30, 50]]
    """
    times = np.asarray(char_times, dtype=np.float64).reshape(-1, 2)
    if len(times) != len(reference):
        raise ValueError(f"{len(times)} character times for {len(reference)} characters of {reference!r}: give one each")
    if not tokens or not len(times):
        return np.zeros((len(tokens), 2), dtype=np.int64)
    heard = "".join(tokens)
    start, end = (_transfer(reference, heard, times[:, side]) for side in (0, 1))
    last = np.cumsum([len(token) for token in tokens]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    frames = np.stack([start[first] * FRAMES_PER_SECOND, end[last] * FRAMES_PER_SECOND], axis=1)
    return np.rint(frames).astype(np.int64)


def _transfer(reference: str, heard: str, times: np.ndarray) -> np.ndarray:
    """Times of the matched characters, linear between them, held beyond the ends."""
    blocks = SequenceMatcher(None, reference, heard, autojunk=False).get_matching_blocks()
    pairs = [(b.b + k, times[b.a + k]) for b in blocks for k in range(b.size)]
    if not pairs:  # nothing was recognised correctly: spread the words evenly over the speech
        return np.linspace(times[0], times[-1], len(heard))
    where, when = zip(*pairs, strict=True)
    return np.interp(np.arange(len(heard)), where, when)
