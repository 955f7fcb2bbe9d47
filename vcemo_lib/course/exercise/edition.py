"""The students' edition: the chapters without their solutions."""

from pathlib import Path

from ...errors import CourseError
from ...storage import write_text
from ..check.canonical import canonical
from ..notebook.reading import read_notebook, tags
from ..run.plan import NOTEBOOKS, load_plan


def write_edition(target: Path, chapters: tuple[str, ...] = (), source: Path = NOTEBOOKS) -> list[Path]:
    """Write chapters without solutions into a folder; their other outputs stay.

    Returns: the files. Errors: `CourseError` for the folder of the sources, and where another file of a chapter's
    name stands already, since it may be somebody's work; nothing is written then.
    """
    target = Path(target).expanduser().resolve()
    if target == Path(source).resolve():
        raise CourseError(f"{target} holds the sources of the course; give another folder for the students' edition.")
    if target.exists() and not target.is_dir():
        raise CourseError(f"{target} is a file; give a folder for the students' edition.")
    texts = {}
    for spec in load_plan(source).choose(chapters):
        notebook = read_notebook(spec.path)
        notebook.cells = [cell for cell in notebook.cells if "solution" not in tags(cell)]
        texts[target / spec.path.name] = canonical(notebook)
    for path, text in texts.items():
        if path.is_symlink() or path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
            raise CourseError(f"{path} is there and may hold somebody's answers; give an empty folder.")
    return [write_text(path, text) for path, text in texts.items()]
