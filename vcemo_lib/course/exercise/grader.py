"""What a `grade` cell holds: the right answer, recomputed, and the mistakes it knows, each with its hint."""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from ...errors import CourseError

LONGEST = 120  # characters of an error that are quoted
DOTS = "put your answer in place of the dots"
SLIPS = {  # what a right answer was multiplied by
    -1: "its sign is turned round",
    100: "it is a hundred times too large: per cent in place of a share?",
    0.01: "it is a hundred times too small: a share in place of per cent?",
    1000: "it is a thousand times too large; look at the unit",
    0.001: "it is a thousand times too small; look at the unit",
}
Plain = Any  # numpy arrays, texts, and lists and dicts of them


@dataclass(frozen=True)
class Verdict:
    """What a grader says of one answer: whether it passes, whether it is one at all, and one sentence."""

    passed: bool
    attempted: bool
    said: str


@dataclass(frozen=True)
class Grader:
    """Judges one exercise. Calling it prints one line; nothing that an answer does stops the notebook.

    Args:
        number: of the exercise, "8.2".
        right: the right answer, best recomputed: a value, or a function where the exercise asks for one.
        mistakes: hint → the wrong answer it belongs to, of the same kind as `right`; three at least.
        cases: where the exercise asks for a function: argument lists it is called with, of two sizes at least,
            so that no constant passes. Each call gets copies, and leaves them as they are.
        close: numbers may differ by this much of their size.

    Errors: `CourseError` when two of right and mistakes are the same answer.
    """

    number: str
    right: Any
    mistakes: Mapping[str, Any]
    cases: Sequence[tuple] = ()
    close: float = 1e-3

    def __post_init__(self) -> None:
        known = [("right", self._right), *self._wrong.items()]
        for (one, value), (other, its) in combinations(known, 2):
            if alike(value, its, self.close):
                raise CourseError(f"Exercise {self.number}: {one!r} and {other!r} are the same answer.")

    @cached_property
    def _right(self) -> Any:
        return self._value(self.right)

    @cached_property
    def _wrong(self) -> dict[str, Any]:
        return {hint: self._value(answer) for hint, answer in self.mistakes.items()}

    def __call__(self, answer: Any) -> None:
        """Print the verdict on an answer."""
        verdict = self.judge(answer)
        head = "✓ " if verdict.passed else ""
        end = "" if verdict.said.endswith("?") else "."
        print(f"{head}Exercise {self.number}: {verdict.said}{end}")

    def judge(self, answer: Any) -> Verdict:
        """The verdict on an answer, whatever it is."""
        try:
            got = self._value(answer)
        except Blank:
            return Verdict(False, False, f"not attempted yet; {DOTS}")
        except NoAnswer as problem:
            return Verdict(False, True, f"not yet: {problem}")
        if alike(got, self._right, self.close):
            return Verdict(True, True, "right")
        return Verdict(False, True, f"not yet: {self._hint(got)}")

    def _hint(self, got: Any) -> str:
        """The hint of the mistake that gives this value; else what is wrong with its kind."""
        if known := [hint for hint, wrong in self._wrong.items() if alike(got, wrong, self.close)]:
            return known[0]
        same_length = isinstance(got, list) and kind(got) == kind(self._right)  # such as a value for each case
        for its, right in zip(got, self._right, strict=True) if same_length else [(got, self._right)]:
            if kind(its) != kind(right):
                return f"it is {kind(its)}; expected: {kind(right)}"
        if holds_nan(got):
            return "it holds a value that is not a finite number"
        for by, said in SLIPS.items():  # seen from both sides: to what is near zero all that is small is alike
            if all(alike(divided(got, a), divided(self._right, b), self.close) for a, b in ((by, 1), (1, 1 / by))):
                return said
        return "no mistake known here gives that; read the hints and compare step by step"

    def _value(self, answer: Any) -> Any:
        """An answer as plain values: itself, or what it gives for the cases where it is a function."""
        if not self.cases:
            if callable(answer):
                raise NoAnswer(f"that is {article(type(answer).__name__)}, and a value is expected: call it")
            return plain(answer)
        if not callable(answer):
            plain(answer)  # dots and None say so themselves
            raise NoAnswer(f"that is {article(type(answer).__name__)}, and a function is expected")
        return [plain(_called(answer, case)) for case in self.cases]


def named(error: BaseException) -> str:
    """An error in a few words: its kind and the first line of what it says."""
    first = (str(error).strip().splitlines() or [""])[0].rstrip(".")[:LONGEST]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _called(function: Callable, case: tuple) -> Any:
    """What a function gives for copies of the arguments, which it leaves as they are."""
    copies = copy.deepcopy(case)
    try:
        given = function(*copies)
    except (Exception, SystemExit) as error:
        if "ellipsis" in str(error).lower():
            raise Blank from error
        raise NoAnswer(f"your function stops with {named(error)}") from error
    if given is None:
        raise NoAnswer("your function gives None; end it with return")
    if not all(map(same, copies, case)):
        raise NoAnswer("your function changes what it is given; work on a copy")
    return given


def same(one: Any, other: Any) -> bool:
    """Whether two arguments hold the same; yes for what holds no values, such as a model."""
    if isinstance(one, Mapping):  # its keys may be sets, which a copy may hold in another order
        return one.keys() == other.keys() and all(map(same, one.values(), other.values()))
    try:
        return alike(plain(one), plain(other), 0)
    except (Blank, NoAnswer):
        return True


class NoAnswer(Exception):
    """A value that cannot be an answer; its text says why, to a student."""


class Blank(Exception):
    """A value in which the dots of the stub still stand."""


def plain(value: Any) -> Plain:
    """Numbers, tensors and frames as numpy arrays; texts, lists and dicts in their form; else `Blank` or `NoAnswer`."""
    try:
        return _plain(value)
    except (Blank, NoAnswer):
        raise
    except Exception as error:  # an object of a student's own may do anything when it is read
        raise NoAnswer(f"that is {article(type(value).__name__)}, which is no answer here") from error


def _plain(value: Any) -> Plain:
    if value is ...:
        raise Blank
    if value is None:
        raise NoAnswer("that is None, which is no answer")
    if isinstance(value, set | frozenset):
        raise NoAnswer("that is a set, which has no order: make a list of it, as sorted(…) does")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _stacked([_plain(item) for item in value])
    return _array(value.detach().cpu() if hasattr(value, "detach") else value)  # a tensor


def _stacked(items: list[Plain]) -> Plain:
    """Arrays of one shape as one array; other items as they are."""
    import numpy as np

    same = all(isinstance(item, np.ndarray) for item in items) and len({item.shape for item in items}) == 1
    return _array(np.stack(items)) if same else items


def _array(value: Any) -> Plain:
    import numpy as np

    array = np.asarray(value)
    if array.ndim and array.dtype.kind in "UTO":  # texts, such as np.unique gives
        return [_plain(item) for item in array.tolist()]
    if array.dtype.kind not in "biuf":
        raise NoAnswer(f"that is {article(type(value).__name__)}, which is no answer here")
    return array.reshape(()) if array.size == 1 else array


def alike(one: Plain, other: Plain, close: float) -> bool:
    """Whether two plain values are equal, numbers within `close` of their size (and of zero), nan where nan is."""
    import numpy as np

    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        same_kind = one.shape == other.shape and (one.dtype.kind == "b") == (other.dtype.kind == "b")
        within = {"rtol": close, "atol": close, "equal_nan": True}
        return same_kind and bool(np.allclose(one.astype(float), other.astype(float), **within))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key], close) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(alike(a, b, close) for a, b in zip(one, other, strict=True))
    return one.casefold() == other.casefold()


def divided(value: Plain, by: float) -> Plain:
    """A plain value with its numbers divided; texts and yes or no stay."""
    if isinstance(value, dict):
        return {key: divided(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [divided(item, by) for item in value]
    return value if isinstance(value, str) or value.dtype.kind == "b" else _array(value / by)


def kind(value: Plain) -> str:
    """What a plain value is, in words, such as a number."""
    if isinstance(value, str):
        return "a text"
    if isinstance(value, dict):
        return f"a dict with {', '.join(sorted(map(repr, value)))}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value.shape:
        return f"{'yes or no' if value.dtype.kind == 'b' else 'numbers'} in the shape {value.shape}"
    return "True or False" if value.dtype.kind == "b" else "a number"


def holds_nan(value: Plain) -> bool:
    """Whether a plain value holds something that is not a number, or is infinite."""
    if isinstance(value, str):
        return False
    if isinstance(value, dict | list):
        return any(map(holds_nan, value.values() if isinstance(value, dict) else value))
    return any(not math.isfinite(item) for item in value.ravel().tolist())


def article(word: str) -> str:
    """A word with its article."""
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"
