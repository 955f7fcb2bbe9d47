"""Slides of each chapter, cut from its notebook by one rule, shown by reveal.js offline: `make slides`, site/slides.

A slide is a section's heading with what stands below it until 560 characters are full; with it where there is room,
else one down, come figures with their captions, formulas of later cells and, in a section without figures, tables of at
most eight rows.
Code, answers and graders stay in the notebook.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert.exporters.slides import _RevealMetadataPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from vcemo_lib.course.notebook.reading import read_notebook, tags
from vcemo_lib.course.pages.html import PageExporter, reachable

ROOT = Path(__file__).parents[1]
SITE = ROOT / "site" / "slides"
REVEAL = find_spec("sphinx_revealjs")  # of `make book`; reveal.js lies in its wheel
CHARACTERS, PICTURE, ROWS, COLUMNS = 560, 250, 8, 7  # a drawing takes the room of so many characters
SHORT = 300  # characters of a heading with its text above a figure
APART = re.compile(r"^## +(Exercise|Three questions|What comes next|The end)|^\[.*\]\(\w+\.ipynb\)$", re.M)


def marked(notebook: NotebookNode) -> NotebookNode:
    """The cells that are slides, with Jupyter's mark: a new slide, one below it, or (-) what still fits on the same."""
    slides = nbformat.v4.new_notebook(metadata=notebook.metadata, cells=[*_slides(notebook)])
    left = 0
    for cell in slides.cells:
        if cell.source.startswith("#"):
            kind, left = "slide", SHORT - len(cell.source) * (1 + ("![" in cell.source))
        else:
            kind, left = ("subslide" if left < 0 else "-"), -1
        cell.metadata["slideshow"] = {"slide_type": kind}
    return slides


def _slides(notebook: NotebookNode) -> Iterator[NotebookNode]:
    exercises, pictured = [], _pictured(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and not {"task", "grade", "solution"} & set(tags(cell)):
            yield from _shown(cell, tables=cell.id not in pictured)
        elif cell.cell_type == "markdown" and cell.source.startswith("## Exercise"):
            exercises.append(cell.source.partition("\n")[0].removeprefix("## Exercise "))
        elif cell.cell_type == "markdown" and not APART.match(cell.source):
            if cell.source.startswith("#"):
                yield new_markdown_cell(short(cell.source))
            elif formulas := re.findall(r"^\$\$.+?\$\$", cell.source, re.S | re.M):
                yield new_markdown_cell("\n\n".join(formulas))
    if exercises:
        yield new_markdown_cell("\n".join(["## Exercises", "", *(f"- {line}" for line in exercises)]))


def short(text: str) -> str:
    """A heading and the blocks below it, as long as they fit; without folded answers and links to the neighbours."""
    blocks = re.sub(r"<details>.*?</details>", "", text, flags=re.S).split("\n\n")
    kept, left = [], CHARACTERS
    for block in (block.strip() for block in blocks):
        left -= PICTURE if block.startswith("![") else 0 if block.startswith("#") else len(block)
        if left < 0 and len(kept) > 1:
            break
        if block and not APART.match(block):
            kept.append(block)
    return "\n\n".join(kept)


def _pictured(notebook: NotebookNode) -> set[str]:
    """The cells of those sections that have a figure."""
    section, inside, drawn = 0, {}, set()
    for cell in notebook.cells:
        section += cell.cell_type == "markdown" and cell.source.startswith("## ")
        inside[cell.id] = section
        drawn |= {section for output in cell.get("outputs", []) if "image/png" in output.get("data", {})}
    return {name for name, section in inside.items() if section in drawn}


def _shown(cell: NotebookNode, tables: bool) -> Iterator[NotebookNode]:
    """A cell for each figure, with its caption, and for each small table."""
    for k, output in enumerate(cell.outputs):
        data = output.get("data", {})
        if "image/png" in data:
            yield new_code_cell(outputs=cell.outputs[k : k + 2])
        elif tables and (html := data.get("text/html", "")).startswith("<table") and _small(html):
            yield new_code_cell(outputs=[output])


def _small(html: str) -> bool:
    body = html.partition("<tbody>")[2]
    widest = max((row.count("<t") for row in body.split("</tr>")), default=0)
    return body.count("</tr>") <= ROWS and widest <= COLUMNS + 1 and len(re.sub(r"<[^>]+>", "", body)) < 900


def page(path: Path) -> str:
    """The slides of one notebook as HTML."""
    notebook = marked(read_notebook(path))
    notebook.metadata["title"] = notebook.cells[0].source.partition("\n")[0].lstrip("# ")
    exporter = PageExporter(template_name="slides", extra_template_basedirs=[str(ROOT / "book" / "templates")])
    exporter.home = path.parent
    exporter.register_preprocessor(_RevealMetadataPreprocessor, enabled=True)
    return reachable(exporter.from_notebook_node(notebook)[0])


def main() -> int:
    """Write the slides of every chapter and the list of them."""
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree(
        Path(REVEAL.origin).parent / "_static" / "revealjs" / "dist",
        SITE / "reveal",
        ignore=shutil.ignore_patterns("*.map", "*.esm.js"),
    )
    lines = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        html = page(path)
        (SITE / f"{path.stem}.html").write_text(html, encoding="utf-8")
        title = re.search(r"<title>(.*?)</title>", html)[1]
        lines.append(f'<li><a href="{path.stem}.html">{title}</a></li>')
    head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Slides</title><main><h1>Slides</h1><ul>'
    (SITE / "index.html").write_text("\n".join([head, *lines, "</ul></main></html>"]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
