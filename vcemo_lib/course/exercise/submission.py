"""Finding a student's answers in the notebook they hand in, whatever has happened to its cells."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...errors import CourseError
from ..notebook.reading import Notebook
from ..run.plan import ChapterSpec, Plan
from .cells import Exercise, chapter_lines
from .given import Line, binds, given, lines

NOT_ATTEMPTED = "not attempted"
MAGIC = re.compile(r"^(\s*)[%!?].*$", re.M)
FENCE = re.compile(r"^```.*$", re.M)


@dataclass(frozen=True)
class HandedIn:
    """One cell of a submission, of any type: its id, which may be lost, and its text."""

    id: str
    source: str

    @cached_property
    def code(self) -> str:
        """Its text as Python: without magics and fences."""
        return MAGIC.sub(r"\1pass", FENCE.sub("", self.source)).strip()

    @cached_property
    def lines(self) -> list[Line] | None:
        """Its statements; None where it is not Python."""
        try:
            return lines(self.code)
        except (SyntaxError, ValueError):  # the second for a null byte
            return None

    def defines(self, name: str) -> bool:
        """Whether it gives a value to a name; where it is not Python, whether it looks like that."""
        if self.lines is not None:
            return name in binds(self.code)
        return bool(re.search(rf"^(def\s+{name}\b|{name}\s*=[^=])", self.code, re.M))


@dataclass(frozen=True)
class Answer:
    """What was handed in for one exercise. Args: code, the cell's; preparation, what it needs of the notebook.

    problem: what is said of it where it is not run, `NOT_ATTEMPTED` where none was tried.
    """

    code: str = ""
    preparation: str = ""
    problem: str = ""


def read_submission(path: Path) -> list[HandedIn]:
    """The cells of any notebook of format 4, valid or not; `CourseError` where the file is none."""
    if not path.is_file():
        raise CourseError(f"There is no file {path}; give the notebook that was handed in.")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        return [HandedIn(str(cell.get("id", "")), _text(cell.get("source", ""))) for cell in content["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CourseError(f"{path} is no notebook of format 4; give the .ipynb file that was handed in.") from error


def _text(source: str | list[str]) -> str:
    """The text of a cell, which nbformat keeps as one or as its lines. Errors: `TypeError` for anything else."""
    if not isinstance(source, str | list):
        raise TypeError(type(source).__name__)
    return "".join(source)


def chapter_of(cells: list[HandedIn], path: Path, plan: Plan) -> ChapterSpec:
    """The chapter that a submission is of: by its code, title and ids, at last by its file name, or `CourseError`."""
    votes: Counter[str] = Counter()
    for cell in cells:
        for pattern in (r'course\.begin\(\s*["\'](\d\d)["\']', r"\A# (\d\d) · "):
            votes.update(10 * re.findall(pattern, cell.source))
        votes.update(re.findall(r"\Ac(\d\d)-", cell.id))
    known = {spec.number: spec for spec in plan.chapters}
    named = [*[number for number, _ in votes.most_common()], path.name[:2]]
    chapter = next((known[number] for number in named if number in known), None)
    if not chapter:
        raise CourseError(f"{path} is a notebook of no chapter of this course; give one of the students' edition.")
    return chapter


def find_answers(cells: list[HandedIn], notebook: Notebook, exercises: list[Exercise]) -> list[Answer]:
    """The answer to each exercise."""
    originals = {_bare(cell.source) for cell in notebook.cells}
    solutions = {exercise.solution.id for exercise in exercises}
    stubs = {exercise.task.id: _bare(exercise.task.source) for exercise in exercises}

    def changed(cell: HandedIn) -> bool:  # in a task's own cell the text of a solution is an answer
        return _bare(cell.source) not in ({stubs[cell.id]} if cell.id in stubs else originals)

    own = [cell for cell in cells if changed(cell) and cell.id not in solutions]
    taught = {name for line in chapter_lines(notebook) for name in line.binds} | {"ctx"}
    return [_answer(exercise, own, taught) for exercise in exercises]


def _answer(exercise: Exercise, own: list[HandedIn], taught: set[str]) -> Answer:
    """The last cell that defines the answer and is Python; else the last that tries to; else the task's own cell."""
    trying = [cell for cell in own if cell.defines(exercise.answer)]
    here = [cell for cell in own if cell.id == exercise.task.id and cell.code]
    sound = [cell for cell in trying if cell.lines is not None]
    if not (chosen := (sound or trying or here)[-1:]):
        return Answer(problem=NOT_ATTEMPTED)
    cell = chosen[0]
    if cell.lines is None:
        return Answer(problem=_syntax_error(cell.code))
    if not trying:
        return Answer(problem=f"your cell defines no {exercise.answer}; keep that name")
    others = [line for c in own if c not in trying and c.lines for line in c.lines if not line.binds & taught]
    needed = given(cell.code, [*exercise.before, *others])
    return Answer(cell.code, "\n".join(line.source for line in needed))


def _syntax_error(code: str) -> str:
    try:
        compile(code, "cell", "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"line {line} of your cell" if line else "your cell"
        return f"{where} is not Python: {getattr(error, 'msg', error)}"
    return "your cell is not Python"


def _bare(source: str) -> str:
    """Text without differences of spacing at its edges and ends of line."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
