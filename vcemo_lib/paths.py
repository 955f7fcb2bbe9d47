"""Where things are. The only place that turns a name into a folder.

In a checkout all of it lies there. An installed wheel has the assets inside; its caches lie in the user's cache folder,
and what it makes lies where it is called. Corpus, notebooks and recorded runs are in a checkout only.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
IS_CHECKOUT = (ROOT / "pyproject.toml").is_file()
WORK = ROOT if IS_CHECKOUT else Path()
DATA = ROOT / "data"
ASSETS = (ROOT if IS_CHECKOUT else PACKAGE) / "assets"
RESULTS = WORK / "results"  # records of long runs, kept with the project


def cache_dir() -> Path:
    """Folder of things that can be computed again: features, downloads. `VCEMO_CACHE` moves it."""
    own = ROOT / ".cache" if IS_CHECKOUT else home_cache() / "vcemo"
    return Path(os.environ.get("VCEMO_CACHE") or own).expanduser()


def home_cache() -> Path:
    """The user's cache folder, where other programs keep their downloads."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def runs_dir() -> Path:
    """Folder of executed notebooks, checkpoints and records of runs."""
    return WORK / "runs"


def is_file(path: str | Path) -> bool:
    """Whether a regular file is there; no of a name that no file can have."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False
