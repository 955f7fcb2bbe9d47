"""Editions of the chapters that leave the checkout; here the students', without solutions."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

from ...errors import CourseError
from ...storage import write_text
from ..check.canonical import canonical
from ..notebook.reading import Notebook, read_notebook, tags
from ..run.plan import NOTEBOOKS, load_plan

DRAWING = re.compile(r"(!\[[^\]]*\])\((\.\./[^)]+\.svg)\)")
LINK_OUT = re.compile(r"\[([^\]]+)\]\(\.\./([^)]+)\)")


def write_edition(target: Path, chapters: tuple[str, ...] = (), source: Path = NOTEBOOKS) -> list[Path]:
    """Write chapters without solutions into a folder, with their drawings inside; their other outputs stay.

    Returns and errors: `write_copies`.
    """

    def change(notebook: Notebook, path: Path) -> None:
        notebook.cells = [cell for cell in notebook.cells if "solution" not in tags(cell)]
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = carried(cell.source, path.parent)

    return write_copies(target, chapters, change, source)


def write_copies(
    target: Path, chapters: tuple[str, ...], change: Callable[[Notebook, Path], None], source: Path = NOTEBOOKS
) -> list[Path]:
    """Write changed copies of chapters into a folder; `change` is given each notebook and the path of its source.

    Returns: the files. Errors: `CourseError` for the folder of the sources, and where another file of a chapter's
    name stands already, since it may be somebody's work; nothing is written then.
    """
    target = Path(target).expanduser().resolve()
    if target == Path(source).resolve():
        raise CourseError(f"{target} holds the sources of the course; give another folder.")
    if target.exists() and not target.is_dir():
        raise CourseError(f"{target} is a file; give a folder.")
    texts = {}
    for spec in load_plan(source).choose(chapters):
        notebook = read_notebook(spec.path)
        change(notebook, spec.path)
        texts[target / spec.path.name] = canonical(notebook)
    for path, text in texts.items():
        if path.is_symlink() or path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
            raise CourseError(f"{path} is there and may hold somebody's answers; give an empty folder.")
    return [write_text(path, text) for path, text in texts.items()]


def carried(text: str, folder: Path, clone: str = "") -> str:
    """Markdown whose drawings are in it, and that names a file of the clone by its place there, without a link."""
    text = DRAWING.sub(lambda found: f"{found[1]}({_data_address(folder / found[2])})", text)
    return LINK_OUT.sub(rf"\1 (`{clone}\2`)", text)


def _data_address(drawing: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.read_bytes()).decode()
