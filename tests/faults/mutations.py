"""Inputs changed at random, and one attempt with one: right, refused in one sentence, or a fault that is counted."""

import resource
import time
from collections.abc import Callable

import numpy as np
from campaign import Campaign

from vcemo_lib.disk import sentence_of

SECONDS, MEGABYTES = 5, 400  # of the processor, and of memory, that one input may take
NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
TEXTS = [
    "", " ", "nan", "NaN", "inf", "-inf", "1e999", "-1", "0", "-0", "0x10", "1_000", "٣", "1.5", "1e5", "True", "true ", "None",
    "null", "NA", "9" * 5000, "-" * 3000 + "1", "(" * 3000, "[" * 3000, "[1]*10**9", "{[]: 1}", "__import__('os').abort()", "1,2",
    "()", "{}", "'a'", '"', '""', "a\0b", "\ud800", "\ufeffx", "\u202e", "é", "e\u0301", "../../x", "/dev/zero", "a\nb", "a\r\nb",
    "a\tb", ",", ";", "=1+1", "好" * 3000, "😀", "pytest", "x" * 300, "%s%n", "$(id)", "~", "happy", "憤怒", "Happy ",
]  # fmt: skip
VALUES = [
    *TEXTS,
    None,
    True,
    False,
    0,
    -1,
    1,
    10**400,
    2**31,
    0.5,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    {"a": 1},
    [1, 2],
    1e308,
]


def changed(data: bytes, rng: np.random.Generator) -> bytes:
    """Bytes set, cut, put in, doubled, taken out, or a number set to a bound, most often near the head."""
    data, kind = bytearray(data), rng.integers(7)
    at = int(rng.integers(min(len(data), 100) if rng.random() < 0.6 else len(data)))
    size = int(rng.integers(1, 64))
    if kind == 0:
        for place in rng.integers(len(data), size=rng.integers(1, 8)):
            data[place] = rng.integers(256)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        data[at:at] = rng.bytes(size)
    elif kind == 3:
        data[at:at] = data[at : at + size] * int(rng.integers(1, 20))
    elif kind == 4:
        del data[at : at + size]
    else:
        width = int(rng.choice([1, 2, 4, 8]))
        number = int(rng.choice(np.array(NUMBERS, dtype=object))) % 256**width
        data[at : at + width] = number.to_bytes(width, "little" if kind == 5 else "big")
    return bytes(data)


def attempt(campaign: Campaign, call: Callable, right: Callable[[object], bool], note: str) -> None:
    """Count one attempt: the result is right, or it is refused in one sentence, in little time and memory."""
    begun, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = "survived"
    try:
        if not right(call()):
            outcome = "silent"
    except Exception as error:
        if not (sentence := sentence_of(error)) or len(sentence.splitlines()) > 1 and "a\\nb" not in note:
            outcome, note = "tracebacks", f"{note}: {type(error).__name__}: {str(error)[:200]}"
    took, grown = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if took > SECONDS or grown > 1024 * MEGABYTES:
        outcome, note = "tracebacks", f"{note}: {took:.0f} s, {grown / 1024:.0f} MB"
    campaign.count(outcome, note)
