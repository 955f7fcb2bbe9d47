"""Files that are either whole or not there: written beside their place, then moved into it."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from .errors import CourseError


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path` so that a reader, or a kill, never meets half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


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
        raise CourseError(f"{path} is not valid JSON ({error}); delete it and run again.") from error


def digest(*parts: bytes | str) -> str:
    """Short SHA-256 of several parts; the border between two parts counts."""
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8") if isinstance(part, str) else part
        total.update(len(raw).to_bytes(8, "big") + raw)
    return total.hexdigest()[:32]
