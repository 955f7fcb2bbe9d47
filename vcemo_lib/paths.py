"""Where things are. The only place that turns a name into a folder."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
ASSETS = ROOT / "assets"
RESULTS = ROOT / "results"  # records of long runs, kept with the project


def cache_dir() -> Path:
    """Folder of things that can be computed again: features, downloads. `VCEMO_CACHE` moves it."""
    return Path(os.environ.get("VCEMO_CACHE") or ROOT / ".cache")


def home_cache() -> Path:
    """The user's cache folder, where other programs keep their downloads."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))


def runs_dir() -> Path:
    """Folder of executed notebooks, checkpoints and records of runs."""
    return ROOT / "runs"


def is_file(path: str | Path) -> bool:
    """Whether a regular file is there; no of a name that no file can have."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False
