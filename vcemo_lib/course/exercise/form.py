"""The rules that exercises keep, for `vcemo lint`: pairs of cell id (empty for the chapter) and what is wrong.

An exercise is four cells that follow one another, known by their ids: the text `c07-exercise2`, with two folded hints,
`-task` (the stub, dots for the answer), `-grade` and `-solution`, tagged `task`, `grade` and `solution`; the last two
are folded, the solution's output too. The grade cell makes `grade = course.Grader("7.2", right=…, mistakes={hint:
wrong answer, …})` and ends with `grade(answer)`; for a function, `cases=[(arguments), …]` and functions throughout.
Right and wrong answers are computed, not typed; two that are equal are refused.

It uses what its chapter defines (functions, classes, imports, constants), no trained model: marking and tests run it
without the chapter. Its names are used nowhere else, since students have no solutions.
"""

import ast
from collections.abc import Iterator

from ..notebook.reading import Notebook, code_cells, tags
from .cells import FOLDED, HEADING, KINDS, ROLES, Exercise, answer_name, chapter_lines, exercises
from .given import binds

FEWEST, MOST, MISTAKES, HINTS = 3, 5, 3, 2
HEAD = f"## Exercise 7.2 ★★ (10 minutes, {'|'.join(KINDS)}): what it is about"
Problems = Iterator[tuple[str, str]]


def problems(notebook: Notebook, number: str) -> Problems:
    """Everything that is wrong with the exercises of a chapter, such as "07"."""
    if odd := [cell.id for cell in code_cells(notebook) if not is_python(cell.source)]:
        yield odd[0], "it is not Python, so the exercises cannot be read"
        return
    complete = exercises(notebook)
    if not FEWEST <= len(complete) <= MOST:
        yield "", f"a chapter has {FEWEST} to {MOST} whole exercises, this one {len(complete)}"
    known = {cell.id for one in complete for cell in (one.task, one.grade, one.solution)}
    for cell in notebook.cells:
        if set(ROLES) & set(tags(cell)) and cell.id not in known:
            others = "text, task, grade, solution"
            yield cell.id, f"a task, grade or solution without the other cells of its exercise: {others}"
    ids = [cell.id for cell in notebook.cells]
    for expected, exercise in enumerate(complete, start=1):
        yield from _text(exercise, f"{int(number)}.{expected}")
        yield from _cells(exercise, ids)
        yield from _task(exercise)
        yield from _grade(exercise)
    yield from _names(notebook, complete)


def is_python(source: str) -> bool:
    """Whether a cell can be parsed: it has no line that is IPython's own."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _text(exercise: Exercise, number: str) -> Problems:
    name, source = exercise.text.id, exercise.text.source
    heading = HEADING.search(source)
    if not heading or heading["number"] != number:
        yield name, f"its heading is of the form '{HEAD}', with the number {number}"
    if source.count("<details><summary>Hint") < HINTS:
        yield name, f"it has fewer than {HINTS} folded hints, '<details><summary>Hint 1</summary>…</details>'"


def _cells(exercise: Exercise, ids: list[str]) -> Problems:
    name = exercise.text.id
    start = ids.index(name)
    if ids[start : start + 4] != [name, *(f"{name}-{role}" for role in ROLES)]:
        yield name, "text, task, grade and solution do not follow one another: what stands between shows the answer"
    for role in ROLES:
        cell = getattr(exercise, role)
        if tags(cell) != [role]:
            yield cell.id, f"it has not the one tag {role}"
        unfolded = [fold for fold in FOLDED.get(role, ()) if not cell.metadata.get("jupyter", {}).get(fold)]
        if unfolded:
            yield cell.id, f"it is not folded: set {' and '.join(unfolded)}"


def _task(exercise: Exercise) -> Problems:
    cell = exercise.task
    dots = any(isinstance(n, ast.Constant) and n.value is ... for n in ast.walk(ast.parse(cell.source)))
    if not dots or exercise.answer not in binds(cell.source):
        yield cell.id, f"the stub does not define {exercise.answer or 'the answer'} with dots for what is to be written"
    if exercise.answer not in binds(exercise.solution.source):
        yield exercise.solution.id, f"the solution does not define {exercise.answer or 'the answer'}"
    if answer_name(exercise.solution.source) != exercise.answer:
        yield exercise.solution.id, f"the solution does not end with grade({exercise.answer})"


def _grade(exercise: Exercise) -> Problems:
    cell = exercise.grade
    calls = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Call)]
    graders = [call for call in calls if ast.unparse(call.func) == "course.Grader"]
    if not graders or not exercise.answer:
        yield cell.id, "it does not make grade = course.Grader(…) and end with grade(answer)"
        return
    heading, first = HEADING.search(exercise.text.source), graders[0].args[:1]
    if heading and [getattr(one, "value", "") for one in first] != [heading["number"]]:
        yield cell.id, f'its grader does not begin with "{heading["number"]}"'
    mistakes = [k.value for k in graders[0].keywords if k.arg == "mistakes" and isinstance(k.value, ast.Dict)]
    if not mistakes or len(mistakes[0].keys) < MISTAKES:
        yield cell.id, f"its grader names fewer than {MISTAKES} mistakes: mistakes={{hint: wrong answer, …}}"


def _names(notebook: Notebook, complete: list[Exercise]) -> Problems:
    """What an exercise defines is used nowhere else: students' notebooks lack the solutions."""
    answers = [exercise.answer for exercise in complete]
    for name in {name for name in answers if name and answers.count(name) > 1}:
        yield "", f"two exercises ask for the name {name}"
    chapter = chapter_lines(notebook)
    taught = {name for line in chapter for name in line.binds}
    for exercise in complete:
        index = notebook.cells.index(exercise.text)
        own = frozenset().union(*(binds(c.source) for c in (exercise.task, exercise.grade, exercise.solution)))
        after = [line for line in chapter if line.cell > index]
        for line in after:
            if stolen := sorted(own & line.needs - taught):
                yield notebook.cells[line.cell].id, f"it uses {', '.join(stolen)} of exercise {exercise.text.id}"
        if exercise.answer in taught:
            yield exercise.task.id, f"the chapter itself defines {exercise.answer}; give the answer a name of its own"
        before = {name for line in chapter if line.cell < index for name in line.binds}
        if over := sorted((own - {"grade", exercise.answer}) & before & {n for line in after for n in line.needs}):
            yield exercise.solution.id, f"it defines {', '.join(over)} anew, which the chapter uses after it"
