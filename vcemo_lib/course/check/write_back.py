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
