"""Whether a fresh run still gives what a notebook shows: words exactly, numbers and pictures nearly."""

import base64
import io
import math
import re
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from nbformat import NotebookNode

from ..notebook.reading import parse_notebook, text_of
from .canonical import canonical

RELATIVE, ABSOLUTE, PIXELS = 1e-3, 1e-6, 0.01
NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
SOUND = re.compile(r"data:audio/mpeg;base64,([A-Za-z0-9+/=]+)")
LONGEST = 60  # characters of an output quoted in the table


@dataclass(frozen=True)
class Difference:
    """One place where fresh and committed differ: the cell, what kind, and both sides in short."""

    cell: str
    kind: str
    committed: str
    fresh: str

    @property
    def follows_numbers(self) -> bool:
        """Whether other arithmetic alone can make this difference: what is printed, drawn or heard, not how many of what."""
        return self.kind.startswith(("numbers", "words", "picture", "size of", "sound"))


def compare(committed: NotebookNode, fresh: NotebookNode) -> list[Difference]:
    """All differences between a committed notebook and a freshly executed one.

    Sources, words and counts of cells and outputs must be equal; numbers with a decimal point or an exponent
    may differ by 1e-3 of their size, whole numbers may not; pictures and sounds by 0.01 on average.
    """
    pairs = zip_longest(_normal(committed).cells, _normal(fresh).cells)
    return [difference for old, new in pairs for difference in _compare_cells(old, new)]


def _normal(notebook: NotebookNode) -> NotebookNode:
    return parse_notebook(canonical(notebook))


def _compare_cells(old: NotebookNode | None, new: NotebookNode | None) -> list[Difference]:
    if old is None or new is None or (old.id, old.cell_type) != (new.id, new.cell_type):
        return [Difference((old or new).id, "cells", _cell_name(old), _cell_name(new))]
    if old.source != new.source:
        return [Difference(old.id, "source", _short(old.source), _short(new.source))]
    if old.cell_type != "code":
        return []
    if (old.execution_count is None) != (new.execution_count is None):
        return [Difference(old.id, "not executed", str(old.execution_count), str(new.execution_count))]
    if len(old.outputs) != len(new.outputs):
        return [Difference(old.id, "count of outputs", str(len(old.outputs)), str(len(new.outputs)))]
    pairs = zip(old.outputs, new.outputs, strict=True)
    return [difference for one, other in pairs for difference in _compare_outputs(old.id, one, other)]


def _compare_outputs(cell: str, old: NotebookNode, new: NotebookNode) -> list[Difference]:
    first, second = _parts(old), _parts(new)
    if sorted(first) != sorted(second):
        return [Difference(cell, "kind of output", ", ".join(sorted(first)), ", ".join(sorted(second)))]
    found = []
    for kind in sorted(first):
        found += _compare_values(cell, kind, first[kind], second[kind])
    return found


def _parts(output: NotebookNode) -> dict[str, str]:
    """An output as kind and text; sounds inside HTML become parts of their own."""
    if output.output_type == "stream":
        return {output.name: text_of(output.text)}
    if output.output_type == "error":
        return {"error": f"{output.ename}: {output.evalue}"}
    parts = {
        kind: text_of(value) if isinstance(value, str | list) else str(value) for kind, value in output.data.items()
    }
    html = parts.get("text/html", "")
    for place, sound in enumerate(SOUND.findall(html)):
        parts[f"sound {place + 1}"] = sound
    return parts | ({"text/html": SOUND.sub("", html)} if html else {})


def _compare_values(cell: str, kind: str, old: str, new: str) -> list[Difference]:
    if old == new:
        return []
    if kind == "image/png":
        return _compare_arrays(cell, "picture", _pixels(old), _pixels(new))
    if kind.startswith("sound "):
        return _compare_arrays(cell, "sound", _samples(old), _samples(new))
    return compare_text(cell, old, new)


def compare_text(cell: str, old: str, new: str) -> list[Difference]:
    """Differences between two texts, words exactly and numbers nearly: the first one, and how many."""
    if NUMBER.split(old) != NUMBER.split(new):
        pairs = zip_longest(old.split("\n"), new.split("\n"), fillvalue="")
        one, other = next((a, b) for a, b in pairs if NUMBER.split(a) != NUMBER.split(b))
        return [Difference(cell, "words", _short(one), _short(other))]
    numbers = list(zip(NUMBER.findall(old), NUMBER.findall(new), strict=True))
    off = [(one, other) for one, other in numbers if not same_number(one, other)]
    if not off:
        return []
    return [Difference(cell, f"numbers ({len(off)} of {len(numbers)})", off[0][0], off[0][1])]


def same_number(old: str, new: str) -> bool:
    """Whether two printed numbers agree: whole numbers exactly, others within the tolerance."""
    if old == new:
        return True
    if not re.search(r"[.eE]", old + new):
        return False
    return math.isclose(float(old), float(new), rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _compare_arrays(cell: str, kind: str, old: np.ndarray, new: np.ndarray) -> list[Difference]:
    if old.shape != new.shape:
        return [Difference(cell, f"size of {kind}", str(old.shape), str(new.shape))]
    distance = float(np.abs(old - new).mean())
    return [Difference(cell, kind, "0", f"{distance:.3f} away on average")] if distance > PIXELS else []


def _pixels(encoded: str) -> np.ndarray:
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    return np.asarray(picture, dtype=np.float64) / 255


def _samples(encoded: str) -> np.ndarray:
    import soundfile

    samples, _ = soundfile.read(io.BytesIO(base64.b64decode(encoded)), dtype="float64")
    return samples


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _cell_name(cell: NotebookNode | None) -> str:
    return f"{cell.cell_type} {cell.id}" if cell else "no cell"
