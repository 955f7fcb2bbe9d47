"""The rules for whom a notebook is read by: who knows no Chinese, who has not met a term, who is asked to guess."""

import re
from collections.abc import Iterator

import yaml

from ..exercise.form import Problems
from ..notebook import glosses
from ..notebook.reading import Cell, Notebook
from ..run.plan import NOTEBOOKS, ChapterSpec

TERMS = NOTEBOOKS / "terms.yaml"
DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)


def outputs(cell: Cell) -> Iterator[str]:
    """The texts of a cell's outputs, without pictures and sounds."""
    for output in cell.get("outputs", []):
        values = [output.get("text", ""), *output.get("traceback", [])]
        values += [value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")]
        yield from (DATA.sub("", value) for value in values if isinstance(value, str))


def guesses(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A reader who is asked to guess finds the answer, folded, in the same cell or one of the next texts."""
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for k, cell in enumerate(texts):
        _, asked, rest = cell.source.rpartition("*Guess")
        if asked and "<details>" not in rest + "".join(after.source for after in texts[k + 1 : k + 3]):
            yield cell.id, "the guess has no folded answer: <details><summary>Answer</summary>…</details>"


def chinese(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """Chinese that is shown has its English in the same output or before it, for those who read none."""
    shown = ""
    for cell in notebook.cells:
        texts = list(outputs(cell))
        shown += "\n".join(texts)
        for item in glosses.items(*texts):  # one by one: a Japanese text excuses no other
            if item not in glosses.glosses():
                yield cell.id, f"{item} has no gloss: add it to notebooks/glosses.tsv"
            elif glosses.glosses()[item] not in shown:
                yield cell.id, f"{item} is shown without its gloss: call ctx.gloss({item!r})"


def chinese_text(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """Chinese in a sentence is followed by its English, in quotes or brackets, at its first mention in the cell."""
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        first = {}
        for item in glosses.ITEM.finditer(cell.source):
            first.setdefault(item[0], cell.source[item.end() : item.end() + 12])
        for item, after in first.items():
            if not re.search('[("“]', after):
                yield cell.id, f'{item} stands without its English: write {item} ("what it means")'


def terms(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """No chapter uses a term that a later one explains, unless the same paragraph says where it is explained."""
    known = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    later = {term: about["chapter"] for term, about in known.items() if about["chapter"] > spec.number}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        for paragraph in CODE.sub("", cell.source).split("\n\n"):
            if "arXiv" in paragraph:  # a list of references
                continue
            for term, home in later.items():
                used = re.search(rf"(?<![\w-]){re.escape(term)}(?!\w)", paragraph)
                if used and not re.search(rf"[Cc]hapters?[^.]*\b{home}\b|\({home}_", paragraph):
                    cure = "say so in this paragraph, or use another word"
                    yield cell.id, f"{term} is explained in chapter {home}: {cure}"
