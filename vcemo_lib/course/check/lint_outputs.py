"""Rules about stored outputs: made by one run in order, clean, and in words as well as in pictures."""

import re

from nbformat import NotebookNode

from ..notebook.reading import code_cells, text_of
from ..run.plan import ChapterSpec

Found = list[tuple[str, str]]
PICTURE = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt=[\"'][^\"'\s])[^>]*>", re.I)


def executed(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """All code cells were executed once, in order, and the chapter shows something."""
    cells = code_cells(notebook)
    if all(cell.execution_count is None for cell in cells):
        return [("", "the chapter was never executed; run it with 'vcemo run --write'")]
    found = []
    for place, cell in enumerate(cells, start=1):
        if cell.execution_count != place:
            found.append((cell.id, f"execution count {cell.execution_count}, expected {place}; run the chapter again"))
    shown = any(cell.outputs for cell in cells)
    return found + ([] if shown or not cells else [("", "no cell has an output; run the chapter")])


def clean_outputs(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """No errors and no warnings are stored."""
    found = []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                found.append((cell.id, f"the error {output.ename} is stored"))
            if output.output_type == "stream" and output.name == "stderr":
                found.append((cell.id, "text on stderr is stored"))
    return found


def alt_text(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """Each picture says in words what is to be seen."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and PICTURE.search(cell.source):
            found.append((cell.id, "a picture in the text has no alternative text"))
        for output in cell.get("outputs", []):
            if not _described(output):
                found.append((cell.id, "a picture has no alternative text; show it with ctx.show(…, alt=…)"))
    return found


def _described(output: NotebookNode) -> bool:
    data = output.get("data", {})
    if PICTURE.search(text_of(data.get("text/html", ""))):
        return False
    pictures = [kind for kind in data if kind.startswith("image/")]
    alts = [output.metadata.get(kind, {}).get("alt", "").strip() for kind in pictures]
    plain = text_of(data.get("text/plain", "")).strip()
    return all(alts) and (not pictures or (bool(plain) and not plain.startswith("<")))
