"""The rules a committed notebook keeps. For each, the tests hold a notebook that breaks it.

Each takes a notebook and its chapter and gives pairs of cell id (empty for the whole) and what is wrong.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from ...errors import CourseError
from ...paths import ROOT
from ..exercise import form as exercise_form
from ..notebook import words
from ..notebook.reading import Cell, Notebook, Output, code_cells, tags
from ..run.parameters import read_parameters
from ..run.plan import ChapterSpec
from .canonical import canonical
from .reading_rules import CODE, Problems, chinese, chinese_text, folded_links, guesses, labels, outputs, terms

LONGEST_CODE = 35
LONGEST_FOLDED = 60  # a grader, which nobody reads as a step of the chapter
LONGEST_SETUP = 40  # imports, a name a line
CONSTANT = re.compile(r"it has learnt nothing: it says [^;\n]*")  # of `verdicts.verdict`
# A row of a table whose mean has an interval of no width: every sample of one answer to all clips is as right.
NO_WIDTH = re.compile(r"^(?!majority|always|ceiling)(\S.*?) +(\d*\.\d+)(?: +\2){2} *$", re.MULTILINE)
DEFAULTS = {"corpus_root": "", "profile": "tiny", "seed": 0, "out": ""}
HOMES = "home|root|Users|tmp|work|mnt|opt|var|usr|workspace|content"
ABSOLUTE = re.compile(
    rf"(?:(?<=[\s\"'`(=:,>\[])|^)(?:(?:file://)?/(?:{HOMES})/[^\s\"'`)]+"
    r"|[A-Z]:\\{1,2}(?:Users|Windows|Program|Documents)[^\s\"'`)]*)",
    re.M,
)
FETCHED = re.compile(
    r"<(?:img|script|link|audio|video|source|iframe|object)\b[^>]*?(?:src|href|data)\s*=\s*[\"']?\s*"
    r"((?:https?:)?//[^\"'\s>]+)|url\(\s*[\"']?((?:https?:)?//[^\"')]+)|!\[[^\]]*\]\(\s*((?:https?:)?//[^)\s]+)",
    re.I,
)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|(?:href|src)=[\"']([^\"']+)[\"']")
WORDLESS = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt=[\"'][^\"'\s])[^>]*>", re.I)


def form(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """The file is in canonical form: kernel python3, no widgets, no stderr, no metadata of a runner."""
    if spec.path.read_text(encoding="utf-8") != canonical(notebook):
        yield "", "the file is not in canonical form; write it with 'vcemo run --write'"


def first_cells(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A chapter begins with title, card, parameters and setup, and has one first-level heading."""
    if len(notebook.cells) < 4:
        yield "", "a chapter begins with title, card, parameters and setup; it has fewer cells"
        return
    title, card, parameters, setup = notebook.cells[:4]
    if title.cell_type != "markdown" or not title.source.startswith(f"# {spec.number} "):
        yield title.id, f"the first cell is the title, '# {spec.number} · …'"
    if card.cell_type != "markdown" or "card" not in card.id:
        yield card.id, "the second cell is the card, c…-card"
    if "parameters" not in tags(parameters):
        yield parameters.id, "the third cell is the one tagged parameters"
    if f'course.begin("{spec.number}"' not in setup.source:
        yield setup.id, f'the fourth cell is the setup with course.begin("{spec.number}", …)'
    for cell in notebook.cells[1:]:
        if cell.cell_type == "markdown" and re.search(r"^# ", CODE.sub("", cell.source), re.M):
            yield cell.id, "a chapter has one first-level heading, its title"


def listener(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A chapter says, before it begins, why a listener would care."""
    if not any(re.match("## .*Why a listener", cell.source) for cell in notebook.cells[4:7]):
        yield "", "no text behind the setup has the heading '## Why a listener would care'"


def navigation(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """The title cell links to the chapter before and to the one after."""
    files = sorted(path.name for path in spec.path.parent.glob("[0-9][0-9]_*.ipynb"))
    index, title = files.index(spec.path.name), notebook.cells[0]
    for name in files[max(index - 1, 0) : index] + files[index + 1 : index + 2]:
        if f"]({name})" not in title.source:
            yield title.id, f"the title cell has no link to {name}"


def parameters(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """The parameters cell follows its grammar and declares the common five with their defaults."""
    try:
        declared = read_parameters(notebook, spec.path.name)
    except CourseError as error:
        yield "", str(error)
        return
    for name in ("corpus", *DEFAULTS):
        if name not in declared:
            yield "", f"parameter {name} is missing"
        elif declared[name].default != DEFAULTS.get(name, declared[name].default):
            yield "", f"parameter {name} has another default than {DEFAULTS[name]!r}"
    yield from (("", f"parameter {p.name} has no help after '#'") for p in declared.values() if not p.help)


def cells(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """Ids are our own words, `c04-mel-code`, each used once; a code cell holds at most 35 lines, a grader 60."""
    for name, times in Counter(cell.get("id", "") for cell in notebook.cells).items():
        if not re.fullmatch(rf"c{spec.number}(-[a-z0-9]+)+", name):
            yield name, f"ids are of the form c{spec.number}-word-word"
        if times > 1:
            yield name, f"the id is used {times} times"
    for cell in code_cells(notebook):
        most = LONGEST_SETUP if "course.begin(" in cell.source else LONGEST_CODE
        most = LONGEST_FOLDED if "grade" in tags(cell) else most
        if (size := len(cell.source.splitlines())) > most:
            yield cell.id, f"{size} lines of code, at most {most}"


def executed(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """All code cells were executed once, in order and without an error, and the chapter shows something."""
    for expected, cell in enumerate(code_cells(notebook), start=1):
        if (count := cell.execution_count) != expected:
            yield cell.id, f"execution count {count}, expected {expected}; run it with 'vcemo run --write'"
        yield from ((cell.id, f"the error {o.ename} is stored") for o in cell.outputs if o.output_type == "error")
    if not any(cell.outputs for cell in code_cells(notebook)):
        yield "", "no cell has an output; run the chapter"


def absolute_paths(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """No folder of one machine in sources or outputs; metadata has none in canonical form."""
    for cell in notebook.cells:
        for text in [cell.source, *outputs(cell)]:
            hit = ABSOLUTE.search(text)
            if path := hit.group() if hit else str(ROOT) if str(ROOT) in text else "":
                yield cell.id, f"holds the path {path[:60]} of one machine"


def links(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """Nothing shown is fetched, and every link without an address names a file that exists, seen from the notebook."""
    for cell in notebook.cells:
        shown = "\n".join([cell.source] if cell.cell_type == "markdown" else outputs(cell))
        for address in map("".join, FETCHED.findall(shown)):
            yield cell.id, f"{address} is fetched when the notebook is read"
        prose = CODE.sub("", shown) if cell.cell_type == "markdown" else shown
        for link in map("".join, LINK.findall(prose)):
            path = unquote(link.partition("#")[0])
            if path and not re.match(r"[a-z][a-z0-9+.-]*:|//", path) and not (spec.path.parent / path).exists():
                yield cell.id, f"the link {link} leads to no file"


def alt_text(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """Each picture says in words what is to be seen."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and WORDLESS.search(cell.source):
            yield cell.id, "a picture in the text has no alternative text"
        if not all(map(_described, cell.get("outputs", []))):
            yield cell.id, "a picture has no alternative text; show it with ctx.show(…, alt=…)"


def figure_words(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A call that shows a figure is short: words that are not built from results are in `notebooks/figures.yaml`."""
    for cell, call in _calls(notebook, "ctx.show"):
        for word in call.keywords:
            if word.arg in ("alt", "caption") and isinstance(word.value, ast.Constant):
                yield cell.id, f"the {word.arg} of a figure stands in its call: put it into notebooks/figures.yaml"


def table_words(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """A call that shows a table names its caption, which is in `notebooks/tables.yaml`, and gives its values."""
    kept = words.table_words().get(spec.number, {})
    for cell, call in _calls(notebook, "ctx.table"):
        given = {word.arg: word.value for word in call.keywords}
        name = getattr(given.pop("name", None), "value", "")
        if len(call.args) != 1 or "caption" in given:
            yield cell.id, "the caption of a table stands in its call: put it into notebooks/tables.yaml"
        elif name not in kept:
            yield cell.id, f"notebooks/tables.yaml has no table {name!r} of chapter {spec.number}"
        elif (asked := words.table_values(kept[name])) != set(given):
            yield cell.id, f"the caption of table {name!r} takes the values {sorted(asked)}, not {sorted(given)}"


def _calls(notebook: Notebook, function: str) -> Iterator[tuple[Cell, ast.Call]]:
    """Each call of a function, with its cell."""
    for cell in (cell for cell in code_cells(notebook) if exercise_form.is_python(cell.source)):
        calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        yield from ((cell, call) for call in calls if ast.unparse(call.func) == function)


def _described(output: Output) -> bool:
    data = output.get("data", {})
    pictures = [kind for kind in data if kind.startswith("image/")]
    alts = [output.metadata.get(kind, {}).get("alt", "").strip() for kind in pictures]
    plain = data.get("text/plain", "").strip()
    named_only = not plain or plain.startswith("<")
    return not WORDLESS.search(data.get("text/html", "")) and all(alts) and not (pictures and named_only)


def constant(notebook: Notebook, spec: ChapterSpec) -> Problems:
    """No trained model that is shown gives one answer to all: such a model cannot show what the chapter is about.

    A cell tagged `constant` shows one to tell how it looks.
    """
    for cell in (cell for cell in notebook.cells if "constant" not in tags(cell)):
        told = {hit[23:] for text in outputs(cell) for hit in CONSTANT.findall(text)}
        shown = {f"{row}: {value}" for text in outputs(cell) for row, value in NO_WIDTH.findall(text)}
        for hit in sorted(told | shown):
            yield cell.id, f"a model that is shown is a constant ({hit}): train it more, or leave it out"


IN_ORDER = (
    form, first_cells, listener, navigation, parameters, cells, executed, absolute_paths, links, alt_text,
    figure_words, table_words, constant, guesses, chinese, chinese_text, terms, labels, folded_links,
)  # fmt: skip
RULES: dict[str, Callable[[Notebook, ChapterSpec], Problems]] = {
    **{rule.__name__.replace("_", "-"): rule for rule in IN_ORDER},
    "exercises": lambda notebook, spec: exercise_form.problems(notebook, spec.number),
}
