"""A disk that fails: at the n-th writing below a folder it is full, read-only or broken, as an `OSError` says it."""

import builtins
import io
import os
from pathlib import Path


class FaultyDisk:
    """Patches what Python writes by; `fired` says whether the n-th writing was reached.

    Args:
        root: nothing outside of it fails.
        patch: pytest's MonkeyPatch.
    """

    def __init__(self, root: Path, patch):
        self.root, self.n, self.code, self.seen = str(root), None, 0, 0
        self._open = io.open
        for module in (io, builtins):
            patch.setattr(module, "open", self.open)
        for name in ("replace", "fsync", "mkdir"):
            patch.setattr(os, name, self._failing(getattr(os, name)))
        real = os.open
        patch.setattr(
            os,
            "open",
            lambda p, flags, *a, **k: (self._count(p if flags & os.O_CREAT else ""), real(p, flags, *a, **k))[1],
        )

    def arm(self, n: int | None, code: int = 0) -> None:
        """Fail at the n-th writing from now on, counted from 0, and at all after it; None: never."""
        self.n, self.code, self.seen = n, code, 0

    @property
    def fired(self) -> bool:
        """Whether a writing failed since `arm`."""
        return self.n is not None and self.seen > self.n

    def _count(self, path) -> None:
        if self.n is None or (isinstance(path, str | Path) and not str(path).startswith(self.root)):
            return
        self.seen += 1
        if self.fired:
            raise OSError(self.code, os.strerror(self.code), *([str(path)] if isinstance(path, str | Path) else []))

    def _failing(self, real):
        return lambda path, *a, **k: (self._count(path), real(path, *a, **k))[1]

    def open(self, file, mode="r", *arguments, **options):
        """As the built-in; a file that is written to fails when its turn comes."""
        if not set(mode) & set("wax+"):
            return self._open(file, mode, *arguments, **options)
        self._count(file)
        return _Written(self._open(file, mode, *arguments, **options), self, file)


class _Written:
    def __init__(self, file, disk: FaultyDisk, path):
        self._file, self._disk, self._path = file, disk, path

    def write(self, data):
        try:
            self._disk._count(self._path)
        except OSError:
            self._file.write(bytes(data)[: len(data) // 2] if not isinstance(data, str) else data[: len(data) // 2])
            raise
        return self._file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self._file.__exit__(*error)

    def __iter__(self):
        return iter(self._file)

    def __getattr__(self, name):
        return getattr(self._file, name)
