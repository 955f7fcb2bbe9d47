"""The parameters cell: reading it strictly, and judging the values a user gives.

papermill only warns about a name it does not know and turns `01` into 1, so both are decided here, before
anything runs. The grammar: one line per parameter, `name: type = literal  # help`, with exactly one `=`.
"""

import ast
import math
import re
from dataclasses import dataclass

from ...errors import CourseError
from ..notebook.reading import Notebook, tags

TYPES = {"str": str, "int": int, "float": float, "bool": bool}
EXPECTED = {"bool": "true or false", "int": "a whole number", "float": "a number"}
LINE = re.compile(r"(?P<name>[a-z_][a-z0-9_]*): (?P<type>\w+) = (?P<value>[^#=]+?)\s*(?:#\s*(?P<help>[^=]*))?")
Value = str | int | float | bool


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell."""

    name: str
    type: str
    default: Value
    help: str


def read_parameters(notebook: Notebook, name: str) -> dict[str, Parameter]:
    """The parameters a notebook declares, in order; name: how messages call it.

    Errors: `CourseError` when there is not exactly one such cell, or a line has another form.
    """
    cells = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    if len(cells) != 1:
        raise CourseError(f"{name} has {len(cells)} cells tagged 'parameters'; it must have one.")
    parameters: dict[str, Parameter] = {}
    for number, line in enumerate(cells[0].source.splitlines(), start=1):
        if line.strip() and not (line.startswith("#") and "=" not in line):
            try:
                parameter = _parse(line)
            except (KeyError, ValueError, SyntaxError) as error:
                raise CourseError(
                    f"{name}, parameters cell, line {number}: {line!r} is not of the form 'name: type = literal  # "
                    f"help' with one equals sign and a literal of its type, which is one of {', '.join(TYPES)}."
                ) from error
            parameters[parameter.name] = parameter
    return parameters


def _parse(line: str) -> Parameter:
    if not (matched := LINE.fullmatch(line)):
        raise ValueError(line)
    name, kind, value, told = matched.groups()
    default = ast.literal_eval(value)
    if type(default) not in {TYPES[kind], int if kind == "float" else None}:
        raise ValueError(value)
    return Parameter(name, kind, TYPES[kind](default), (told or "").strip())


def parse_value(parameter: Parameter, text: str) -> Value:
    """A value from the command line, in the type its notebook declares; `CourseError` where it is none."""
    whole, words = re.fullmatch(r"[+-]?\d+", text), {"true": True, "false": False}  # int() alone takes 1_000
    if parameter.type == "str" or (parameter.type == "int" and whole):
        return TYPES[parameter.type](text)
    if parameter.type == "bool" and text.lower() in words:
        return words[text.lower()]
    try:
        if parameter.type == "float" and math.isfinite(value := float(text)):
            return value
    except ValueError:
        pass  # refused below, as every other text
    raise CourseError(f"Parameter {parameter.name} is {text!r}; it must be {EXPECTED[parameter.type]}.")


def split_assignment(text: str) -> tuple[str, str]:
    """`name=value` from the command line as its two halves; `CourseError` for another form."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"(\d\d:)?[a-z_][a-z0-9_]*", name):
        raise CourseError(f"-p {text!r} is not of the form name=value (or 04:name=value for one chapter).")
    return name, value
