"""Renewing what the project keeps, from a run of the tiny profile: canonical notebooks, figures, whose arithmetic."""

from pathlib import Path

from ...paths import ROOT
from ...storage import write_bytes, write_text
from ..notebook.reading import read_notebook
from ..run.runner import Outcome
from .arithmetic import fingerprint, remember
from .canonical import canonical

FIGURES = ROOT / "figures"


def write_back(outcome: Outcome, out: Path, figures: Path = FIGURES) -> list[str]:
    """Write each finished chapter into its notebook in canonical form, and its figures into `figures`.

    Returns: the numbers of the chapters written; one that is not done keeps its old notebook.
    """
    written = []
    for spec in outcome.specs:
        if outcome.states[spec.number].status == "done":
            executed = read_notebook(out / "notebooks" / spec.path.name)
            write_text(spec.path, canonical(executed))
            _copy_figures(spec.number, out / spec.number / "figures", figures)
            written.append(spec.number)
    if written:
        remember(outcome.specs[0].path.parent, written, fingerprint(out / ".state"))
    return written


def _copy_figures(number: str, source: Path, target: Path) -> None:
    fresh = {path.name: path.read_bytes() for path in sorted(source.glob(f"{number}_*.png"))}
    for name, content in fresh.items():
        write_bytes(target / name, content)
    for old in target.glob(f"{number}_*.png"):
        if old.name not in fresh:
            old.unlink()
