"""The sound files that a user means, found before torch loads."""

from collections.abc import Iterable
from pathlib import Path

from ..errors import VcemoError

COMMON = (".wav", ".flac", ".mp3", ".ogg", ".m4a")
RARE = ".oga .opus .aac .aif .aiff .aifc .au .snd .caf .w64 .wma .webm .mp4 .mov .mkv .amr .3gp .m4b .mka .avi".split()


class SoundFilesError(VcemoError):
    """A folder without sounds."""


def sound_files(names: Iterable[str]) -> list[str]:
    """Names of files as they are, and in place of each folder the sounds in it and in those below, in their order.

    Raises:
        SoundFilesError: a folder without any.
    """
    found = []
    for name in names:
        found += _inside(Path(name)) if Path(name).is_dir() else [name]
    return found


def _inside(folder: Path) -> list[str]:
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (*COMMON, *RARE) and path.is_file() and not path.name.startswith(".")
    ]
    if not files:
        raise SoundFilesError(f"{folder} has no sound file in it: give one whose sounds end in {', '.join(COMMON)}")
    return [str(path) for path in files]
