"""Every exercise of every chapter can be failed, kindly, and can be solved; none needs its chapter to run."""

import contextlib
import io
import math
from functools import cache

import numpy as np
import pytest

from vcemo_lib.course.exercise.cells import HEADING, KINDS, Exercise, exercises, grader_of
from vcemo_lib.course.exercise.worker import Silent
from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.run.plan import load_plan

ALL = {e.number: e for spec in load_plan().chapters for e in exercises(read_notebook(spec.path))}
NONSENSE = [None, 0, 1, 1.0, 0.999, 0.01, 29, 99, -1, "nonsense", "a", np.array([]), np.zeros(3), math.nan, True, False]
PER_EXERCISE = pytest.mark.parametrize("number", ALL)


def run(source: str, name: str, namespace: dict) -> str:
    """Run code as a cell; returns what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, name, "exec"), namespace)
    return printed.getvalue()


@cache
def prepared(number: str) -> dict:
    """What the chapter gives to one exercise."""
    exercise: Exercise = ALL[number]
    namespace = {"ctx": Silent(), "__name__": "__main__"}
    code = "\n".join(cell.source for cell in (exercise.task, exercise.grade, exercise.solution))
    run(exercise.preparation(code), f"before {number}", namespace)
    return namespace


@cache
def grader(number: str):
    return grader_of(ALL[number].grade.source, dict(prepared(number)))


def test_every_chapter_has_three_to_five():
    for spec in load_plan().chapters:
        assert 3 <= sum(number.partition(".")[0] == str(int(spec.number)) for number in ALL) <= 5, spec.number


def test_every_chapter_has_each_of_the_four_kinds():
    for spec in load_plan().chapters:
        kinds = [HEADING.search(e.text.source)["kind"] for e in exercises(read_notebook(spec.path))]
        assert set(kinds) == set(KINDS), spec.number


@PER_EXERCISE
def test_the_stub_fails_kindly(number):
    exercise, namespace = ALL[number], dict(prepared(number))
    assert run(exercise.task.source, exercise.task.id, namespace) == ""
    said = run(exercise.grade.source, exercise.grade.id, namespace)
    assert said == f"Exercise {number}: not attempted yet; put your answer in place of the dots.\n"


@PER_EXERCISE
def test_the_solution_passes(number):
    exercise, namespace = ALL[number], dict(prepared(number))
    run(f"{exercise.task.source}\n{exercise.grade.source}", exercise.task.id, namespace)
    said = run(exercise.solution.source, exercise.solution.id, namespace)
    assert said.endswith(f"✓ Exercise {number}: right.\n")


@PER_EXERCISE
def test_each_mutant_gets_its_own_hint(number):
    judge = grader(number)
    assert len(judge.mistakes) >= 3
    for hint, mutant in judge.mistakes.items():
        verdict = judge.judge(mutant)
        assert (verdict.passed, verdict.attempted, verdict.said) == (False, True, f"not yet: {hint}")


@PER_EXERCISE
def test_nonsense_never_passes(number):
    for value in NONSENSE:
        answers = [value, lambda *given, value=value, **named: value]
        answers += [(value, value), [value] * 3, {"a": value}, lambda *given, value=value: (value, value)]
        for answer in answers:
            verdict = grader(number).judge(answer)
            assert not verdict.passed, answer
            assert verdict.said and "\n" not in verdict.said
