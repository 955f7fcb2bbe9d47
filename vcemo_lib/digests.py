"""Names made of content: equal settings and data give equal keys, on every machine."""

import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import field, fields, is_dataclass
from functools import cache
from pathlib import Path


def added(default, neutral=None):
    """A field that a hashed dataclass gets later, left out of `settings` while it is neutral: old keys stay valid.

    Args:
        neutral: the value at which nothing differs from the time before the field; None: the default. Whoever changes
            the default of such a field writes `added(new, neutral=old)`, or old keys would name new results.
    """
    return field(default=default, metadata={"neutral": default if neutral is None else neutral})


def settings(config) -> dict:
    """The fields of a dataclass, nested ones too, without those that leave everything as it was before they came.

    Those are fields that are None, and fields made by `added` at their neutral value: keys made of settings, and what
    they name, such as the records in results/, outlast them.
    """
    values = {f.name: (getattr(config, f.name), f.metadata.get("neutral")) for f in fields(config)}
    told = {name: value for name, (value, neutral) in values.items() if value != neutral}
    return {name: settings(value) if is_dataclass(value) else value for name, value in told.items()}


def content_key(*values) -> str:
    """Sixteen hex digits of everything that decides a result: bytes as they are, the rest by its repr."""
    digest = hashlib.sha256()
    for value in values:
        data = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:16]


def sha256(content: bytes | str | Path) -> str:
    """SHA-256, in hex, of bytes, or of the file at a path."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with open(content, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_pieces(pieces: Iterable[bytes]) -> str:
    """SHA-256, in hex, of bytes that come piece by piece, such as a network's weights: joined they are there twice."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def file_sha256(path: str | Path) -> str:
    """SHA-256, in hex, of a file, which a process reads once while its size and its times stay the same.

    A copy may bring its time along, as `cp -p` does; the time of the change itself (ctime) is the disk's own.
    A file that changed in the last seconds is read each time: it may change once more at the same time by its clock.
    """
    about = os.stat(path)
    if time.time_ns() - max(about.st_mtime_ns, about.st_ctime_ns) < 3e9:
        return sha256(path)
    return _remembered(str(path), about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


@cache
def _remembered(path: str, *what_tells_a_change: int) -> str:
    return sha256(path)
