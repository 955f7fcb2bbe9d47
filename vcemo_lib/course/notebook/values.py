"""Turning what a notebook computed into plain JSON values."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import CourseError


def plain(name: str, value: Any) -> Any:
    """`value` as JSON holds it: numpy and torch become numbers and lists, frames rows, paths text.

    Errors: `CourseError` that names the entry when it is NaN, infinite or of a kind JSON has no form for.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _finite(name, value)
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): plain(f"{name}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(f"{name}[{place}]", item) for place, item in enumerate(value)]
    return plain(name, _converted(name, value))


def _finite(name: str, value: float) -> float:
    if math.isfinite(value):
        return float(value)
    raise CourseError(f"The recorded value {name} is {value}; record None where there is no number.")


def _converted(name: str, value: Any) -> Any:
    """Values of numpy, torch and pandas, known by their methods so that none has to be imported."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict("records")
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "tolist"):
        return value.tolist()
    kind = type(value).__name__
    raise CourseError(f"The recorded value {name} is a {kind}; record numbers, texts, lists or dicts.")
