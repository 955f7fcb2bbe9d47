"""The parameters cell and the values given for it are judged strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from vcemo_lib.course.run.parameters import Parameter, parse_value, read_parameters, split_assignment
from vcemo_lib.errors import CourseError


def notebook(source: str, cells: int = 1):
    made = [new_code_cell(source, metadata={"tags": ["parameters"]}) for _ in range(cells)]
    return new_notebook(cells=made)


def test_reads_name_type_default_and_help():
    source = '# parameters\ncorpus: str = "a b"   # its name\nrate: float = 1  # a rate\n\non: bool = True\n'
    source += "n: int = -3"
    parameters = read_parameters(notebook(source), "x.ipynb")
    assert list(parameters) == ["corpus", "rate", "on", "n"]
    assert parameters["corpus"] == Parameter("corpus", "str", "a b", "its name")
    assert parameters["rate"].default == 1.0
    assert isinstance(parameters["rate"].default, float)
    assert parameters["on"].default is True
    assert parameters["n"].default == -3


@pytest.mark.parametrize(
    "line",
    [
        "rate = 1.0",
        "rate: float = 1.0  # rate=1 is best",
        'name: str = "a=b"',
        "x: str | None = None",
        "a, b = 1, 2",
        "x: int = 1 + y",
        "x: int = 1.5",
        "x: int = True",
        "x: str = 3",
        "x: list = [1]",
        "X: int = 1",
        "# x=1",
        "import os",
    ],
)
def test_refuses_a_malformed_line_and_quotes_it(line):
    with pytest.raises(CourseError, match="parameters cell, line 2") as caught:
        read_parameters(notebook(f"seed: int = 0\n{line}"), "x.ipynb")
    assert "x.ipynb" in str(caught.value)


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_exactly_one_parameters_cell(count):
    with pytest.raises(CourseError, match=f"{count} cells"):
        read_parameters(notebook("x: int = 1", count), "x.ipynb")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", "01", "01"),
        ("str", "1_2", "1_2"),
        ("str", "", ""),
        ("int", "-7", -7),
        ("float", "1e-3", 1e-3),
        ("bool", "True", True),
        ("bool", "false", False),
    ],
)
def test_values_take_the_declared_type(kind, text, value):
    parsed = parse_value(Parameter("x", kind, "", ""), text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "1.0"),
        ("int", "1_2"),
        ("int", ""),
        ("int", "abc"),
        ("float", "x"),
        ("float", "nan"),
        ("float", "inf"),
        ("bool", "1"),
        ("bool", "yes"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(kind, text):
    with pytest.raises(CourseError, match="Parameter rate"):
        parse_value(Parameter("rate", kind, "", ""), text)


@given(st.integers())
def test_every_whole_number_survives(number):
    assert parse_value(Parameter("n", "int", 0, ""), str(number)) == number


@given(st.text())
def test_every_text_survives(text):
    assert parse_value(Parameter("s", "str", "", ""), text) == text


def test_assignments():
    assert split_assignment("rate=a=b") == ("rate", "a=b")
    assert split_assignment("04:rate=1") == ("04:rate", "1")
    for bad in ("rate", "=1", "4:rate=1", "Rate=1", "a b=1"):
        with pytest.raises(CourseError, match="name=value"):
            split_assignment(bad)
