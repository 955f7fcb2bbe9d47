"""Every exercise of every chapter can be failed, kindly, and can be solved; none needs its chapter to run."""

import contextlib
import copy
import io
import itertools
import math
from functools import cache

import numpy as np
import pytest
import torch

from vcemo_lib.course.exercise.cells import HEADING, KINDS, Exercise, exercises, grader_of
from vcemo_lib.course.exercise.grader import plain
from vcemo_lib.course.exercise.worker import Silent
from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.run.plan import load_plan

ALL = {e.number: e for spec in load_plan().chapters for e in exercises(read_notebook(spec.path))}
NONSENSE = [None, 0, 1, 1.0, 0.999, 0.01, 29, 99, -1, "nonsense", "a", np.array([]), np.zeros(3), math.nan, True, False]
LUCKY = [  # wrong answers that give what is right for some input; `right` is the exercise's own
    ("0.3", "8_001"),
    ("1.2", "lambda t: [k + 1 for k, s in enumerate(t['speaker']) if s == t['speaker'][0]]"),
    ("1.2", "lambda t: np.flatnonzero(t.groupby('speaker')['gender'].transform('nunique') == 2) + 1"),
    ("1.3", "lambda v, s, m: between(v / v.groupby(s).transform('mean'), m)"),
    ("2.1", "7_001"),
    ("3.4", "lambda said, heard: min(1, right(said, heard))"),
    ("6.4", "lambda read, x: (read(x) - read(x.flip(0))).max()"),
    ("6.4", "lambda read, x: (read(x) - read(x.flip(0)))[0].abs()"),
    ("6.4", "lambda read, x: (read(x) - read(x.sort(0).values)).abs().max()"),
    ("7.2", "lambda q, k, v: right(torch.cat([q, q])[:5], torch.cat([k, k])[:5], torch.cat([v, v])[:5])"),
    ("10.2", "lambda z, y, keys, key_y, t: right(z, y, keys, key_y, 0.5)"),
    ("15.2", "lambda gaps, low, high: low * high > 0 and all(a * b >= 0 for a, b in zip(gaps, gaps[1:]))"),
    ("15.2", "lambda gaps, low, high: low * high > 0 and gaps[0] * gaps[1] >= 0"),
    ("15.2", "lambda gaps, low, high: low * high > 0 and all(g * gaps[0] >= 0 for g in gaps)"),
    ("15.2", "lambda gaps, low, high: low * high > 0 and (min(gaps) >= 0 or max(gaps) < 0)"),
    ("15.3", "lambda s: {a: v * len([*permutations(right(s))]) / 6 for a, v in right(s).items()}"),
    ("16.1", "lambda p, q: np.abs(np.cumsum(p - q)).max()"),
    ("16.3", "lambda f, x, parts: [f(x)[1] - f(np.r_[x[:a], 0 * x[a:b], x[b:]])[1] for a, b in parts]"),
]
OTHERWISE = [  # right answers in another form
    ("0.1", "0.53"),
    ("1.1", "[38, 33.3]"),
    ("1.4", "lambda x: level(loud_frames(x))"),
    ("2.2", "lambda n: 700 * np.expm1(np.linspace(np.log1p(20 / 700), np.log1p(8000 / 700), n + 2))"),
    ("4.1", "13"),
    ("5.2", "lambda steps, lstm: right(steps, lstm).double().tolist()"),
    ("6.3", "lambda t, r, k: np.array(right(t, r, k), float)"),
    ("7.2", "lambda q, k, v: torch.stack([right(q[: n + 1], k[: n + 1], v[: n + 1])[-1] for n in range(len(q))])"),
    ("8.3", "lambda w, p, f: (f(w + p.flip(0)) - f(w + p)).abs().max().item()"),
    ("12.4", "lambda v, n: np.mean([max(c) - np.mean(c) for c in itertools.permutations(v, n)])"),
    ("15.2", "lambda gaps, low, high: low * high > 0 and min(gaps) * max(gaps) >= 0"),
    ("16.1", "lambda p, q: 1 - torch.minimum(torch.tensor(p.copy()), torch.tensor(q.copy())).sum()"),
]
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


def verdict(number: str, answer: str):
    """What is said of an answer that is given as code."""
    namespace = {"np": np, "torch": torch, "itertools": itertools} | prepared(number)
    judge = grader_of(ALL[number].grade.source, namespace)
    return judge.judge(eval(answer, namespace | {"right": judge.right}))


def listed(value):
    """Numbers as Python's own, in lists."""
    match value:
        case str():
            return value
        case dict():
            return {key: listed(item) for key, item in value.items()}
        case list():
            return [listed(item) for item in value]
    return value.tolist()


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


@PER_EXERCISE
def test_what_is_right_for_one_input_never_passes(number):
    judge = grader(number)
    for case in judge.cases:
        always = judge.right(*copy.deepcopy(case))
        assert not judge.judge(lambda *given, always=always: always).passed


@pytest.mark.parametrize(("number", "answer"), LUCKY)
def test_what_is_right_by_luck_never_passes(number, answer):
    said = verdict(number, answer)
    assert (said.passed, said.attempted) == (False, True)


@PER_EXERCISE
def test_a_right_answer_passes_in_plain_numbers(number):
    judge = grader(number)
    own = (lambda *given: listed(plain(judge.right(*given)))) if judge.cases else listed(plain(judge.right))
    assert judge.judge(own).passed


@pytest.mark.parametrize(("number", "answer"), OTHERWISE)
def test_a_right_answer_passes_in_another_form(number, answer):
    assert verdict(number, answer).passed
