"""Which frames of the sound each word covers, from the times of the reference text's characters or words.

CME is the one model that needs this (systems that align by attention do not). Recognised text differs from the
reference, so its characters take the times of the reference characters they match, and the rest are interpolated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from ..config import MEL
from ..errors import VcemoError
from ..letters import letters

if TYPE_CHECKING:
    import pandas as pd


class AlignmentError(VcemoError):
    """Times that do not fit the text they are of."""


def timed_letters(frame: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """The letters that were spoken in each row of a corpus, and (letters, 2) start and end of each, seconds.

    A corpus brings `char_times`, one for each letter of `text`, or `words` and `word_times`; a timed word's letters
    share its time evenly.
    """
    if "char_times" in frame:
        for text, times in zip(frame["text"], frame["char_times"], strict=True):
            yield letters(text), _pairs(times)
    else:
        for words, times in zip(frame["words"], frame["word_times"], strict=True):
            yield "".join(map(letters, words)), _spread([len(letters(word)) for word in words], _pairs(times))


def has_times(frame: pd.DataFrame) -> bool:
    """Whether a corpus says when each letter or word was spoken."""
    return "char_times" in frame or {"words", "word_times"} <= set(frame)


def _pairs(times) -> np.ndarray:
    return np.array([] if times is None else [tuple(pair) for pair in times], dtype=np.float64).reshape(-1, 2)


def _spread(sizes: Sequence[int], times: np.ndarray) -> np.ndarray:
    """Times of words of these numbers of letters → times of their letters."""
    cuts = [np.linspace(start, end, n + 1) for n, (start, end) in zip(sizes, times, strict=True)]
    return np.concatenate([np.empty((0, 2)), *(np.stack([cut[:-1], cut[1:]], axis=1) for cut in cuts)])


def word_spans(
    tokens: Sequence[str],
    reference: str,
    char_times: Sequence[Sequence[float]],
    frames_per_second: float = MEL.frames_per_second,
) -> np.ndarray:
    """First and past-the-end frame of each token.

    Args:
        tokens: S words of the text that the model reads.
        reference: the text that was spoken, letters only.
        char_times: start and end, seconds, of each letter of `reference`.

    Returns:
        (S, 2) int64.

    Raises:
        AlignmentError: not one pair of times for each letter.

    >>> word_spans(["你好", "吗"], "你好吗", [(0, 0.1), (0.1, 0.3), (0.3, 0.5)]).tolist()
    [[0, 30], [30, 50]]
    """
    times = np.asarray(char_times, dtype=np.float64).reshape(-1, 2)
    if len(times) != len(reference):
        raise AlignmentError(
            f"{len(times)} character times for {len(reference)} characters of {reference!r}: give one each"
        )
    if not tokens or not len(times):
        return np.zeros((len(tokens), 2), dtype=np.int64)
    heard = "".join(tokens)
    start, end = (_transfer(reference, heard, times[:, side]) for side in (0, 1))
    last = np.cumsum([len(token) for token in tokens]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    frames = np.stack([start[first], end[last]], axis=1) * frames_per_second
    return np.rint(frames).astype(np.int64)


def _transfer(reference: str, heard: str, times: np.ndarray) -> np.ndarray:
    """Times of the matched characters, linear between them, held beyond the ends."""
    same = [c.lower() for c in reference], [c.lower() for c in heard]
    blocks = SequenceMatcher(None, *same, autojunk=False).get_matching_blocks()
    pairs = [(b.b + k, times[b.a + k]) for b in blocks for k in range(b.size)]
    if not pairs:  # nothing was recognised correctly: spread the words evenly over the speech
        return np.linspace(times[0], times[-1], len(heard))
    where, when = zip(*pairs, strict=True)
    return np.interp(np.arange(len(heard)), where, when)
