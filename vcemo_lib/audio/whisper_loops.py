"""A recogniser that repeats itself: told by how well its text packs, and asked again at a higher temperature.

Thresholds and temperatures are those of the reference (openai-whisper, `transcribe`). Only texts that loop are touched.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

LOOP = 2.4  # bytes of a text by those of the same text packed
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
Heard = TypeVar("Heard")


def looped(text: str) -> bool:
    """Whether a text repeats itself again and again.

    >>> looped("你好" * 30), looped("今天天气真好，我们出去走走吧。"), looped("")
    (True, False, False)
    """
    data = text.encode()
    return len(data) > LOOP * len(zlib.compress(data))


def without_loop(first: Heard, text: Callable[[Heard], str], again: Callable[[float], Heard]) -> Heard | None:
    """What was heard, or where its text loops what is heard at the first temperature at which none does, or None."""
    if not looped(text(first)):
        return first
    return next((heard for heard in map(again, TEMPERATURES) if not looped(text(heard))), None)


@contextmanager
def seeded() -> Iterator[None]:
    """Above temperature 0 tokens are drawn at random: from a seed of their own, and nobody else's draws change."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if "ctranslate2" in sys.modules:  # on which faster-whisper runs
            sys.modules["ctranslate2"].set_random_seed(0)
        yield
