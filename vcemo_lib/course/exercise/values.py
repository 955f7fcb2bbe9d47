"""Whether two values are the same answer, and in words what kind of value an answer is."""

import math
from collections.abc import Mapping
from typing import Any

Plain = Any  # numpy arrays, texts, and lists and dicts of them


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
    import numpy as np

    if value is ...:
        raise Blank
    if value is None:
        raise NoAnswer("that is None, which is no answer")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        raise NoAnswer("that is a set, which has no order: make a list of it, as sorted(…) does")
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().cpu()
    if isinstance(value, list | tuple):
        items = [_plain(item) for item in value]
        same = all(isinstance(item, np.ndarray) for item in items) and len({i.shape for i in items}) == 1
        if not same:
            return items
        value = np.stack(items)
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
