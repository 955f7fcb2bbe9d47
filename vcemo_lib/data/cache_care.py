"""What lies in the cache: how much of each kind, whether it is whole, and what of it is of no use to anybody."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from ..disk import UNFINISHED
from ..errors import VcemoError
from ..paths import cache_dir
from ..storage import is_whole, read_json, remove


def sizes() -> dict[str, tuple[int, int]]:
    """Files and bytes of each folder of the cache, and of the files beside them."""
    kinds: dict[str, tuple[int, int]] = {}
    for path in _files(cache_dir()):
        inside = path.relative_to(cache_dir()).parts
        kind = inside[0] if len(inside) > 1 else "lists"
        files, total = kinds.get(kind, (0, 0))
        kinds[kind] = files + 1, total + path.lstat().st_size
    return dict(sorted(kinds.items()))


def entries() -> list[Path]:
    """Everything that carries checksums: folders of features, transcript stores, lists."""
    root = cache_dir()
    features = [path for path in root.glob("features/*/*") if path.is_dir() and not path.name.startswith(".")]
    texts = [*root.glob("asr/*/texts.jsonl"), *root.glob("corpora/*.json"), *root.glob("corpora.json")]
    return sorted(features) + sorted(texts)


def damaged() -> Iterator[tuple[Path, str]]:
    """What is not as it was written, each with the cure."""
    for path in entries():
        if path.is_dir():
            if not is_whole(path):
                yield path, "it is made anew when it is needed; 'vcemo cache clean' removes it"
        elif path.suffix == ".jsonl":
            from .transcripts import read_lines  # only now: it brings torch

            if lines := read_lines(path)[1]:
                yield path, f"{lines} transcripts; 'vcemo corpus transcribe' hears those clips again"
        else:
            try:
                read_json(path)
            except (VcemoError, OSError):
                cure = "add the corpora" if path.name == "corpora.json" else "transcribe the corpus"
                yield path, f"delete it and {cure} again"


def clean(features: bool = False) -> tuple[int, int]:
    """Remove what nobody will use, and if asked all features. Returns: how many things, and their bytes."""
    useless = [path for path in cache_dir().rglob(".*.part") if _is_left(path)]
    useless += [path for path in entries() if path.is_dir() and (features or not is_whole(path))]
    total = sum(file.lstat().st_size for path in useless for file in _files(path))
    for path in useless:
        remove(path)
    locks = sum(map(_freed, cache_dir().rglob("*.lock")))
    return len(useless) + locks, total


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


def _is_left(unfinished: Path) -> bool:
    """Whether the process that was writing it is gone."""
    own = re.search(UNFINISHED, unfinished.name)
    inside = unfinished.parent.name.endswith(".part")  # goes with the folder
    return bool(own) and not inside and not psutil.pid_exists(int(own[1]))


def _freed(lock: Path) -> bool:
    """Whether nobody held a lock, which now is removed."""
    try:
        with FileLock(lock, timeout=0):
            os.unlink(lock)
            return True
    except (Timeout, OSError):
        return False
