"""What has been run and whether it still holds: only a chapter whose dependencies changed is repeated."""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ...digests import content_key, sha256
from ...paths import ASSETS, DATA, ROOT
from ...storage import read_json, sealed, write_json
from ..notebook.reading import read_notebook, tags
from .plan import ChapterSpec
from .request import Sounds

LIBRARY = Path(__file__).resolve().parents[2]


@dataclass
class ChapterState:
    """The outcome of one chapter: done or failed, the cell and the error that failed, the files it left, hashed."""

    number: str
    status: str
    fingerprint: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    megabytes: float = 0.0
    cell: str = ""
    error: str = ""
    files: dict[str, str] = field(default_factory=dict)


class Dependencies:
    """What a chapter's result rests on besides its own notebook: library, shipped files, pins, corpora.

    corpora: name and root of each that the chapters read, as their parameters have them; sounds: of such a pair the
    recordings that lie outside the root, beside a table.
    """

    def __init__(self, corpora: Iterable[tuple[str, str]] = (), sounds: Sounds | None = None) -> None:
        self._corpora, self._sounds = sorted({corpus for corpus in corpora if any(corpus)}), sounds

    @cached_property
    def common(self) -> str:
        """One hash of all of it. Shipped and corpus files count by name, size and time, not by content."""
        sources = sorted(p for p in LIBRARY.rglob("*") if p.suffix in (".py", ".md", ".j2", ".css"))
        code = [item for p in sources for item in (p.relative_to(LIBRARY).as_posix(), p.read_bytes())]
        lock = ROOT / "requirements.lock"
        pins = lock.read_bytes() if lock.is_file() else b""
        roots = [Path(root).expanduser() for _, root in self._corpora if root]
        listed = [_told(sorted(p.rglob("*")) if p.is_dir() else [p], p) for p in (DATA, ASSETS, *roots)]
        listed += [_told(self._sounds(*corpus)) for corpus in self._corpora if self._sounds]
        return content_key(*code, pins, sys.version, *listed)

    def fingerprint(self, spec: ChapterSpec, parameters: dict[str, Any]) -> str:
        """A hash of what all chapters rest on, of a chapter's parameters, and of what its notebook says, not shows."""
        cells = read_notebook(spec.path).cells
        source = [item for c in cells for item in (c.id, c.cell_type, c.source, ",".join(tags(c)))]
        return content_key(*source, json.dumps(parameters, sort_keys=True), self.common)


def _told(paths: Iterable[Path], folder: Path = Path("/")) -> str:
    there = [path for path in paths if path.is_file()]
    return "\n".join(
        f"{os.path.relpath(p, folder)} {(s := p.stat()).st_size} {s.st_mtime_ns} {s.st_ctime_ns}" for p in there
    )


class StateStore:
    """The outcomes kept in one output folder: a small file each, written after all files of its chapter."""

    def __init__(self, out: Path) -> None:
        self.out = Path(out)

    def read(self, number: str) -> ChapterState | None:
        """The last outcome of a chapter; None when there is none that can be read."""
        try:
            return ChapterState(**read_json(self._path(number)))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, state: ChapterState) -> None:
        """Keep an outcome."""
        write_json(self._path(state.number), sealed(asdict(state)))

    def forget(self, number: str) -> None:
        """Drop an outcome before its chapter runs again."""
        self._path(number).unlink(missing_ok=True)

    def hashes(self, paths: list[Path]) -> dict[str, str]:
        """Name inside the folder → SHA-256 of the content, for those of the files that are there."""
        return {path.relative_to(self.out).as_posix(): sha256(path) for path in paths if path.is_file()}

    def is_current(self, number: str, fingerprint: str) -> bool:
        """Whether the chapter is done, nothing it rests on changed, and its files are there and whole."""
        state = self.read(number)
        if state is None or (state.status, state.fingerprint) != ("done", fingerprint):
            return False
        return self.hashes([self.out / name for name in state.files]) == state.files

    def _path(self, number: str) -> Path:
        return self.out / ".state" / f"{number}.json"
