"""What the user asked of a run, judged as a whole before anything runs."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import CourseError
from ...paths import runs_dir
from ..notebook.chapter import PROFILES
from ..notebook.reading import read_notebook
from .parameters import Parameter, parse_value, read_parameters, split_assignment
from .plan import ChapterSpec

COMMON = ("corpus", "corpus_root", "profile", "seed")


@dataclass(frozen=True)
class RunRequest:
    """One `vcemo run`. Empty texts mean: as the notebook says.

    Fields: chapters, as `Plan.choose` takes them; assignments, `name=value` or `04:name=value`;
    out, empty for `runs/<profile>`; jobs, chapters at once; write, whether to renew the committed notebooks.
    """

    chapters: tuple[str, ...] = ()
    profile: str = "tiny"
    corpus: str = ""
    corpus_root: str = ""
    seed: str = ""
    out: str = ""
    jobs: int = 2
    assignments: tuple[str, ...] = ()
    write: bool = False

    @property
    def folder(self) -> Path:
        """Where everything of this run goes."""
        return Path(self.out).expanduser().resolve() if self.out else runs_dir() / self.profile

    def check(self) -> None:
        """Refuse what no chapter could mean.

        Errors: `CourseError` for a profile, number of jobs, corpus folder or combination that cannot be.
        """
        if self.profile not in PROFILES:
            raise CourseError(f"The profile is {self.profile!r}; choose one of {', '.join(PROFILES)}.")
        if self.jobs < 1:
            raise CourseError(f"--jobs is {self.jobs}; it must be at least 1.")
        if self.corpus_root and not Path(self.corpus_root).expanduser().exists():
            raise CourseError(f"--corpus-root {self.corpus_root} does not exist; give the folder of the corpus.")
        changed = self.corpus or self.corpus_root or self.seed or self.assignments or self.profile != "tiny"
        if self.write and changed:
            raise CourseError(
                "--write renews the committed notebooks, which hold the tiny profile with the "
                "parameters as they stand; leave out every other setting."
            )

    def parameters(self, specs: tuple[ChapterSpec, ...]) -> dict[str, dict[str, Any]]:
        """For each chapter the values that differ from its notebook's own.

        Errors: `CourseError` for an unknown name, a value of the wrong type or a malformed parameters cell.
        """
        self.check()
        pairs = [split_assignment(text) for text in self.assignments]
        numbers = {spec.number for spec in specs}
        for name, _ in pairs:
            if ":" in name and name[:2] not in numbers:
                raise CourseError(f"-p {name} is meant for chapter {name[:2]}, which is not part of this run.")
        return {spec.number: self._for_chapter(spec, pairs) for spec in specs}

    def _for_chapter(self, spec: ChapterSpec, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        declared = read_parameters(read_notebook(spec.path), spec.path.name)
        given = {name: text for name in COMMON if (text := str(getattr(self, name)))}
        given |= {"corpus_root": str(Path(self.corpus_root).expanduser().resolve())} if self.corpus_root else {}
        given |= {"out": str(self.folder / spec.number)} if self.out else {}
        for name, text in pairs:
            number, _, rest = name.rpartition(":")
            if number in ("", spec.number):
                given[rest] = _whole(text)
        return _typed(spec, declared, given)


def _whole(text: str) -> str:
    """A path that is there, from its root on: chapters run in a folder of their own. Any other text as it is."""
    path = os.path.expanduser(text)  # os.path, unlike pathlib, takes any text
    return os.path.abspath(path) if "/" in text and os.path.exists(path) else text


def _typed(spec: ChapterSpec, declared: dict[str, Parameter], given: dict[str, str]) -> dict[str, Any]:
    values = {}
    for name, text in given.items():
        if name not in declared:
            known = ", ".join(declared)
            raise CourseError(
                f"{spec.path.name} has no parameter {name!r}; it has {known}. "
                f"For one chapter only, write -p NN:{name}=…."
            )
        value = parse_value(declared[name], text)
        if name == "seed" and not 0 <= value < 2**32:
            raise CourseError(f"The seed is {value}; it must be a whole number from 0 to 4294967295.")
        if value != declared[name].default:
            values[name] = value
    if values.get("profile", "tiny") not in PROFILES:
        raise CourseError(f"The profile is {values['profile']!r}; choose one of {', '.join(PROFILES)}.")
    return values
