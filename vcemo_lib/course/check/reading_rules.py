"""The rules for whom a notebook is read by: who knows no Chinese, who has not met a term, who is asked to guess."""

import re
from collections.abc import Iterable, Iterator

import yaml

from ..exercise.form import Problems
from ..notebook import glosses
from ..notebook.reading import Cell, Notebook
from ..run.plan import NOTEBOOKS, ChapterSpec

TERMS = NOTEBOOKS / "terms.yaml"
DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)
TAG = re.compile(r"<[^>]+>")
PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LIST = "14_cross_validation.ipynb#What-the-paper-leaves-open"  # of the readings A1 to A44
LABEL_LINK = re.compile(rf"\[(A\d{{1,2}})\]\({re.escape(LIST)}\)")
LABEL = re.compile(r"(?<!note )(?<![\w-])A\d{1,2}(?![\w-])")
NAMED = r"[Cc]hapters?[^.]*\b{0}\b|\({0}_"  # a chapter, by number or link
FOLDED = re.compile(r"^<details.*?(?:\n\n|\Z)", re.M | re.S)  # HTML to the next empty line: no Markdown in it


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
    """A term that a later chapter explains is used or shown only where the text says which; its own chapter names it.

    A paragraph says so itself; for an output, a text before it does. What the course assumes is named by chapter 00.
    """
    known = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    homes = {term: about["chapter"] for term, about in known.items()}
    later = {term for term, home in homes.items() if home > spec.number}
    named, told = set(), set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for text in paragraphs(cell):
                used = _used(homes, text)
                said = {term for term in used if re.search(NAMED.format(homes[term]), text)}
                yield from ((cell.id, _untold(term, homes)) for term in used if term in later - said)
                named, told = named.union(used), told | said
        else:
            shown = _used(homes, TAG.sub(" ", "\n".join(outputs(cell))))
            yield from ((cell.id, _untold(term, homes)) for term in shown if term in later - told)
    for term in (term for term, home in homes.items() if home == spec.number and term not in named):
        yield "", f"{term} is of this chapter by notebooks/terms.yaml, but no text names it"


def paragraphs(cell: Cell) -> Iterator[str]:
    """The paragraphs of a text without code, pictures, labels and lists of references."""
    for text in LABEL_LINK.sub("", PICTURE.sub("", CODE.sub("", cell.source))).split("\n\n"):
        if "arXiv" not in text:
            yield text


def _used(terms: Iterable[str], text: str) -> list[str]:
    """The terms that a text has as words; what is written small may begin a sentence, and all may end in s."""
    form = {term: re.escape(term).replace(r"\ ", r"\s+") for term in terms}
    form |= {term: f"[{term[0].upper()}{term[0]}]{form[term][1:]}" for term in terms if term.islower()}
    return [term for term in terms if re.search(rf"(?<![\w-]){form[term]}s?(?!\w)", text)]


def _untold(term: str, homes: dict[str, str]) -> str:
    return f"{term} is explained in chapter {homes[term]}: say so in this paragraph, or before this output"


def labels(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A label of a reading, A1 to A44, leads to the list that says what it means."""
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        for label in LABEL.findall(LABEL_LINK.sub("", CODE.sub("", cell.source))):
            yield cell.id, f"the label {label} leads nowhere: write [{label}]({LIST})"


def folded_links(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A link in a folded answer stands behind an empty line: HTML up to it is shown as it is written."""
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        for folded in FOLDED.findall(CODE.sub("", cell.source)):
            if link := re.search(r"\[[^\]]+\]\([^)]+\)", folded):
                yield cell.id, f"{link[0]} is shown so, and is no link: an empty line before and behind the answer"
