"""The code in the committed notebooks: no wider than their pages, and importing names that the library lends."""

import ast
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import pytest
from nbformat import NotebookNode

from vcemo_lib.course.notebook.reading import code_cells, read_notebook
from vcemo_lib.course.run.plan import NOTEBOOKS

WIDEST = 88  # as in notebooks/ruff.toml
CHAPTERS = [pytest.param(path, id=path.stem) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


def imported(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Module and name of each import from the library."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] == "vcemo_lib":
            yield from ((node.module, alias.name) for alias in node.names)


def lent(module: str, name: str) -> bool:
    return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None


def test_there_are_chapters():
    assert len(CHAPTERS) == 17


@pytest.mark.parametrize("path", CHAPTERS)
def test_no_line_of_code_is_cut(path):
    lines = [(cell.id, line) for cell in code_cells(read_notebook(path)) for line in cell.source.splitlines()]
    assert [(name, line) for name, line in lines if len(line) > WIDEST] == []


@pytest.mark.parametrize("path", CHAPTERS)
def test_what_is_imported_is_lent(path):
    wanted = {pair for cell in code_cells(read_notebook(path)) for pair in imported(cell)}
    assert sorted(pair for pair in wanted if not lent(*pair)) == []
