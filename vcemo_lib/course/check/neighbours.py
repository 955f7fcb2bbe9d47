"""The row of links in a chapter's title cell, to the chapter before and to the one after."""

import re
from collections.abc import Sequence

from ...storage import write_text
from ..notebook.reading import read_notebook
from ..run.plan import ChapterSpec
from .canonical import canonical
from .rules import navigation

ROW = re.compile(r"^\[(?:← [^\]]*|[^\]]* →)\]\([^)]*\.ipynb\).*$", re.M)


def link_neighbours(chapters: Sequence[ChapterSpec]) -> list[str]:
    """Write the row anew in each chapter that does not lead to its neighbours, as where one was added between two.

    chapters: of the course, all of them, in order. Returns: the numbers of the chapters written.
    """
    written = []
    for k, spec in enumerate(chapters):
        notebook = read_notebook(spec.path)
        if not any(navigation(notebook, spec)):
            continue
        title = notebook.cells[0]
        title.source = f"{ROW.sub('', title.source).rstrip()}\n\n{_row(chapters[:k], chapters[k + 1 :])}"
        write_text(spec.path, canonical(notebook))
        written.append(spec.number)
    return written


def _row(before: Sequence[ChapterSpec], after: Sequence[ChapterSpec]) -> str:
    names = [(s, f"{s.number} {s.title.partition(':')[0]}") for s in (*before[-1:], *after[:1])]
    return " · ".join(f"[{f'← {name}' if s in before else f'{name} →'}]({s.path.name})" for s, name in names)
