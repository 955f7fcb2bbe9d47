"""Editions of the chapters that leave the checkout; here the students', without solutions."""

from collections.abc import Callable
from pathlib import Path

from ...errors import CourseError
from ...storage import write_text
from ..check.canonical import canonical
from ..notebook.reading import Notebook, read_notebook, tags
from ..run.plan import NOTEBOOKS, load_plan


def write_edition(target: Path, chapters: tuple[str, ...] = (), source: Path = NOTEBOOKS) -> list[Path]:
    """Write chapters without solutions into a folder; their other outputs stay. Returns and errors: `write_copies`."""

    def change(notebook: Notebook, _: Path) -> None:
        notebook.cells = [cell for cell in notebook.cells if "solution" not in tags(cell)]

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
