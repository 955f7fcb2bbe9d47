"""Classes of a table's own: from its cells to class names in an order, and the sentences about those that cannot be."""

from __future__ import annotations

import math
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

import numpy as np

from ..letters import seen
from .labels import EMOTIONS, PROPOSED, SYNONYMS, WORDS

LONGEST = 60  # characters of a class name: more is a text
FEW = 20  # classes: more, most of which occur once, are values and no classes
SHOWN = 50  # unknown words that a sentence names
CLOSED_BIN = re.compile(r"\[([^\s,]+),\s*[^\s,]+\]")
HALF_OPEN_BIN = re.compile(r"(?:\[(?=.*\))|\((?=.*\]))([^\s,]+),\s*[^\s,]+[)\]]")
ONE_LABEL = "and an utterance has one label: write the one of most votes"


def as_word(cell) -> str:
    """What a cell of the column emotion says, "" where it says nothing: 3.0 is "3", Unicode is composed and seen."""
    number = isinstance(cell, float | np.floating)
    if cell is None or number and np.isnan(cell):
        return ""
    return seen(unicodedata.normalize("NFC", str(int(cell) if number and cell.is_integer() else cell)))


def as_label(cell) -> str:
    """A word as words for emotions are compared: in small letters, of one width.

    >>> as_label(" Ｈappy")
    'happy'
    """
    return unicodedata.normalize("NFKC", as_word(cell)).lower().strip()


def class_order(words: Iterable[str]) -> tuple[str, ...]:
    """The different words in order: numbers by their value, bins by their lower end, others by the alphabet."""
    values = {word: _number(_lower_end(word)) for word in sorted(set(words))}
    numbers = all(value is not None for value in values.values())
    return tuple(sorted(values, key=values.get) if numbers else values)


def _number(word: str) -> float | None:
    """The value of a word that is a number; None of another, infinity and NaN among them."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _lower_end(word: str) -> str:
    """That of a bin, [0, 1) or [0, 1]; any other word as it is."""
    found = CLOSED_BIN.fullmatch(word) or HALF_OPEN_BIN.fullmatch(word)
    return found[1] if found else word


def _told_apart_by(word: str) -> str | float:
    """What two classes must differ in: not in case, Unicode form, what cannot be seen, or how a number is written."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", word) if unicodedata.category(c) != "Cf")
    number = _number(seen)
    return " ".join(seen.casefold().split()) if number is None else number


def twins_of(words: Iterable[str]) -> dict[str, str]:
    """The words that differ from an earlier one in nothing but case, form, or how a number is written, and that one.

    >>> twins_of(["Li", "Wang", "li", "1", "01"])
    {'li': 'Li', '01': '1'}
    """
    first: dict[str | float, str] = {}
    return {word: twin for word in words if (twin := first.setdefault(_told_apart_by(word), word)) != word}


def several_labels(cell: str, known: Collection[str] = ()) -> bool:
    """Whether a cell holds votes or shares: a list or object in brackets, several numbers, or several `known` words.

    >>> several_labels("[0.6, 0.4]"), several_labels("0.6 0.4"), several_labels("(0, 1]"), several_labels("very low")
    (True, True, False, False)
    >>> several_labels("sad|sad|angry", SYNONYMS), several_labels("sad: 3", SYNONYMS), several_labels("sad", SYNONYMS)
    (True, True, False)
    """
    marks = r"[\s;|,:/、，；：]+" if known else r"[\s;|]+"  # "1,5" may be a number
    parts = [part.rstrip(",") for part in re.split(marks, cell) if part]
    numbers = [_number(part) is not None for part in parts]
    votes = [number or part.lower() in known for number, part in zip(numbers, parts, strict=True)]
    return cell[:1] + cell[-1:] in ("[]", "{}") or len(parts) > 1 and all(votes)


def class_trouble(words: Sequence[str]) -> str:
    """Why these words, one an utterance, are no classes, and what to do; "" where they are."""
    count = Counter(words)
    half_open = any(HALF_OPEN_BIN.fullmatch(word) for word in count)  # beside such bins [2, 3] is the last, no list
    for word in count:
        if len(word) > LONGEST:
            return f"{word[:LONGEST]!r}… has {len(word)} characters: give names of at most {LONGEST}"
        if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in word):
            return f"{word!r} has a line break or another character that cannot be printed: write it without"
        if several_labels(word) and not (half_open and CLOSED_BIN.fullmatch(word)):
            return f"{word!r} holds several, {ONE_LABEL}"
        if _told_apart_by(word) == "":
            return f"{word!r} has no character that can be seen: give a name"
    twins = twins_of(count)
    for word, twin in twins.items():
        cures = " ".join(f"--label {shlex.quote(f'{a}={b}')}" for a, b in list(twins.items())[:SHOWN])
        return f"{twin!r} and {word!r} differ in nothing but case or form: write them alike, or give {cures}"
    if len(count) < 2:
        return f"all are {', '.join(map(repr, count))}: two classes or more are needed"
    once = sum(n == 1 for n in count.values())
    if len(count) > FEW and once > len(count) / 2:
        return f"{once} of {len(count)} different ones occur once: put values into a few bins first"
    return ""


def unknown_words(words: Iterable, labels: Sequence[str] = EMOTIONS) -> str:
    """Of words that are no class of a table: which, how often, the `--label` that cures each, and the other cure."""
    count = Counter(map(as_label, words))
    if several := [word for word in count if several_labels(word, SYNONYMS)]:
        return f"{', '.join(map(repr, several[:3]))} hold{'s' * (len(several) == 1)} several, {ONE_LABEL}"
    if texts := [word for word in count if len(word) > LONGEST]:
        return f"{texts[0][:LONGEST]!r}… is a text and no class: say which column is meant (--column emotion=NAME)"
    shown = [f"{word!r} ({n})" for word, n in count.most_common(SHOWN)]
    more = f" and {len(count) - SHOWN} others" if len(count) > SHOWN else ""
    cures = " ".join(f"--label {shlex.quote(f'{word}={_meant(word)}')}" for word, _ in count.most_common(SHOWN))
    return (
        f"unknown are {', '.join(shown)}{more}; give 'vcemo corpus add' {cures} (after = one of {', '.join(labels)}, "
        "or nothing to leave it out), or --classes own to keep the table's own classes"
    )


def _meant(word: str) -> str:
    """The emotion of a near word, or of a known one that is written nearly so, but not "unhappy" for happy; else ""."""
    if word in PROPOSED:
        return PROPOSED[word]
    near = get_close_matches(word, [*EMOTIONS, *" ".join(WORDS.values()).split()], 1, 0.75)
    return SYNONYMS[near[0]] if near and not word.endswith(near[0]) else ""
