"""Arrays of different lengths in one memory-mapped file, stored under a key made of their content."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from filelock import FileLock

from ..errors import VcemoError
from ..paths import cache_dir
from ..storage import whole_folder


class CacheError(VcemoError):
    """Features that cannot be stored as they are."""


class Ragged:
    """N arrays (n_i, width) laid one after the other in `values.npy`, cut by `offsets.npy`."""

    def __init__(self, folder: Path):
        self.values = np.load(folder / "values.npy", mmap_mode="r")
        self.offsets = np.load(folder / "offsets.npy")

    @classmethod
    def held(cls, arrays: Iterable[np.ndarray], dtype=np.float16) -> "Ragged":
        """The same numbers in memory alone."""
        new, arrays = cls.__new__(cls), [_checked(array, dtype, row) for row, array in enumerate(arrays, start=1)]
        new.values, new.offsets = np.concatenate(arrays), np.cumsum([0, *map(len, arrays)])
        return new

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> np.ndarray:
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    @property
    def lengths(self) -> np.ndarray:
        """(N,) rows of each array."""
        return np.diff(self.offsets)


def cached(kind: str, key: str, make: Callable[[], Iterable[np.ndarray]], dtype=np.float16) -> Ragged:
    """The arrays stored under `kind/key`, made on first use; a killed or parallel run leaves nothing half-written."""
    folder = cache_dir() / "features" / kind / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            with whole_folder(folder) as unfinished:
                _write(unfinished, make(), dtype)
    return Ragged(folder)


def _write(folder: Path, arrays: Iterable[np.ndarray], dtype) -> None:
    offsets, shape = [0], None
    with open(folder / "values.raw", "wb") as raw:
        for array in arrays:
            array = _checked(array, dtype, len(offsets))
            raw.write(array.tobytes())
            offsets.append(offsets[-1] + len(array))
            shape = array.shape[1:]
    values = np.memmap(folder / "values.raw", dtype=dtype, mode="r", shape=(offsets[-1], *shape))
    np.save(folder / "values.npy", values)
    np.save(folder / "offsets.npy", np.array(offsets))
    (folder / "values.raw").unlink()


def _checked(array: np.ndarray, dtype, row: int) -> np.ndarray:
    array = np.ascontiguousarray(array, dtype=dtype)
    if not np.isfinite(array.astype(np.float32)).all():
        raise CacheError(
            f"the features of row {row} hold values that are not finite in {np.dtype(dtype).name}: "
            "listen to the clip, and look at the vectors of its words; leave the row out or mend them"
        )
    return array
