"""What the user asked of a run, judged as a whole before anything runs."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import CourseError
from ...paths import runs_dir
from ..notebook.chapter import require_profile, require_seed
from ..notebook.reading import read_notebook
from .parameters import parse_value, read_parameters, split_assignment
from .plan import ChapterSpec

COMMON = ("corpus", "corpus_root", "profile", "seed")
Sounds = Callable[[str, str], Iterable[Path]]


@dataclass(frozen=True)
class RunRequest:
    """One `vcemo run`. Empty texts mean: as the notebook says.

    Fields: chapters, as `Plan.choose` takes them; assignments, `name=value` or `04:name=value`;
    out, empty for `runs/<profile>`; jobs, chapters at once; write, whether to renew the committed notebooks;
    sounds, which recordings of a corpus, by its name and root, lie outside the root.
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
    sounds: Sounds | None = None

    @property
    def folder(self) -> Path:
        """Where everything of this run goes."""
        return Path(self.out).expanduser().resolve() if self.out else runs_dir() / self.profile

    def check(self) -> None:
        """Raise CourseError for a profile, number of jobs, corpus folder or combination that no chapter could mean."""
        require_profile(self.profile)
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
        return {spec.number: _typed(spec.path, self._given(spec.number, pairs)) for spec in specs}

    def _given(self, number: str, pairs: list[tuple[str, str]]) -> dict[str, str]:
        """Name → text of everything given for one chapter."""
        given = {name: text for name in COMMON if (text := str(getattr(self, name)))}
        given |= {"corpus_root": str(Path(self.corpus_root).expanduser().resolve())} if self.corpus_root else {}
        given |= {"out": str(self.folder / number)} if self.out else {}
        meant = [(name.rpartition(":"), text) for name, text in pairs]
        return given | {name: _whole(text) for (only, _, name), text in meant if only in ("", number)}


def _whole(text: str) -> str:
    """A path that is there, from its root on: chapters run in a folder of their own. Any other text as it is."""
    path = os.path.expanduser(text)  # os.path, unlike pathlib, takes any text
    return os.path.abspath(path) if "/" in text and os.path.exists(path) else text


def _typed(path: Path, given: dict[str, str]) -> dict[str, Any]:
    declared = read_parameters(read_notebook(path), path.name)
    if unknown := [name for name in given if name not in declared]:
        raise CourseError(
            f"{path.name} has no parameter {unknown[0]!r}; it has {', '.join(declared)}. "
            f"For one chapter only, write -p NN:{unknown[0]}=…."
        )
    values = {name: parse_value(declared[name], text) for name, text in given.items()}
    require_seed(values.get("seed", 0))
    require_profile(values.get("profile", "tiny"))
    return {name: value for name, value in values.items() if value != declared[name].default}
