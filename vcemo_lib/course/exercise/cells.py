"""The exercises of a notebook: four cells each, in one order, that go by their ids.

c07-exercise2            the task in words, two folded hints
c07-exercise2-task       the stub, tagged task
c07-exercise2-grade      `grade = course.Grader(…)` and `grade(answer)`, tagged grade, folded
c07-exercise2-solution   tagged solution, source and output folded
"""

import ast
import re
from dataclasses import dataclass

from ..notebook.reading import Cell, Notebook, tags
from .given import Line, given, lines
from .grader import Grader

KINDS = ("predict", "modify", "implement", "investigate")
HEADING = re.compile(
    r"^##+ Exercise (?P<number>\d+\.\d+) (?P<stars>★{1,3}) "
    rf"\((?P<minutes>\d+) minutes, (?P<kind>{'|'.join(KINDS)})\): \S",
    re.M,
)
ROLES = ("task", "grade", "solution")
FOLDED = {"grade": ("source_hidden",), "solution": ("source_hidden", "outputs_hidden")}


@dataclass(frozen=True)
class Exercise:
    """One exercise. Args: text, task, grade and solution, its cells; before, the chapter's lines up to it.

    `before` is without the line that makes `ctx`, which shows and records.
    """

    text: Cell
    task: Cell
    grade: Cell
    solution: Cell
    before: tuple[Line, ...]

    @property
    def number(self) -> str:
        """As in its heading: "7.2"."""
        return HEADING.search(self.text.source)["number"]

    @property
    def answer(self) -> str:
        """The name that the grader is called with."""
        return answer_name(self.grade.source)

    def preparation(self, code: str) -> str:
        """The lines of the chapter that code needs here."""
        return "\n".join(line.source for line in given(code, self.before))


def grader_of(source: str, namespace: dict) -> Grader:
    """The grader of a `grade` cell, made in a namespace that holds what it needs; no answer is judged."""
    body = ast.parse(source).body[:-1]  # the last line calls it
    exec(compile(ast.Module(body, []), "<grader>", "exec"), namespace)
    return namespace["grade"]


def answer_name(source: str) -> str:
    """The answer's name of a `grade` cell, which ends with `grade(answer)`; empty when it has another end."""
    try:
        last = ast.parse(source).body[-1]
    except (SyntaxError, IndexError):
        return ""
    match last:
        case ast.Expr(ast.Call(ast.Name("grade"), [ast.Name(name)], [])):
            return name
    return ""


def exercises(notebook: Notebook) -> list[Exercise]:
    """The exercises of a chapter that have all their cells, in order."""
    cells = {cell.id: (index, cell) for index, cell in enumerate(notebook.cells)}
    complete, chapter = [], chapter_lines(notebook)
    for name in [name.removesuffix("-grade") for name in cells if name.endswith("-grade")]:
        ids = [name, *(f"{name}-{role}" for role in ROLES)]
        if all(one in cells for one in ids):
            before = tuple(line for line in chapter if line.cell < cells[name][0] and line.binds != {"ctx"})
            complete.append(Exercise(*(cells[one][1] for one in ids), before))
    return complete


def chapter_lines(notebook: Notebook) -> list[Line]:
    """The lines of the chapter's own code: nothing of its exercises."""
    own = [(k, c) for k, c in enumerate(notebook.cells) if c.cell_type == "code" and not set(ROLES) & set(tags(c))]
    return [line for index, cell in own for line in lines(cell.source, index)]
