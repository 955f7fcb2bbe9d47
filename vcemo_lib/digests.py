"""Names made of content: equal settings and data give equal keys, on every machine."""

import hashlib
from dataclasses import asdict
from pathlib import Path


def settings(config) -> dict:
    """The fields of a dataclass, nested ones too, without those that are None.

    A field that is None counts as not there: a new one whose default is None leaves old keys, and what they name, valid.
    """
    return _set(asdict(config))


def _set(values: dict) -> dict:
    return {k: _set(v) if isinstance(v, dict) else v for k, v in values.items() if v is not None}


def content_key(*parts) -> str:
    """Sixteen hex digits of everything that decides a result: bytes as they are, the rest by its repr."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:16]


def sha256(content: bytes | str | Path) -> str:
    """SHA-256, in hex, of bytes, or of the file at a path."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with open(content, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
