"""A grader passes the right answer, knows its mistakes, and takes anything else kindly."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from vcemo_lib.course.exercise.grader import Grader
from vcemo_lib.errors import CourseError

NAN = float("nan")
NONSENSE = [None, 0, 1.0, 29, "nonsense", np.array([]), NAN, math.inf, (), {}, object(), int, 1j, b"x", [[1], [1, 2]]]


class Nasty:
    """An object that fails however it is read."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __array__(self, *given, **named):
        raise RuntimeError("no")


NONSENSE.append(Nasty())
NUMBER = Grader("1.1", right=5.5, mistakes={"halve it": 11.0, "the sign": -5.5, "add": 3})


def mean(values):
    return sum(values) / len(values)


FUNCTION = Grader(
    "1.2",
    cases=[([1.0, 2.0, 6.0],), ([4.0, 4.0],)],
    right=mean,
    mistakes={"divide by n": sum, "n, not n − 1": lambda v: sum(v) / (len(v) - 1), "that is the largest": max},
)


@pytest.mark.parametrize("answer", [5.5, np.float32(5.5), torch.tensor([5.5]), 5.502, [5.5], pd.Series([5.5])])
def test_a_right_number_passes_in_any_form(answer):
    assert NUMBER.judge(answer).passed


def test_a_mistake_that_gives_nan_has_its_hint_and_nan_elsewhere_does_not_pass():
    grader = Grader("1.5", right=[0.0, 1], mistakes={"0 · log 0": [NAN, 1], "swapped": [1, 0.0], "both": [1, 1]})
    assert grader.judge([NAN, 1]).said == "not yet: 0 · log 0"
    assert grader.judge([0, NAN]).said == "not yet: it holds a value that is not a finite number"


def test_each_mistake_gets_its_own_hint():
    for grader in (NUMBER, FUNCTION):
        said = {hint: grader.judge(wrong) for hint, wrong in grader.mistakes.items()}
        assert all(not v.passed and v.attempted and v.said == f"not yet: {hint}" for hint, v in said.items())


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: type(value).__name__)
def test_nonsense_never_passes_and_never_stops(nonsense):
    for verdict in (
        NUMBER.judge(nonsense),
        FUNCTION.judge(nonsense),
        FUNCTION.judge(lambda values: nonsense),
        Grader("1.3", right=(1, 2), mistakes={"a": (2, 1), "b": (1, 1), "c": 3}).judge(nonsense),
        Grader("1.4", right="angry", mistakes={"a": "sad", "b": "glad", "c": "x"}).judge(nonsense),
    ):
        assert not verdict.passed
        assert "\n" not in verdict.said
        assert verdict.said


@pytest.mark.parametrize(
    "stub", [..., lambda values: ..., lambda values: ... + 1, lambda values: (..., 1), lambda values: {"a": ...}]
)
def test_dots_are_not_an_attempt(stub):
    assert not FUNCTION.judge(stub).attempted
    assert not NUMBER.judge(...).attempted
    assert not NUMBER.judge((1, ...)).attempted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda values: 1 / 0, "stops with ZeroDivisionError: division by zero"),
        (lambda values: exec("raise SystemExit(3)"), "stops with SystemExit: 3"),
        (lambda: 1, "stops with TypeError"),
        (lambda values: None, "gives None; end it with return"),
        (3.0, "a float, and a function is expected"),
        (lambda values: [1, 2], "in the shape (2,); expected: a number"),
        (lambda values: "x", "it is a text; expected: a number"),
        (lambda values: NAN, "not a finite number"),
        (lambda values: 77.0, "no mistake known here"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(answer, words):
    assert words in FUNCTION.judge(answer).said


def test_a_function_given_for_a_value_is_told_to_call_it():
    assert "call it" in NUMBER.judge(mean).said


def test_a_case_is_not_spoilt_by_what_an_answer_does_to_it():
    def careless(values):
        values.append(100.0)
        return 0.0

    assert not FUNCTION.judge(careless).passed
    assert FUNCTION.judge(mean).passed


def test_what_a_function_is_given_stays_as_it_was():
    def in_place(values):
        values[:] = [value / len(values) for value in values]
        return sum(values)

    assert FUNCTION.judge(in_place).said == "not yet: your function changes what it is given; work on a copy"
    called = Grader("1.3", cases=[(mean, [1, 2])], right=lambda f, v: f(v), mistakes={"a": lambda f, v: 1})
    assert called.judge(lambda f, v: f(v)).passed  # a function that is given holds no values
    keyed = Grader("1.4", cases=[({frozenset("abcdef"): 2, "k": 3},)], right=len, mistakes={"a": lambda d: 1})
    assert keyed.judge(len).passed
    assert "work on a copy" in keyed.judge(lambda d: d.pop("k")).said


@pytest.mark.parametrize(
    ("by", "words"),
    [(-1, "sign"), (100, "per cent in place"), (0.01, "a share in place"), (1000, "too large"), (0.001, "too small")],
)
def test_a_slip_of_sign_or_unit_is_named(by, words):
    named = Grader("1.4", cases=[(1.0,), (2.0,)], right=lambda x: {"a": ("x", x)}, mistakes={"b": lambda x: x})
    assert words in FUNCTION.judge(lambda values: by * mean(values)).said
    assert words in named.judge(lambda x: {"a": ("x", by * x)}).said
    assert "no mistake known" in named.judge(lambda x: {"a": ("x", 50 * by * x)}).said


@pytest.mark.parametrize(("right", "answer"), [(0.0, 0.05), (0.0, 0.9), (5e-4, 1.0), (1e-3, 0.15), (0.05, 1.2e-3)])
def test_beside_a_right_answer_near_zero_no_slip_of_a_unit_is_made_up(right, answer):
    grade = Grader("1.4", right=right, mistakes={"a": 50.0})
    assert "no mistake known" in grade.judge(answer).said


def test_yes_is_not_one_and_shapes_count():
    yes = Grader("1.5", right=[True, False], mistakes={"a": [True, True], "b": [False, True], "c": [False, False]})
    assert yes.judge(np.array([True, False])).passed
    assert not yes.judge([1, 0]).passed
    row = Grader("1.6", right=np.eye(2), mistakes={"a": np.ones((2, 2)), "b": np.zeros((2, 2)), "c": 2 * np.eye(2)})
    assert not row.judge(np.eye(2).ravel()).passed
    assert row.judge(torch.eye(2)).passed


def test_texts_and_dicts_are_compared_by_content():
    named = Grader("1.7", right={"a": 1, "b": (2, 3)}, mistakes={"x": {"a": 1}, "y": {"a": 2, "b": 1}, "z": 0})
    assert named.judge({"b": [2, 3], "a": 1.0}).passed
    assert "a dict with 'a', 'b'" in named.judge({"a": 1, "c": 2}).said
    assert "no mistake known" in named.judge({"b": 5, "a": 5}).said  # another order of the names is no fault
    assert Grader("1.8", right="Angry", mistakes={"x": "sad", "y": "a", "z": "b"}).judge(" angry ").passed


def test_an_order_is_asked_for_a_set_has_none_and_an_array_of_texts_is_a_list_of_them():
    inorder = Grader("1.10", right=["awe", "bored"], mistakes={"x": ["bored", "awe"], "y": ["awe"], "z": []})
    assert inorder.judge(np.unique(["bored", "awe", "awe"])).passed
    assert inorder.judge(np.array(["bored", "awe"], dtype=object)).said == "not yet: x"
    refused = inorder.judge({"awe", "bored"})
    assert not refused.passed and "a set, which has no order" in refused.said


def test_two_equal_mistakes_are_refused_when_the_grader_is_made():
    with pytest.raises(CourseError, match=r"Exercise 2.1: 'b' and 'c' are the same answer"):
        Grader("2.1", right=1, mistakes={"a": 2, "b": 3, "c": 3.0000001})
    with pytest.raises(CourseError, match="'right' and 'a'"):
        Grader("2.1", right=1, mistakes={"a": 1.0, "b": 3, "c": 4})


def test_calling_prints_one_line(capsys):
    for answer in (5.5, 11, ...):
        NUMBER(answer)
    assert capsys.readouterr().out == (
        "✓ Exercise 1.1: right.\nExercise 1.1: not yet: halve it.\n"
        "Exercise 1.1: not attempted yet; put your answer in place of the dots.\n"
    )


def test_a_hint_that_asks_ends_with_its_question_mark(capsys):
    Grader("1.9", right=1, mistakes={"how many more?": 2, "a": 3, "b": 4})(2)
    assert capsys.readouterr().out == "Exercise 1.9: not yet: how many more?\n"
