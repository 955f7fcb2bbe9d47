"""Reading notebooks, and the few questions asked of them everywhere."""

import json
import sys
from pathlib import Path
from typing import Any

from ...errors import CourseError

# nbformat's NotebookNode, a dict read by its attributes: an import of it takes half a second, which a command that is
# refused does not spend.
Notebook = Cell = Output = Any


def read_notebook(path: Path) -> Notebook:
    """A notebook of format 4.5; a `CourseError` names a file that is missing or is none."""
    path = Path(path)
    if not path.is_file():
        raise CourseError(f"There is no notebook {path.name} in {path.parent}.")
    try:
        return parse_notebook(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CourseError(f"{path.name} is not a valid notebook: {error}") from error


def parse_notebook(text: str) -> Notebook:
    """A notebook from its JSON, as it is: `nbformat.read` would give cells with one id new ones.

    Errors: `ValueError` for anything but format 4.5, the first with ids that stay.
    """
    skip_slow_imports()
    import nbformat
    from nbformat.validator import iter_validate

    content = json.loads(text)
    if not isinstance(content, dict) or (content.get("nbformat"), content.get("nbformat_minor")) != (4, 5):
        raise ValueError("it is not of notebook format 4.5")
    for problem in iter_validate(content, version=4, version_minor=5):
        raise ValueError(str(problem).strip().splitlines()[0])
    return nbformat.v4.reads(text)


def skip_slow_imports() -> None:
    """Keep jsonschema, which nbformat brings, from a grammar of web addresses: a second at every start, for nothing."""
    sys.modules.setdefault("rfc3987_syntax", None)


def tags(cell: Cell) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def code_cells(notebook: Notebook) -> list[Cell]:
    """The code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
