"""Write a chapter as a text file, turn it into a notebook, and back.

    python -m vcemo_lib.course.check.author chapter.py notebooks/05_acoustic_branch.ipynb
    python -m vcemo_lib.course.check.author notebooks/05_acoustic_branch.ipynb chapter.py

The text is in jupytext's percent format; the title of a cell is its id:

    # %% c04-title [markdown]
    # # 04 · The acoustic branch
    # %% c04-parameters tags=["parameters"]
    corpus: str = "vcemo_sim"   # corpus name
    # %% c04-answer tags=["solution"] jupyter={"source_hidden": true}

The notebook made here has no outputs; the notebook, not the text file, is what the project keeps.
"""

import copy
import re
import sys
from pathlib import Path

import jupytext

from ...errors import CourseError
from ...storage import write_text
from ..notebook.reading import Notebook, read_notebook
from .canonical import canonical

FORMAT = {"extension": ".py", "format_name": "percent"}
KEPT = {"tags", "jupyter", "cell_marker", "lines_to_next_cell"}  # the last two are jupytext's own


def to_notebook(text: str) -> Notebook:
    """A notebook without outputs from marked text. Errors: `CourseError` for a cell without id or with odd options."""
    notebook = jupytext.reads(text, FORMAT)
    for number, cell in enumerate(notebook.cells, start=1):
        name, odd = cell.metadata.pop("title", ""), cell.metadata.keys() - KEPT
        if not re.fullmatch(r"[\w-]{1,64}", name) or odd:
            raise CourseError(
                f"Cell {number} has the id {name!r} and the options {sorted(cell.metadata)}; it begins for instance "
                'with # %% c04-answer tags=["solution"] jupyter={"source_hidden": true}.'
            )
        cell.id = name
    return notebook


def to_text(notebook: Notebook) -> str:
    """Marked text from a notebook; `to_notebook` gives the same cells back."""
    titled = copy.deepcopy(notebook)
    titled.metadata = {"jupytext": {"notebook_metadata_filter": "-all"}}
    for cell in titled.cells:
        cell.metadata["title"] = cell.id
        if '"""' not in cell.source:
            cell.metadata["cell_marker"] = 'r"""'  # text between quotes, not as comments
    return jupytext.writes(titled, FORMAT)


def main(arguments: list[str]) -> int:
    """Convert one file into the other, by their endings; `CourseError` for other endings."""
    ends = [Path(name).suffix for name in arguments]
    if ends not in ([".py", ".ipynb"], [".ipynb", ".py"]):
        raise CourseError("Give a .py and an .ipynb file, in the direction of the conversion.")
    source, target = map(Path, arguments)
    if target.suffix == ".ipynb":
        write_text(target, canonical(to_notebook(source.read_text(encoding="utf-8"))))
    else:
        write_text(target, to_text(read_notebook(source)))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (CourseError, OSError) as problem:
        sys.exit(f"error: {problem}")
