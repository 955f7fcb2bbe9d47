"""Arrays of different lengths in one memory-mapped file, stored under a key made of their content."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from filelock import FileLock

from .paths import cache_dir


class Ragged:
    """N arrays (n_i, width) laid one after the other in `values.npy`, cut by `offsets.npy`."""

    def __init__(self, folder: Path):
        self.values = np.load(folder / "values.npy", mmap_mode="r")
        self.offsets = np.load(folder / "offsets.npy")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> np.ndarray:
        return self.values[self.offsets[i]:self.offsets[i + 1]]

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)


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


def cached(kind: str, key: str, make: Callable[[], Iterable[np.ndarray]], dtype=np.float16) -> Ragged:
    """The arrays stored under `kind/key`, made on first use; a killed or parallel run leaves nothing half-written."""
    folder = cache_dir() / "features" / kind / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            part = Path(tempfile.mkdtemp(prefix=f"{key}-", suffix=".part", dir=folder.parent))
            try:
                _write(part, make(), dtype)
                os.replace(part, folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return Ragged(folder)


def _write(folder: Path, arrays: Iterable[np.ndarray], dtype) -> None:
    offsets, shape = [0], None
    with open(folder / "values.raw", "wb") as raw:
        for array in arrays:
            array = np.ascontiguousarray(array, dtype=dtype)
            if not np.isfinite(array.astype(np.float32)).all():
                raise ValueError(f"array {len(offsets) - 1} holds values that are not finite in {np.dtype(dtype).name}")
            raw.write(array.tobytes())
            offsets.append(offsets[-1] + len(array))
            shape = array.shape[1:]
    values = np.memmap(folder / "values.raw", dtype=dtype, mode="r", shape=(offsets[-1], *shape))
    np.save(folder / "values.npy", values)
    np.save(folder / "offsets.npy", np.array(offsets))
    (folder / "values.raw").unlink()
    (folder / "about.json").write_text(json.dumps({"arrays": len(offsets) - 1, "dtype": np.dtype(dtype).name}))
