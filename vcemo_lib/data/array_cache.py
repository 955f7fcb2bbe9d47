"""Arrays of different lengths in one memory-mapped file, stored under a key made of their content."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from ..disk import disk_in_words
from ..errors import VcemoError
from ..messages import log
from ..paths import cache_dir
from ..storage import CHECKSUMS, is_whole, locked, seal_folder, whole_folder


class CacheError(VcemoError):
    """Features that cannot be stored as they are."""


class Ragged:
    """N arrays (n_i, width) laid one after the other in `values`, cut by `offsets` (N + 1,)."""

    def __init__(self, values: np.ndarray, offsets: np.ndarray):
        self.values, self.offsets = values, offsets

    @classmethod
    def mapped(cls, folder: Path) -> "Ragged":
        """Of a cache folder, the values memory-mapped."""
        values = np.load(folder / "values.npy", mmap_mode="r")
        return cls(np.asarray(values), np.load(folder / "offsets.npy"))  # slices of a np.memmap itself are slow

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> np.ndarray:
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    @property
    def lengths(self) -> np.ndarray:
        """(N,) rows of each array."""
        return np.diff(self.offsets)


def cached(
    kind: str, key: str, make: Callable[[], Iterable[np.ndarray]], dtype=np.float16, keep: bool = True, count: int = 0
) -> Ragged:
    """The arrays stored under `kind/key`, made on first use, and anew where they are damaged.

    Of two processes that ask for the same one makes them, the other waits and reads.

    Args:
        keep: False: they are made in memory, and nothing is written or read.
        count: how many `make` will give, from which a full disk's sentence says the room that is needed.

    Raises:
        CacheError: values that are not finite.
        StorageError: the cache cannot be written to.
    """
    if not keep:
        arrays = [*_finite(make(), dtype)]
        return Ragged(np.concatenate(arrays), np.cumsum([0, *map(len, arrays)]))
    folder = cache_dir() / "features" / kind / key
    if not is_whole(folder):
        with locked(folder):
            if not is_whole(folder):  # else another process was faster
                if (folder / CHECKSUMS).exists():
                    log.info(f"the kept features {kind}/{key} are damaged: they are made anew")
                with whole_folder(folder, replace=True) as unfinished:
                    _write(unfinished, _finite(make(), dtype), count)
                    seal_folder(unfinished)
    return Ragged.mapped(folder)


def kept_texts(kind: str, key: str, make: Callable[[], Iterable[str]], keep: bool = True, count: int = 0) -> list[str]:
    """Texts, kept as the arrays of `cached` are, in UTF-8."""
    kept = cached(kind, key, lambda: (np.frombuffer(text.encode(), np.uint8) for text in make()), np.uint8, keep, count)
    return [kept[row].tobytes().decode() for row in range(len(kept))]


def _finite(arrays: Iterable[np.ndarray], dtype) -> Iterator[np.ndarray]:
    for number, array in enumerate(arrays, start=1):
        array = np.ascontiguousarray(array, dtype=dtype)
        if not np.isfinite(array.astype(np.float32)).all():
            raise CacheError(
                f"the features of row {number} hold values that are not finite in {np.dtype(dtype).name}: "
                "listen to the clip, and look at the vectors of its words; leave the row out or mend them"
            )
        yield array


def _write(folder: Path, arrays: Iterable[np.ndarray], count: int) -> None:
    """`values.npy`, whose header is renewed when the number of rows is known, and `offsets.npy`."""
    offsets, header = [0], {"descr": "<f2", "fortran_order": False, "shape": (0,)}
    with open(folder / "values.npy", "wb") as out:
        for array in arrays:
            needed = array.nbytes * max(count, 1) if len(offsets) == 1 else out.tell() * count // len(offsets)
            with disk_in_words(folder, needed):
                if len(offsets) == 1:
                    header |= {"descr": np.lib.format.dtype_to_descr(array.dtype), "shape": (0, *array.shape[1:])}
                    np.lib.format.write_array_header_1_0(out, header)
                out.write(array.tobytes())
            offsets.append(offsets[-1] + len(array))
        out.seek(0)
        np.lib.format.write_array_header_1_0(out, header | {"shape": (offsets[-1], *header["shape"][1:])})
    np.save(folder / "offsets.npy", np.array(offsets))
