"""Where things are. The only place that turns a name into a folder.

In a checkout all of it lies there. An installed wheel has the assets inside; its caches lie in the user's cache folder,
and what it makes lies where it is called. Corpus, notebooks and recorded runs are in a checkout only.
"""

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
IS_CHECKOUT = (ROOT / "pyproject.toml").is_file()
WORK = ROOT if IS_CHECKOUT else Path()
DATA = ROOT / "data"
ASSETS = (ROOT if IS_CHECKOUT else PACKAGE) / "assets"
RESULTS = WORK / "results"  # records of long runs, kept with the project
SOUNDS = (  # what names of files that are read as sound end in, videos among them
    ".wav .flac .mp3 .mp2 .ogg .oga .opus .m4a .m4b .aac .aif .aiff .aifc .au .snd .sph .caf .w64 .rf64 .wma .amr .3gp "
    ".3g2 .ac3 .ape .tta .wv .webm .weba .mp4 .m4v .mov .mkv .mka .avi .flv .mpg .mpeg"
).split()


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


def files_inside(folder: str | Path, above: tuple[str, ...] = ()) -> Iterator[Path]:
    """The files in a folder and in those below, in order; links are followed, also one to a file that is not there.

    What is hidden is left out: macOS, Git and Jupyter keep copies so.

    Args:
        above: the folders in which this one stands; a link that leads back to one of them is left out.
    """
    place = os.path.realpath(folder)
    if place in above:
        return
    with os.scandir(folder) as found:
        entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir():
            yield from files_inside(entry.path, (*above, place))
        elif entry.is_file() or entry.is_symlink() and not os.path.exists(entry.path):
            yield Path(entry.path)
