"""Where the user's corpora lie: `vcemo corpus add` writes it down once, and `corpus=NAME` is enough ever after."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock

from ..paths import cache_dir


@dataclass(frozen=True)
class Place:
    """A corpus' folder (or table) and the options it is read with."""

    root: str
    options: dict = field(default_factory=dict)


def remember(name: str, root: Path, options: dict) -> None:
    """Write down where a corpus lies; an earlier place of the same name is replaced."""
    _change(name, **asdict(Place(str(Path(root).expanduser().resolve()), options)))


def recall(name: str) -> Place | None:
    """The place of a corpus, or None when it was never added."""
    found = _read().get(name, {})
    return Place(found["root"], found["options"]) if "root" in found else None


def first_use(name: str) -> bool:
    """Whether the corpus is used for the first time on this machine; the answer is no ever after."""
    if _read().get(name, {}).get("told"):
        return False
    _change(name, told=True)
    return True


def _path() -> Path:
    return cache_dir() / "corpora.json"


def _read() -> dict:
    return json.loads(_path().read_text(encoding="utf-8")) if _path().is_file() else {}


def _change(name: str, **values) -> None:
    _path().parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{_path()}.lock"):
        found = _read()
        found[name] = found.get(name, {}) | values
        part = _path().with_suffix(".part")
        part.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(part, _path())
