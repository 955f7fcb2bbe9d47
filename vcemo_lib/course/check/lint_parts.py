"""Rules about the parts of a chapter: its first cells, its parameters, the names and lengths of its cells.

Each rule takes a notebook and its chapter and returns pairs of cell id and message.
"""

import re
from collections import Counter

from nbformat import NotebookNode

from ...errors import CourseError
from ..notebook.reading import code_cells, tags
from ..run.parameters import read_parameters
from ..run.plan import ChapterSpec

LONGEST_CODE = 35
DEFAULTS = {"corpus_root": "", "profile": "tiny", "seed": 0, "out": ""}
Found = list[tuple[str, str]]


def first_cells(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """A chapter begins with title, card, parameters and setup, and has one first-level heading."""
    cells = notebook.cells
    if len(cells) < 4:
        return [("", "a chapter begins with title, card, parameters and setup; it has fewer cells")]
    wanted = [
        (
            cells[0].cell_type == "markdown" and cells[0].source.startswith(f"# {spec.number} "),
            0,
            f"the first cell is the title, '# {spec.number} · …'",
        ),
        (
            cells[1].cell_type == "markdown" and "card" in cells[1].id,
            1,
            "the second cell is the card, c…-card",
        ),
        ("parameters" in tags(cells[2]), 2, "the third cell is the one tagged parameters"),
        (
            f'course.begin("{spec.number}"' in cells[3].source,
            3,
            f'the fourth cell is the setup with course.begin("{spec.number}", …)',
        ),
    ]
    found = [(cells[place].id, message) for holds, place, message in wanted if not holds]
    return found + [(c.id, "a chapter has one first-level heading, its title") for c in cells[1:] if _has_title(c)]


def navigation(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """The title cell links to the chapter before and to the one after."""
    files = sorted(path.name for path in spec.path.parent.glob("[0-9][0-9]_*.ipynb"))
    place = files.index(spec.path.name)
    neighbours = files[max(place - 1, 0) : place] + files[place + 1 : place + 2]
    title = notebook.cells[0]
    return [
        (title.id, f"the title cell has no link to {name}") for name in neighbours if f"]({name})" not in title.source
    ]


def _has_title(cell: NotebookNode) -> bool:
    prose = re.sub(r"```.*?```", "", cell.source, flags=re.S)
    return cell.cell_type == "markdown" and re.search(r"^# ", prose, flags=re.M) is not None


def parameters(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """The parameters cell follows its grammar and declares the common five with their defaults."""
    try:
        declared = read_parameters(notebook, spec.path.name)
    except CourseError as error:
        return [("", str(error))]
    missing = [name for name in ("corpus", *DEFAULTS) if name not in declared]
    wrong = [n for n, default in DEFAULTS.items() if n in declared and declared[n].default != default]
    found = [("", f"parameter {name} is missing") for name in missing]
    found += [("", f"parameter {name} has another default than {DEFAULTS[name]!r}") for name in wrong]
    return found + [("", f"parameter {p.name} has no help after '#'") for p in declared.values() if not p.help]


def cell_ids(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """Ids are our own words, `c04-mel-code`, each used once."""
    form = re.compile(rf"c{spec.number}(-[a-z0-9]+)+")
    names = [cell.get("id", "") for cell in notebook.cells]
    found = [(n, f"ids are of the form c{spec.number}-word-word") for n in names if not form.fullmatch(n)]
    return found + [(n, f"the id is used {times} times") for n, times in Counter(names).items() if times > 1]


def code_length(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """A code cell holds one idea: at most 35 lines."""
    sizes = [(cell.id, len(cell.source.splitlines())) for cell in code_cells(notebook)]
    return [(name, f"{size} lines of code, at most {LONGEST_CODE}") for name, size in sizes if size > LONGEST_CODE]
