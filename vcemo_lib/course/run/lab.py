"""Working copies of the notebooks for JupyterLab, so that reading never changes what is committed."""

from pathlib import Path

from ...digests import sha256
from ...paths import ROOT
from ...storage import read_json, write_bytes, write_json
from .plan import NOTEBOOKS

FOLDER = ROOT / "lab"  # beside notebooks/, so that links out of it lead where they lead from there


def working_copies(folder: Path = FOLDER, notebooks: Path = NOTEBOOKS) -> list[Path]:
    """Copy each chapter anew, but not over a copy that the reader changed; returns those that differ from it."""
    ledger = folder / ".copied.json"
    copied = read_json(ledger) if ledger.is_file() else {}
    kept = []
    for source in sorted(notebooks.glob("*.ipynb")):
        copy, fresh = folder / source.name, source.read_bytes()
        mine = sha256(copy.read_bytes()) if copy.is_file() else None
        if mine in (None, copied.get(source.name)):
            write_bytes(copy, fresh)
            copied[source.name] = sha256(fresh)
        elif mine != sha256(fresh):
            kept.append(copy)
    write_json(ledger, copied)
    return kept
