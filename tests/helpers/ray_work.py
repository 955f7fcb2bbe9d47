"""A stand-in for a run on a Ray cluster: slow, and recorded as `experiment.run` does it."""

import time
from pathlib import Path

from vcemo_lib.storage import locked, read_json, write_json


def recorded(folder: str, item: int) -> dict:
    """The record of an item, made once; `<item>.begun` and `<item>.made` have a letter for each time."""
    path = Path(folder) / f"{item}.json"
    with locked(path):
        if path.is_file():
            return read_json(path)
        _count(path.with_suffix(".begun"))
        time.sleep(2)
        if item < 0:
            raise ValueError("no")
        _count(path.with_suffix(".made"))
        write_json(path, {"item": item})
    return {"item": item}


def _count(path: Path) -> None:
    with open(path, "a") as log:
        log.write("x")
