"""Reading and writing that survives a kill: whole files move into place, lines are appended whole."""

import json
import os
from pathlib import Path
from typing import IO

import pandas as pd


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


def read_lines(path: Path) -> dict[str, dict]:
    """The JSON lines of `path` by their "id"; a last line torn by a kill is left out, and cut off the file."""
    if not path.exists():
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        write_bytes(path, whole)
    rows = [json.loads(line) for line in whole.splitlines()]
    return {row["id"]: row for row in rows}


def append_line(stream: IO[str], row: dict) -> None:
    """Append one JSON line and hand it to the system at once."""
    stream.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
    stream.flush()


def read_plan(path: Path) -> pd.DataFrame:
    """The plan as a table; absent words are empty strings, not missing values."""
    if not path.exists():
        raise FileNotFoundError(f"There is no plan at {path}. Make one: python tools/sim/plan.py --out {path}")
    return pd.read_csv(path, keep_default_na=False, dtype={"speaker": str})


def shard_rows(plan: pd.DataFrame, shard: int) -> pd.DataFrame:
    """The rows of one shard, in the order of their ids."""
    rows = plan[plan["shard"] == shard].sort_values("id")
    if rows.empty:
        raise ValueError(f"Shard {shard} is not in the plan, which has shards 0 to {plan['shard'].max()}.")
    return rows


def shard_folder(work: Path, shard: int) -> Path:
    """The folder of one shard's work files, made if absent."""
    folder = Path(work) / f"shard-{shard:02d}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
