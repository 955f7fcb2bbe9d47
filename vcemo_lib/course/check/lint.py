"""`vcemo lint`: whether the committed notebooks keep the rules, and course.yaml names them as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import CourseError
from ..notebook.reading import read_notebook
from ..run.plan import NOTEBOOKS, ChapterSpec, Plan, load_plan
from .rules import RULES

LARGEST = 500 * 1024


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
    name = spec.path.name
    try:
        notebook = read_notebook(spec.path)
    except CourseError as error:
        return [Finding(name, "", "readable", str(error))]
    findings = [Finding(name, cell, rule, text) for rule, look in RULES.items() for cell, text in look(notebook, spec)]
    size = spec.path.stat().st_size // 1024
    large = f"the file has {size} KB, at most {LARGEST // 1024} are allowed"
    return findings + [Finding(name, "", "size", large)] * (size > LARGEST // 1024)


def lint_plan(plan: Plan, folder: Path) -> list[Finding]:
    """Notebooks in the folder that the course does not name, and numbers that do not fit their files."""
    known = {spec.path.name for spec in plan.chapters}
    strays = sorted(path.name for path in folder.glob("*.ipynb") if path.name not in known)
    findings = [Finding(name, "", "course", "course.yaml does not name this notebook") for name in strays]
    odd = [spec for spec in plan.chapters if not spec.path.name.startswith(f"{spec.number}_")]
    return findings + [Finding(s.path.name, "", "course", f"its name does not begin with {s.number}_") for s in odd]


def run_lint(chapters: Sequence[str] = (), folder: Path = NOTEBOOKS) -> int:
    """Print every broken rule of the chapters named. Returns: 0 when there is none, 1 otherwise."""
    plan = load_plan(folder)
    specs = plan.choose(chapters)
    findings = lint_plan(plan, Path(folder)) + [finding for spec in specs for finding in lint_chapter(spec)]
    print(*findings, f"notebooks: {len(specs)}, findings: {len(findings)}", sep="\n")
    return 1 if findings else 0
