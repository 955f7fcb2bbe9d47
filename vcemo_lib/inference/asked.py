"""What a model may be asked, judged before torch loads: files that are there, and classes that it has."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import VcemoError
from ..messages import one_line
from ..paths import SOUNDS, files_inside


class PredictError(VcemoError):
    """What a model cannot be asked about; the message says what to do."""


@dataclass(frozen=True)
class Problem:
    """A file without an answer, and why."""

    file: str
    why: str

    def told(self, form: str) -> str:
        """As a line: an object of JSON Lines, or a sentence."""
        if form == "json":
            return json.dumps({"file": self.file, "error": self.why}, ensure_ascii=False)
        return one_line(f"{self.file}: not read: {self.why}")


def sound_files(names: Iterable[str]) -> list[str]:
    """Names of files as they are, and in place of each folder the sounds in it and in those below, in their order.

    A folder without any stays: whoever reads it says what it is.
    """
    return [file for name in names for file in (_inside(Path(name)) if os.path.isdir(name) else []) or [name]]


def _inside(folder: Path) -> list[str]:
    return [str(path) for path in files_inside(folder) if path.suffix.lower() in SOUNDS]


def missing(files: Iterable[str]) -> list[Problem]:
    """Those of the files that are not there, or hold nothing. No sound is read."""
    from ..audio.decoding import AudioError, existing

    problems = []
    for file in files:
        try:
            existing(file)
        except AudioError as error:
            problems.append(Problem(file, str(error)))
    return problems


def chosen_classes(labels: Sequence[str], classes: Iterable[str]) -> tuple[str, ...]:
    """These classes in the model's order; all where none is named.

    Raises:
        PredictError: one that the model does not have, or fewer than two.
    """
    classes = [classes] if isinstance(classes, str) else list(classes)
    unknown = [name for name in classes if name not in labels]
    if unknown or len(set(classes)) == 1:
        wrong = f"has no class {unknown[0]!r}" if unknown else f"cannot choose from {classes[0]!r} alone"
        known = ", ".join(f'"{name}"' if "," in name else name for name in labels)
        raise PredictError(f"the model {wrong}: name two or more of {known}")
    return tuple(name for name in labels if name in classes or not classes)


def require_classes(folder: Path, classes: Sequence[str]) -> None:
    """Refuse classes that the model of a folder does not have; what is wrong with the folder its loader says."""
    try:
        labels = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["labels"]
    except (OSError, ValueError, TypeError, KeyError):
        return
    if isinstance(labels, list) and all(isinstance(name, str) for name in labels):
        chosen_classes(labels, classes)
