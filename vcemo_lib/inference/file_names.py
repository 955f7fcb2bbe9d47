"""The sound files that a user means, found before torch loads."""

import os
from collections.abc import Iterable
from pathlib import Path

ENDINGS = (
    ".wav .flac .mp3 .ogg .oga .opus .m4a .m4b .aac .aif .aiff .aifc .au .snd .caf .w64 .wma .amr .3gp "
    ".webm .mp4 .mov .mkv .mka .avi"
).split()


def sound_files(names: Iterable[str]) -> list[str]:
    """Names of files as they are, and in place of each folder the sounds in it and in those below, in their order.

    A folder without any stays: whoever reads it says what it is.
    """
    return [file for name in names for file in (_inside(Path(name)) if os.path.isdir(name) else []) or [name]]


def _inside(folder: Path) -> list[str]:
    return [
        str(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in ENDINGS and path.is_file() and not path.name.startswith(".")
    ]
