"""Files and folders that are either whole or not there: made beside their place, then moved into it."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import VcemoError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it becomes `path` when the block ends well, and is removed when it does not.

    >>> with whole_file(Path(tempfile.mkdtemp()) / "a.txt") as unfinished:
    ...     _ = unfinished.write_text("all of it")
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        with open(unfinished, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder`; it becomes `folder` when the block ends well.

    Raises:
        OSError: something is there already that is no empty folder; it stays as it is.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".part", dir=folder.parent))
    try:
        yield unfinished
        os.replace(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path` so that a reader, or a kill, never meets half of it."""
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content)
    return Path(path)


def write_text(path: Path, text: str) -> Path:
    """UTF-8 text, whole or not at all."""
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> Path:
    """JSON with sorted keys, whole or not at all."""
    return write_text(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; a damaged file is an error that names it."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise VcemoError(f"{path} is not valid JSON ({error}); delete it and run again.") from error
