"""Stored things: whole or not there, with a checksum of their content that is verified when they are read.

A file or folder is made beside its place, flushed to the disk, then moved into it. The checksum stands in a JSON object
as a field, at the end of a binary file, and in a folder as a file of its own. Text without one is read all the same:
records that git guards are older than the checksum.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .digests import sha256
from .disk import UNFINISHED, StorageError, disk_in_words, require_room
from .errors import VcemoError

FIELD = "_sha256"  # of a JSON object; no corpus and no field has a name that begins with _
MARK = b"\nsha256:"  # begins the last line of a binary file
CHECKSUMS = "checksums.json"  # of a folder

# ---- whole or not there


@contextmanager
def whole_file(path: Path, needed: int = 0) -> Iterator[Path]:
    """A path beside `path` to write to; it becomes `path` when the block ends well, and is removed when it does not.

    Raises:
        StorageError: the disk is full, read-only or broken; `needed`: bytes, for its sentence.
    """
    path = real_path(path)
    unfinished = unfinished_name(path)
    try:
        with disk_in_words(path, needed):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield unfinished
            _flush(unfinished)
            os.replace(unfinished, path)
            _flush(path.parent)
    finally:
        remove(unfinished)


@contextmanager
def whole_folder(folder: Path, replace: bool = False) -> Iterator[Path]:
    """An empty folder beside `folder`; it becomes `folder` when the block ends well.

    Args:
        replace: whether it takes the place of what is there.

    Raises:
        OSError: something is there already that is no empty folder, and is not to be replaced; it stays as it is.
        StorageError: as of `whole_file`.
    """
    folder = real_path(folder)
    unfinished = unfinished_name(folder)
    old = unfinished.with_suffix(".old.part")
    with disk_in_words(folder):
        try:
            unfinished.mkdir(parents=True)
            yield unfinished
            for path in (*unfinished.rglob("*"), unfinished):
                _flush(path)
            if replace and folder.exists():
                os.replace(folder, old)
            os.replace(unfinished, folder)
            _flush(folder.parent)
        finally:
            remove(unfinished)
            _settle(old, folder)


def _settle(old: Path, folder: Path) -> None:
    """What was moved aside comes back where nothing took its place."""
    if old.exists() and not folder.exists():
        os.replace(old, folder)
    remove(old)


def unfinished_name(path: Path) -> Path:
    """A name beside `path` for what is not whole yet; no other process or thread has the same."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")


def real_path(path: Path) -> Path:
    """Where a path leads by links and "."; StorageError for a device or the like, in whose place a file would be."""
    real = Path(os.path.realpath(path))
    if not real.name:
        raise StorageError(f"{path} is the root of the disk: give the name of something in it")
    if real.exists() and not (real.is_file() or real.is_dir()):
        raise StorageError(f"{path} is no regular file: give the name of a file or folder")
    return real


def leftovers(path: Path) -> list[Path]:
    """What unfinished writings of `path` have left."""
    of_it = re.compile(rf"\.{re.escape(Path(path).name)}\.{UNFINISHED}")
    return [other for other in Path(path).parent.iterdir() if of_it.fullmatch(other.name)]


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before going on."""
    if path.is_symlink() or (os.name == "nt" and path.is_dir()):
        return
    opened = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def locked(path: Path, refusal: str = "") -> Iterator[None]:
    """One process at a time at `path`: a second one waits. What killed ones left unfinished is removed.

    Without `refusal` a thread that has the lock may take it again.

    Raises:
        StorageError: another process is at it and `refusal`, which then is the sentence, was given; or as `whole_file`.
    """
    path = real_path(path)
    lock = FileLock(f"{path}.lock", is_singleton=not refusal)
    with disk_in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        require_room(path)
        try:
            lock.acquire(timeout=0 if refusal else -1)
        except Timeout:
            raise StorageError(refusal) from None
    try:
        for leftover in leftovers(path) if lock.lock_counter == 1 else ():
            _settle(leftover, path) if leftover.name.endswith(".old.part") else remove(leftover)
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):  # while it is held: who waits finds that this file is gone, and makes another
                os.unlink(lock.lock_file)
        lock.release()


# ---- content


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path` so that a reader, or a kill, never meets half of it."""
    with whole_file(path, len(content)) as unfinished:
        unfinished.write_bytes(content)
    return Path(path)


def write_text(path: Path, text: str) -> Path:
    """UTF-8 text, whole or not at all."""
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> Path:
    """JSON with sorted keys, whole or not at all."""
    return write_text(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def sealed(value: dict) -> dict:
    """A JSON object with the checksum of its content as a field, which `read_json` verifies and takes away."""
    return value | {FIELD: _checksum(json.loads(json.dumps(value)))}


def unsealed(value: Any) -> Any:
    """Without the checksum, which must be right if it is there.

    Raises:
        StorageError: it differs.
    """
    checksum = value.pop(FIELD, None) if isinstance(value, dict) else None
    if checksum is not None and checksum != _checksum(value):
        raise StorageError("its checksum differs")
    return value


def _checksum(value: dict) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode())


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        StorageError: it is damaged.
    """
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise StorageError(f"{path} is not valid JSON ({error}); delete it and run again.") from error
    try:
        return unsealed(value)
    except StorageError as error:
        cure = "delete it and run again, or get it back from where it came"
        raise StorageError(f"{path} is damaged ({error}): {cure}") from None


def write_sealed(path: Path, content: bytes) -> Path:
    """Bytes with their checksum as the last line; what reads zip files, as torch does, passes over it."""
    return write_bytes(path, content + MARK + sha256(content).encode() + b"\n")


def read_sealed(path: Path) -> bytes:
    """What `write_sealed` wrote, without the checksum.

    Raises:
        StorageError: it is damaged.
    """
    content, _, checksum = Path(path).read_bytes().rpartition(MARK)
    if checksum != sha256(content).encode() + b"\n":
        raise StorageError(f"{path} is damaged (its checksum differs): delete it and run again")
    return content


def seal_folder(folder: Path) -> None:
    """Write the checksum of each file of a folder beside them."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    write_json(folder / CHECKSUMS, sealed({"files": files}))


def is_whole(folder: Path) -> bool:
    """Whether every file that `seal_folder` saw is there as it was."""
    try:
        files = read_json(folder / CHECKSUMS)["files"]
        return bool(files) and all(sha256(folder / name) == checksum for name, checksum in files.items())
    except (OSError, KeyError, TypeError, AttributeError, VcemoError):
        return False
