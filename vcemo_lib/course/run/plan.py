"""The list of chapters, `notebooks/course.yaml`, and which of them a run means."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ...errors import CourseError
from ...paths import ROOT

NOTEBOOKS = ROOT / "notebooks"


@dataclass(frozen=True)
class ChapterSpec:
    """One chapter: two digits, its notebook and its title."""

    number: str
    path: Path
    title: str


@dataclass(frozen=True)
class Plan:
    """The whole course. `seconds` and `megabytes` are what a chapter may cost in the tiny profile.

    `longest`: numbers of the chapters to begin first, where nothing is known of how long they took.
    """

    chapters: tuple[ChapterSpec, ...]
    seconds: float
    megabytes: float
    longest: tuple[str, ...] = ()

    def rank(self, spec: ChapterSpec) -> int:
        """Where a chapter stands among those to begin, 0 for the first."""
        return [*self.longest, *(chapter.number for chapter in self.chapters)].index(spec.number)

    def choose(self, wanted: Sequence[str]) -> tuple[ChapterSpec, ...]:
        """The chapters named, in course order; all of them when none is named.

        Args: wanted, numbers ("5", "05"), ranges ("05-08") or file names ("05_acoustic_branch").
        Errors: `CourseError` for a name that is no chapter.
        """
        chosen = {spec.number for name in wanted for spec in self._named(name)}
        return tuple(spec for spec in self.chapters if spec.number in chosen or not wanted)

    def _named(self, name: str) -> list[ChapterSpec]:
        first, dash, last = name.partition("-")
        last = last if dash else first
        if first.isdecimal() and last.isdecimal():
            specs = [s for s in self.chapters if int(first) <= int(s.number) <= int(last)]
        else:
            specs = [s for s in self.chapters if s.path.stem == Path(name).stem]
        if not specs:
            known = ", ".join(spec.number for spec in self.chapters)
            raise CourseError(f"There is no chapter {name!r}; the chapters are {known}.")
        return specs


def load_plan(folder: Path = NOTEBOOKS) -> Plan:
    """Read and check `course.yaml` in `folder`.

    Errors: `CourseError` when it is missing or not YAML, lacks an entry, or names a chapter twice.
    """
    path = Path(folder) / "course.yaml"
    if not path.is_file():
        raise CourseError(
            f"There is no {path.name} in {path.parent}; chapters are part of a clone of the course and not of an "
            "installed wheel: run 'make course' in a clone, and use its .venv/bin/vcemo."
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = [[_plain(row[name]) for name in ("number", "file", "title")] for row in content["chapters"]]
        chapters = tuple(ChapterSpec(number, path.parent / file, title) for number, file, title in entries)
        budget = float(content["budget_seconds"]), float(content["budget_megabytes"])
        plan = Plan(chapters, *budget, tuple(map(_plain, content.get("longest", ()))))
    except (yaml.YAMLError, KeyError, RecursionError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "nothing more is known"
        raise CourseError(f"{path} cannot be read: {type(error).__name__} {reason}.") from error
    numbers = [spec.number for spec in chapters]
    if twice := [number for number in numbers if numbers.count(number) > 1]:
        raise CourseError(f"{path} names chapter {twice[0]} twice.")
    if unknown := [number for number in plan.longest if number not in numbers]:
        raise CourseError(f"{path} begins with chapter {unknown[0]}, which it does not list.")
    return plan


def _plain(value: object) -> str:
    """A text or a number; aliases in YAML can make lists that would fill the memory when they are written out."""
    if not isinstance(value, str | int):
        raise TypeError(f"a {type(value).__name__} where a text is expected")
    return str(value)
