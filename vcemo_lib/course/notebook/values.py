"""Turning what a notebook computed into plain JSON values."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import CourseError


def plain(name: str, value: Any) -> Any:
    """`value` as JSON holds it: numpy and torch become numbers and lists, frames rows, paths text.

    Values of numpy, torch and pandas are known by their methods, so that none has to be imported.
    Errors: `CourseError` that names the entry when it is NaN, infinite or of a kind JSON has no form for.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise CourseError(f"The recorded value {name} is {value}; record None where there is no number.")
    if value is None or isinstance(value, bool | int | str | float):
        return float(value) if isinstance(value, float) else value
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): plain(f"{name}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(f"{name}[{index}]", item) for index, item in enumerate(value)]
    if hasattr(value, "to_dict"):
        return plain(name, value.to_dict("records") if hasattr(value, "columns") else value.to_dict())
    if hasattr(value, "tolist"):
        return plain(name, value.tolist())
    kind = type(value).__name__
    raise CourseError(f"The recorded value {name} is a {kind}; record numbers, texts, lists or dicts.")
