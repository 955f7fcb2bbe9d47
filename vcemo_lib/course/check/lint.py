"""`vcemo lint`: the rules a committed notebook keeps. For each, the tests hold a notebook that breaks it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from ...errors import CourseError
from ..notebook.reading import read_notebook
from ..run.plan import NOTEBOOKS, ChapterSpec, Plan, load_plan
from . import lint_form, lint_outputs, lint_parts
from .canonical import canonical

LARGEST = 500 * 1024

Rule = Callable[[NotebookNode, ChapterSpec], list[tuple[str, str]]]

RULES: dict[str, Rule] = {
    "first-cells": lint_parts.first_cells,
    "navigation": lint_parts.navigation,
    "parameters": lint_parts.parameters,
    "cell-ids": lint_parts.cell_ids,
    "code-length": lint_parts.code_length,
    "kernel": lint_form.kernel,
    "widgets": lint_form.widgets,
    "absolute-paths": lint_form.absolute_paths,
    "local-links": lint_form.local_links,
    "remote-content": lint_form.remote_content,
    "executed": lint_outputs.executed,
    "clean-outputs": lint_outputs.clean_outputs,
    "alt-text": lint_outputs.alt_text,
}


@dataclass(frozen=True)
class Finding:
    """One broken rule: notebook, cell (empty for the whole), rule and what to do."""

    notebook: str
    cell: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.notebook}:{self.cell or '-'}: {self.rule}: {self.message}"


def lint_chapter(spec: ChapterSpec) -> list[Finding]:
    """All rules broken by one chapter's notebook."""
    try:
        notebook = read_notebook(spec.path)
    except CourseError as error:
        return [Finding(spec.path.name, "", "readable", str(error))]
    found = [Finding(spec.path.name, "", "form", text) for text in _file_problems(spec.path, notebook)]
    for name, rule in RULES.items():
        found += [Finding(spec.path.name, cell, name, message) for cell, message in rule(notebook, spec)]
    return found


def _file_problems(path: Path, notebook: NotebookNode) -> list[str]:
    size = path.stat().st_size
    found = [f"the file has {size // 1024} KB, at most {LARGEST // 1024} are allowed"] if size > LARGEST else []
    if path.read_text(encoding="utf-8") != canonical(notebook):
        found.append("the file is not in canonical form; write it with 'vcemo run --write'")
    return found


def lint_plan(plan: Plan, folder: Path) -> list[Finding]:
    """Notebooks in the folder that the course does not name, and numbers that do not fit their files."""
    known = {spec.path.name for spec in plan.chapters}
    strays = sorted(path.name for path in folder.glob("*.ipynb") if path.name not in known)
    found = [Finding(name, "", "course", "course.yaml does not name this notebook") for name in strays]
    odd = [spec for spec in plan.chapters if not spec.path.name.startswith(f"{spec.number}_")]
    return found + [Finding(s.path.name, "", "course", f"its name does not begin with {s.number}_") for s in odd]


def run_lint(chapters: Sequence[str] = (), folder: Path = NOTEBOOKS) -> int:
    """Print every broken rule of the chapters named. Returns: 0 when there is none, 1 otherwise."""
    plan = load_plan(folder)
    specs = plan.choose(chapters)
    found = lint_plan(plan, Path(folder)) + [finding for spec in specs for finding in lint_chapter(spec)]
    for finding in found:
        print(finding)
    print(f"{len(specs)} notebooks, {len(RULES) + 2} rules, {len(found)} findings")
    return 1 if found else 0
