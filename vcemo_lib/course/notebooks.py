"""Reading notebooks, and the few questions asked of them everywhere."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .errors import CourseError


def read_notebook(path: Path) -> NotebookNode:
    """A notebook of format 4.

    Errors: `CourseError` when the file is missing or is no notebook; it names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise CourseError(f"There is no notebook {path.name} in {path.parent}.")
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises many kinds; all mean the same to the reader
        reason = str(error).strip().splitlines()[0]
        raise CourseError(f"{path.name} is not a valid notebook: {reason}") from error
    return notebook


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def tagged(notebook: NotebookNode, tag: str) -> list[NotebookNode]:
    """The cells that carry `tag`, in order."""
    return [cell for cell in notebook.cells if tag in tags(cell)]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_of(value: str | list[str]) -> str:
    """The text of an output, which a notebook stores as one string or as lines."""
    return value if isinstance(value, str) else "".join(value)
