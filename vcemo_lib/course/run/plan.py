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
    """One chapter: two digits, its notebook, its title and the chapters it builds on."""

    number: str
    path: Path
    title: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The whole course. `seconds` and `megabytes` are what a chapter may cost in the tiny profile."""

    chapters: tuple[ChapterSpec, ...]
    seconds: float
    megabytes: float

    def choose(self, wanted: Sequence[str]) -> tuple[ChapterSpec, ...]:
        """The chapters named, in course order; all of them when none is named.

        Args: wanted, numbers ("4", "04"), ranges ("04-07") or file stems ("04_acoustic_branch").
        Errors: `CourseError` for a name that is no chapter.
        """
        numbers: set[str] = set()
        for name in wanted:
            numbers |= self._numbers(name)
        return tuple(spec for spec in self.chapters if spec.number in numbers or not wanted)

    def _numbers(self, name: str) -> set[str]:
        first, dash, last = name.partition("-")
        if dash and first.isdigit() and last.isdigit():
            inside = {s.number for s in self.chapters if int(first) <= int(s.number) <= int(last)}
        else:
            stem = Path(name).stem
            inside = {s.number for s in self.chapters if stem in (s.number, s.number.lstrip("0"), s.path.stem)}
            inside |= {"00"} & {s.number for s in self.chapters} if stem == "0" else set()
        if not inside:
            known = ", ".join(spec.number for spec in self.chapters)
            raise CourseError(f"There is no chapter {name!r}; the chapters are {known}.")
        return inside


def load_plan(folder: Path = NOTEBOOKS) -> Plan:
    """Read and check `course.yaml` in `folder`.

    Errors: `CourseError` when it is missing or not YAML, lacks an entry, or names a chapter twice or early.
    """
    path = Path(folder) / "course.yaml"
    if not path.is_file():
        raise CourseError(f"There is no {path.name} in {path.parent}; run the command from a clone of the course.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        chapters = tuple(
            ChapterSpec(str(row["number"]), path.parent / row["file"], row["title"], tuple(row["needs"]))
            for row in content["chapters"]
        )
        plan = Plan(chapters, float(content["budget_seconds"]), float(content["budget_megabytes"]))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise CourseError(f"{path} cannot be read: {type(error).__name__} {error}.") from error
    _require_order(plan, path)
    return plan


def _require_order(plan: Plan, path: Path) -> None:
    seen: set[str] = set()
    for spec in plan.chapters:
        if spec.number in seen:
            raise CourseError(f"{path} names chapter {spec.number} twice.")
        missing = [need for need in spec.needs if need not in seen]
        if missing:
            raise CourseError(f"{path}: chapter {spec.number} needs {missing[0]}, which does not stand before it.")
        seen.add(spec.number)
