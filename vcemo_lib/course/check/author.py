"""Write a chapter as a text file, turn it into a notebook, and back.

    python -m vcemo_lib.course.check.author chapter.py notebooks/04_acoustic_branch.ipynb
    python -m vcemo_lib.course.check.author notebooks/04_acoustic_branch.ipynb chapter.py

The text file holds cells that begin with a marker line; the rest of the line names the cell:

    # %% [markdown] id=c04-title
    # # 04 · The acoustic branch
    # %% id=c04-params tags=parameters
    corpus: str = "vcemo_sim"   # corpus name
    # %% id=c04-answer tags=solution hidden

Text cells are comments, or stand between `r\"\"\"` and `\"\"\"` on lines of their own. `hidden` folds the
source. The notebook made here has no outputs; the notebook, not the text file, is what the project keeps.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ...errors import CourseError
from ...storage import write_text
from ..notebook.reading import read_notebook, tags
from .canonical import canonical

MARKER = re.compile(r"^# %%(?P<kind> \[markdown\])?(?P<words>.*)$")
OPEN, CLOSE = ('r"""', '"""'), '"""'


def to_notebook(text: str) -> NotebookNode:
    """A notebook without outputs from marked text.

    Errors: `CourseError` with the line number for text before the first marker, a cell without id, an unknown
    word in a marker, or a text cell that is neither comment nor quoted.
    """
    cells: list[tuple[int, re.Match, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        marker = MARKER.match(line)
        if marker:
            cells.append((number, marker, []))
        elif cells:
            cells[-1][2].append(line)
        elif line.strip():
            raise CourseError(f"Line {number} stands before the first cell; begin with '# %% [markdown] id=…'.")
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [_cell(*cell) for cell in cells]
    return notebook


def _cell(number: int, marker: re.Match, lines: list[str]) -> NotebookNode:
    options = _options(number, marker["words"].split())
    if marker["kind"]:
        cell = nbformat.v4.new_markdown_cell(_markdown(number, lines))
    else:
        cell = nbformat.v4.new_code_cell("\n".join(lines).strip("\n"))
    cell.id = options["id"]
    if options["tags"]:
        cell.metadata["tags"] = options["tags"].split(",")
    if options["hidden"]:
        cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


def _options(number: int, words: list[str]) -> dict[str, str]:
    options = {"id": "", "tags": "", "hidden": ""}
    for word in words:
        name, _, value = word.partition("=")
        if name not in options or (name != "hidden" and not value):
            raise CourseError(f"Line {number}: {word!r} is unknown in a cell marker; use id=, tags= or hidden.")
        options[name] = value or "yes"
    if not options["id"]:
        raise CourseError(f"Line {number}: the cell has no id; write for instance id=c04-title.")
    return options


def _markdown(number: int, lines: list[str]) -> str:
    body = "\n".join(lines).strip("\n").split("\n")
    if body[0].strip() in OPEN and len(body) > 1 and body[-1].strip() == CLOSE:
        return "\n".join(body[1:-1]).strip("\n")
    for offset, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            raise CourseError(f'Line {number + offset}: text cells are comments or stand between r""" and """.')
    return "\n".join(re.sub(r"^# ?", "", line) for line in body)


def to_text(notebook: NotebookNode) -> str:
    """Marked text from a notebook; `to_notebook` gives the same cells back."""
    return "\n".join(_marked(cell) for cell in notebook.cells)


def _marked(cell: NotebookNode) -> str:
    words = ["# %%"] + (["[markdown]"] if cell.cell_type == "markdown" else []) + [f"id={cell.id}"]
    words += [f"tags={','.join(tags(cell))}"] if tags(cell) else []
    words += ["hidden"] if cell.metadata.get("jupyter", {}).get("source_hidden") else []
    if cell.cell_type != "markdown":
        return f"{' '.join(words)}\n{cell.source}\n"
    if '"""' in cell.source:
        commented = "\n".join(f"# {line}".rstrip() for line in cell.source.split("\n"))
        return f"{' '.join(words)}\n{commented}\n"
    return f'{" ".join(words)}\nr"""\n{cell.source}\n"""\n'


def main(arguments: list[str]) -> int:
    """Convert one file into the other, by their endings."""
    ends = [Path(name).suffix for name in arguments]
    if ends == [".py", ".ipynb"]:
        notebook = to_notebook(Path(arguments[0]).read_text(encoding="utf-8"))
        write_text(Path(arguments[1]), canonical(notebook))
    elif ends == [".ipynb", ".py"]:
        write_text(Path(arguments[1]), to_text(read_notebook(Path(arguments[0]))))
    else:
        raise CourseError("Give a .py and an .ipynb file, in the direction of the conversion.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (CourseError, OSError) as problem:
        sys.exit(f"error: {problem}")
