"""Which language a clip seems to be in: a Whisper that is told to write Chinese writes some, whatever is spoken."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from ..digests import sha256

LIKELY, UNLIKELY = 0.5, 0.1  # least probability of another language, and the most of the expected one
WINDOW = 30 * 16_000  # samples that the encoder sees at once
KIN = {"zh": ("zh", "yue")}  # Cantonese is a language of its own to large-v3 alone


def other_language(chances: Mapping[str, float], expected: str) -> str:
    """The name of the language that a clip is in, where that is surely not the expected one, else "".

    Args:
        chances: probability of each language by its code, as Whisper gives them.

    >>> other_language({"pl": 0.98, "zh": 0.0}, "zh"), other_language({"ja": 0.6, "zh": 0.3}, "zh")
    ('Polish', '')
    """
    from whisper.tokenizer import LANGUAGES  # only here: whisper brings a compiler of 60 MB

    likeliest = max(chances, key=chances.__getitem__)
    own = sum(chances.get(code, 0.0) for code in KIN.get(expected, (expected,)))
    sure = chances[likeliest] >= LIKELY and own <= UNLIKELY
    return LANGUAGES.get(likeliest, likeliest).title() if sure else ""


class OtherLanguages:
    """Of each clip that was heard, by its first 30 s, the other language that it is in; "" for the expected one."""

    def __init__(self, expected: str):
        self.expected, self._languages = expected, {}

    def note(self, waves: Sequence[np.ndarray], chances: Sequence[Mapping[str, float]]) -> None:
        """Remember the languages of some clips; chances: as of `other_language`."""
        self._languages |= {
            _digest(w): other_language(its, self.expected) for w, its in zip(waves, chances, strict=True)
        }

    def of(self, wave: np.ndarray) -> str | None:
        """The language of a clip; None of one that was not heard."""
        return self._languages.get(_digest(wave))

    def __len__(self) -> int:
        return len(self._languages)

    def counts(self) -> Counter:
        """How many clips are in each other language."""
        return Counter(filter(None, self._languages.values()))


def _digest(wave: np.ndarray) -> str:
    return sha256(np.ascontiguousarray(wave[:WINDOW], dtype=np.float32).tobytes())
