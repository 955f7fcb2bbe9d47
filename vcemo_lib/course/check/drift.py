"""Whether a fresh run still gives what a notebook shows: words exactly, numbers and pictures nearly."""

import base64
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from ..notebook.reading import Cell, Notebook, parse_notebook
from .canonical import canonical

RELATIVE, ABSOLUTE, AVERAGE = 1e-3, 1e-6, 0.01
NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
SOUND = re.compile(r"data:audio/mpeg;base64,([A-Za-z0-9+/=]+)")
LONGEST = 60  # characters of an output quoted in the table
Changes = Iterator[tuple[str, str, str]]  # kind of difference, committed, fresh


@dataclass(frozen=True)
class Difference:
    """One place where fresh and committed differ: the cell, what kind, and both sides in short."""

    cell: str
    kind: str
    committed: str
    fresh: str

    @property
    def follows_numbers(self) -> bool:
        """Whether other arithmetic alone can make it: what is printed, drawn or heard, not how many of what."""
        return self.kind.startswith(("numbers", "words", "picture", "size of", "sound"))


def compare(committed: Notebook, fresh: Notebook) -> list[Difference]:
    """All differences between a committed notebook and a freshly executed one.

    Sources, words, and the kinds and counts of outputs must be equal; numbers with a decimal point or an exponent
    may differ by 1e-3 of their size, whole numbers may not; pictures and sounds by 0.01 on average.
    """
    pairs = zip_longest(*(parse_notebook(canonical(notebook)).cells for notebook in (committed, fresh)))
    return [Difference((old or new).id, *change) for old, new in pairs for change in _cells(old, new)]


def _cells(old: Cell | None, new: Cell | None) -> Changes:
    names = [f"{cell.cell_type} {cell.id}" if cell else "no cell" for cell in (old, new)]
    if names[0] != names[1]:
        yield "cells", *names
    elif old.source != new.source:
        yield "source", _short(old.source), _short(new.source)
    elif old.cell_type == "code":
        one, other = _outputs(old), _outputs(new)
        if [*one] != [*other]:
            yield "outputs", ", ".join(one) or "not executed", ", ".join(other) or "not executed"
            return
        for output in one:
            if one[output] != other[output]:
                differ = {"image/png": _pictures, "sound": _sounds}.get(output.split()[1], compare_text)
                yield from differ(one[output], other[output])


def _outputs(cell: Cell) -> dict[str, str]:
    """What a cell gave: place and kind of an output → its text; sounds inside HTML stand by themselves."""
    by_name = {} if cell.execution_count is None else {"0 executed": ""}
    for position, output in enumerate(cell.outputs, start=1):
        said = output.get("text", f"{output.get('ename')}: {output.get('evalue')}")
        for kind, value in sorted(output.get("data", {output.get("name", "error"): said}).items()):
            sounds = SOUND.findall(str(value))
            by_name[f"{position} {kind}"] = SOUND.sub("", str(value))
            by_name |= {f"{position} sound {number}": sound for number, sound in enumerate(sounds, start=1)}
    return by_name


def compare_text(old: str, new: str) -> Changes:
    """Differences between two texts, words exactly and numbers nearly: the first one, and how many."""
    if NUMBER.split(old) != NUMBER.split(new):
        pairs = zip_longest(old.split("\n"), new.split("\n"), fillvalue="")
        one, other = next((a, b) for a, b in pairs if NUMBER.split(a) != NUMBER.split(b))
        yield "words", _short(one), _short(other)
        return
    numbers = list(zip(NUMBER.findall(old), NUMBER.findall(new), strict=True))
    off = [pair for pair in numbers if not same_number(*pair)]
    if off:
        yield f"numbers ({len(off)} of {len(numbers)})", *off[0]


def same_number(old: str, new: str) -> bool:
    """Whether two printed numbers agree: whole numbers exactly, others within the tolerance."""
    if old == new or not re.search(r"[.eE]", old + new):
        return old == new
    return math.isclose(float(old), float(new), rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _pictures(old: str, new: str) -> Changes:
    import numpy as np
    from PIL import Image

    pictures = [Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB") for encoded in (old, new)]
    return _arrays("picture", *(np.asarray(picture, dtype=np.float64) / 255 for picture in pictures))


def _sounds(old: str, new: str) -> Changes:
    import soundfile

    return _arrays("sound", *(soundfile.read(io.BytesIO(base64.b64decode(encoded)))[0] for encoded in (old, new)))


def _arrays(kind: str, old, new) -> Changes:
    if old.shape != new.shape:
        yield f"size of {kind}", str(old.shape), str(new.shape)
    elif (distance := float(abs(old - new).mean())) > AVERAGE:
        yield kind, "0", f"{distance:.3f} away on average"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
