"""What a disk refuses, in a sentence that names the place, the room that is needed, and the cure."""

import errno
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import VcemoError

FULL = {errno.ENOSPC, errno.EDQUOT}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}  # EFBIG: larger than `ulimit -f` lets a file be
MEMORY = ("out of memory", "allocate memory", "not enough memory", "failed to map")  # what torch's errors say of it
UNFINISHED = r"(\d+)-[0-9a-f]{8}(\.old)?\.part"  # process, a number drawn at random: what ends a name until it is whole
BROKEN = {errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE}


class StorageError(VcemoError):
    """A place that cannot be written to, or content that is not what was written; the message names the cure."""


@contextmanager
def disk_in_words(path: Path, needed: int = 0) -> Iterator[None]:
    """What the disk refuses in this block becomes a StorageError.

    Args:
        path: what is written, where the error itself names nothing.
        needed: bytes that it takes, 0 where nobody knows.
    """
    try:
        yield
    except OSError as error:
        if not of_the_disk(error):
            raise
        raise StorageError(disk_sentence(error, path, needed)) from error


def require_room(path: Path) -> None:
    """Raise OSError where no file can be made beside `path`: in /proc a lock would wait for ever."""
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:  # names a file that is nobody's; "no such file" of a folder that is there: none can be
        number = errno.EACCES if error.errno == errno.ENOENT else error.errno
        raise OSError(number, error.strerror, str(path)) from error


def takes_files(folder: Path) -> bool:
    """Whether a file can be made in a folder, or in the nearest one above it that is there."""
    above = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    try:
        require_room(above / "any")
    except OSError:
        return False
    return True


def require_folder(folder: Path, what: str) -> None:
    """Raise StorageError where a folder cannot be: it, or what it would lie in, is a file. Args: what, for and cure."""
    above = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not above.is_dir():
        raise StorageError(f"{above} is a file, and {what}")


def of_the_disk(error: Exception) -> bool:
    """Whether an error says that a disk is full, closed to writing, or broken."""
    return isinstance(error, OSError) and error.errno in FULL | CLOSED | BROKEN


def disk_sentence(error: OSError, path: Path | str = "", needed: int = 0) -> str:
    """What an OSError means for the user: the place, the room that is needed, and what to do."""
    target = re.sub(rf"\.([^/]+)\.{UNFINISHED}", r"\1", str(error.filename or path or "a file"))
    room = f"{megabytes(needed)} are needed" if needed else "more room is needed"
    elsewhere = "or give another place; VCEMO_CACHE=FOLDER moves the cache"
    if error.errno in FULL:
        return f"{target} cannot be written, the disk is full ({room}, {_free(target)}): make room, {elsewhere}"
    why = f"{error.strerror or error}{f'; {room}' if needed else ''}"
    return f"{target} cannot be opened or written ({why}): look at the path, its permissions and the disk, {elsewhere}"


def megabytes(size: float) -> str:
    """A size for people.

    >>> megabytes(1_234_567)
    '1.2 MB'
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _free(target: str) -> str:
    above = next((folder for folder in Path(target).absolute().parents if folder.exists()), Path("/"))
    with suppress(OSError):
        return f"{megabytes(shutil.disk_usage(above).free)} are free"
    return "none is free"


def sentence_of(error: BaseException) -> str:
    """What a user reads of an error that they or the machine caused; "" where the code is at fault."""
    if isinstance(error, VcemoError):
        return str(error)
    if isinstance(error, OSError):
        return disk_sentence(error)
    of_memory = isinstance(error, RuntimeError | ImportError) and any(words in str(error).lower() for words in MEMORY)
    if of_memory or isinstance(error, MemoryError):
        return (
            "there is not enough memory: end other programs, do fewer things at once (--jobs 1), give fewer or shorter "
            "files, or train in smaller batches (--set batch_size=8)"
        )
    return ""
