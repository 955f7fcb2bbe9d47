"""Text as a worse recogniser would write it: characters that sound like the ones that were said.

Of the characters that Whisper base writes wrong on VCEMO-Sim half keep the syllable and a third the tone as well. A
recogniser offers only its own mistakes; here any share can be had, and accuracy held against it. All keep the tone.
"""

from collections import defaultdict
from functools import cache

import numpy as np

from ..digests import sha256
from .word_vectors import WordsError, jieba

COMMON = 200  # a character that stands alone less often than this in jieba's word list is not taken


@cache
def alike() -> dict[str, tuple[list[str], np.ndarray]]:
    """Each common character → the others of its syllable and tone, and how likely each is, by how often it is written.

    >>> "她" in alike()["他"][0]
    True
    """
    from pypinyin import Style, lazy_pinyin  # only here: its dictionary takes 40 MB

    jieba.initialize()
    sounds = defaultdict(dict)
    for word, count in jieba.dt.FREQ.items():
        if len(word) == 1 and count >= COMMON and "一" <= word <= "鿿":
            sounds[lazy_pinyin(word, style=Style.TONE3)[0]][word] = count
    return {character: _others(character, group) for group in sounds.values() for character in group if len(group) > 1}


def _others(character: str, group: dict[str, int]) -> tuple[list[str], np.ndarray]:
    others = [other for other in group if other != character]
    counts = np.array([group[other] for other in others], float)
    return others, counts / counts.sum()


def misheard(text: str, share: float) -> str:
    """The text with this share of its characters, on average, written as another of the same sound and tone.

    The same text and share give the same result; a larger share replaces the same characters and more. What has no
    other writing (punctuation, Latin letters, a syllable with one character) stays.

    Raises:
        WordsError: the share is not within 0 and 1.
    """
    if not 0 <= share <= 1:
        raise WordsError(f"homophones={share}: the share of misheard characters is between 0 and 1, such as 0.2")
    rng = np.random.default_rng(int(sha256(text.encode())[:12], 16))
    draws = rng.random((len(text), 2))  # which are replaced, and by what
    return "".join(
        _written(c, choice) if replaced < share else c for c, (replaced, choice) in zip(text, draws, strict=True)
    )


def _written(character: str, choice: float) -> str:
    if character not in alike():
        return character
    others, likely = alike()[character]
    return others[min(int(np.searchsorted(likely.cumsum(), choice)), len(others) - 1)]
