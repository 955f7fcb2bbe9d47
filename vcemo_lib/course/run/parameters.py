"""The parameters cell: reading it strictly, and judging the values a user gives.

papermill only warns about a name it does not know and turns `01` into 1, so both are decided here, before
anything runs. The grammar: one line per parameter, `name: type = literal  # help`, with exactly one `=`.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import CourseError
from ..notebook.reading import tags

if TYPE_CHECKING:
    from nbformat import NotebookNode

TYPES = {"str": str, "int": int, "float": float, "bool": bool}
LINE = re.compile(r"^(?P<name>[a-z_][a-z0-9_]*): (?P<type>\w+) = (?P<value>[^#]+?)\s*(?:#\s*(?P<help>.*))?$")
Value = str | int | float | bool


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell."""

    name: str
    type: str
    default: Value
    help: str


def read_parameters(notebook: NotebookNode, name: str) -> dict[str, Parameter]:
    """The parameters a notebook declares, in order.

    Args: name, how to call the notebook in messages.
    Errors: `CourseError` when there is not exactly one such cell, or a line has another form.
    """
    cells = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    if len(cells) != 1:
        raise CourseError(f"{name} has {len(cells)} cells tagged 'parameters'; it must have one.")
    found: dict[str, Parameter] = {}
    for number, line in enumerate(cells[0].source.splitlines(), start=1):
        if line.strip() and not (line.startswith("#") and "=" not in line):
            parameter = _parse(line, f"{name}, parameters cell, line {number}")
            found[parameter.name] = parameter
    return found


def _parse(line: str, place: str) -> Parameter:
    matched = LINE.match(line)
    if line.count("=") != 1 or not matched or matched["type"] not in TYPES:
        raise CourseError(
            f"{place}: {line!r} is not of the form 'name: type = literal  # help' with one equals sign "
            f"and a type among {', '.join(TYPES)}."
        )
    try:
        default = ast.literal_eval(matched["value"])
    except (ValueError, SyntaxError):
        default = None
    kind = TYPES[matched["type"]]
    if type(default) is not kind and not (kind is float and type(default) is int):
        raise CourseError(f"{place}: the default {matched['value']} is not a literal of type {matched['type']}.")
    return Parameter(matched["name"], matched["type"], kind(default), (matched["help"] or "").strip())


def parse_value(parameter: Parameter, text: str) -> Value:
    """A value from the command line, in the type its notebook declares.

    Errors: `CourseError` that names parameter, type and what was given.
    """
    try:
        value = READ[parameter.type](text)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(text)
        return value
    except (KeyError, ValueError) as error:
        expected = {"bool": "true or false", "int": "a whole number", "float": "a number"}[parameter.type]
        raise CourseError(f"Parameter {parameter.name} is {text!r}; it must be {expected}.") from error


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):  # int() alone takes 1_000
        raise ValueError(text)
    return int(text)


READ = {
    "str": str,
    "int": _whole_number,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
}


def split_assignment(text: str) -> tuple[str, str]:
    """`name=value` from the command line as its two halves."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"(\d\d:)?[a-z_][a-z0-9_]*", name):
        raise CourseError(f"-p {text!r} is not of the form name=value (or 04:name=value for one chapter).")
    return name, value
