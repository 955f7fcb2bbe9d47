"""Where things are. The only place that turns a name into a folder.

In a checkout all of it lies there. An installed wheel has the assets inside; its caches lie in the user's cache folder,
and what it makes lies where it is called. Corpus, notebooks and recorded runs are in a checkout only.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

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


def files_inside(folder: str | Path) -> list[Path]:
    """The files in a folder and in those below, in order; links are followed, also one to a file that is not there.

    What is hidden is left out: macOS, Git and Jupyter keep copies so. A folder is read once, at its own place if that
    is inside, however many links lead to it; one that may not be read is left out with a warning.
    """
    seen, links, found = set(), [str(folder)], []
    while links:
        found += _walk(links.pop(0), seen, links)
    return sorted(found)


def _walk(folder: str, seen: set[str], links: list[str]) -> Iterator[Path]:
    """The files in a folder and below but for links to folders, which join `links`; `seen` are the folders read."""
    if (place := os.path.realpath(folder)) in seen:
        return
    seen.add(place)
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    except PermissionError:
        log.warning("%s may not be read: what is in it is left out", folder)
        return
    for entry in entries:
        if os.path.isdir(entry.path):  # of a link to itself the entry's own is_dir would raise
            if entry.is_symlink():
                links.append(entry.path)
            else:
                yield from _walk(entry.path, seen, links)
        elif os.path.isfile(entry.path) or entry.is_symlink() and not os.path.exists(entry.path):
            yield Path(entry.path)
