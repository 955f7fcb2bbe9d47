"""Renewing what the project keeps, from a run of the tiny profile: notebooks and their links, figures, arithmetic."""

import re
from collections.abc import Sequence
from pathlib import Path

from ...paths import ROOT
from ...storage import write_bytes, write_text
from ..notebook.reading import read_notebook
from ..run.plan import ChapterSpec
from ..run.runner import Outcome
from .arithmetic import fingerprint, remember
from .canonical import canonical
from .rules import navigation

FIGURES = ROOT / "figures"
ROW = re.compile(r"^\[(?:← [^\]]*|[^\]]* →)\]\([^)]*\.ipynb\).*$", re.M)  # of links to the chapters before and after


def write_back(outcome: Outcome, out: Path, figures: Path = FIGURES) -> list[str]:
    """Write each chapter that is done into its notebook, and its figures into `figures`; returns their numbers."""
    done = [spec for spec in outcome.specs if spec.number not in outcome.lost]
    for spec in done:
        write_text(spec.path, canonical(read_notebook(out / "notebooks" / spec.path.name)))
        fresh = {path.name: path for path in (out / spec.number / "figures").glob(f"{spec.number}_*.png")}
        for name, path in fresh.items():
            write_bytes(figures / name, path.read_bytes())
        for old in figures.glob(f"{spec.number}_*.png"):
            if old.name not in fresh:
                old.unlink()
    written = [spec.number for spec in done]
    if written:
        remember(done[0].path.parent, written, fingerprint(out / ".state"))
    return written


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
