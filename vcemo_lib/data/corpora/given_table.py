"""From what a user gives, a table or a folder with one, or a folder a class, to rows in the user's own words."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ...messages import log
from ...paths import SOUNDS, files_inside
from ..corpus import CorpusError
from . import datasets_in, tables
from .columns import PARTS

MARKS = {".csv": ",", ".tsv": "\t"}
ENDINGS = (*MARKS, ".jsonl", ".parquet")


def rows(source: Path, encoding: str = "", emotion: str = "emotion", language: str = "zh") -> tuple[pd.DataFrame, Path]:
    """The table that a path means, and the path of its file; in the column `emotion` an empty cell is an empty word.

    Raises:
        CorpusError: no table, several, or one that cannot be read.
    """
    if datasets_in.is_saved(source):
        frame = datasets_in.read_saved(source)
        tables.refuse_unreadable(frame, source.name)
        return frame, source
    table = _only(source)
    if table is None:
        return _by_folders(source), source
    if table.suffix.lower() not in ENDINGS or not table.is_file():
        raise CorpusError(f"not a manifest: {table}: expected a {', '.join(ENDINGS)} file: save or export it as one")
    return _read(table, encoding, emotion, language), table


def _only(source: Path) -> Path | None:
    """The table that is given, or the only one in a folder, without the hidden copies of macOS and Jupyter.

    None for a folder that has sounds and no table.
    """
    if not source.is_dir():
        return source
    tables = _inside(source, ENDINGS)
    if not tables and _inside(source, SOUNDS):
        return None
    if len(tables) != 1:
        names = ", ".join(map(str, tables[:5])) or "none"
        raise CorpusError(
            f"{len(tables)} tables ({', '.join(ENDINGS)}) in {source}: {names}: pass the path of one, or leave one "
            "there"
        )
    return source / tables[0]


def _inside(folder: Path, endings: Sequence[str]) -> list[Path]:
    return [path.relative_to(folder) for path in files_inside(folder) if path.suffix.lower() in endings]


def _by_folders(root: Path) -> pd.DataFrame:
    """Sounds in a folder for each class, by its name: angry/x.wav, train/angry/x.wav or angry/train/x.wav."""
    names = _inside(root, SOUNDS)
    if loose := [name for name in names if len(name.parts) < 2]:
        raise CorpusError(
            f"0 tables ({', '.join(ENDINGS)}) in {root}: none: pass the path of one, or put each sound into a folder "
            f"of its class: {len(loose)} of {len(names)}, such as {loose[0]}, lie in none"
        )
    if others := Counter(path.suffix.lower() for path in files_inside(root) if path.suffix.lower() not in SOUNDS):
        told = ", ".join(f"{n} of {ending or 'no ending'}" for ending, n in others.most_common(5))
        log.warning(f"{root}: {others.total()} files are no sounds by their names and are left out: {told}")
    frame = pd.DataFrame({"id": [_printable(name.with_suffix("").as_posix()) for name in names]}, dtype=object)
    if frame["id"].duplicated().any():  # a.wav beside a.mp3
        frame["id"] = [_printable(name.as_posix()) for name in names]
    frame["audio"] = pd.Series([str(name) for name in names], dtype=object)  # which may be no Unicode
    folders = [name.parts[:-1] for name in names]
    words = [next((f for f in reversed(above) if f.lower() not in PARTS), above[-1]) for above in folders]
    frame["emotion"] = [_printable(word) for word in words]
    of_parts = [[PARTS.get(f.lower()) for f in above if f != word] for above, word in zip(folders, words, strict=True)]
    parts = [next(filter(None, some), None) for some in of_parts]
    if any(parts) and not all(parts):
        other = _printable(str(names[parts.index(None)]))
        raise CorpusError(
            f"{root} has folders of a split, and {other} lies in none of them: name the folder above its class train, "
            "val or test, or take it out"
        )
    return frame.assign(split=parts) if any(parts) else frame


def _printable(name: str) -> str:
    """A name that is no UTF-8 as text."""
    return name.encode("utf-8", "backslashreplace").decode()


def _read(table: Path, encoding: str, emotion: str, language: str) -> pd.DataFrame:
    kind = table.suffix.lower()
    try:
        if kind == ".parquet":
            frame = datasets_in.frame_of(datasets_in.parquet(table))
        else:
            text = tables.decoded(table, encoding, language)
            if kind == ".jsonl":
                frame = _json_lines(text, table)
            else:
                first, _, rest = text.partition("\n")
                text = rest if first.strip().lower() == f"sep={MARKS[kind]}" else text  # such a line is for Excel
                _refuse_other_marks(text, table, MARKS[kind])
                frame = tables.table(text, MARKS[kind], table.name).fillna({emotion: ""})
    except (ValueError, OSError, MemoryError) as error:  # pyarrow's own errors are of these kinds
        if isinstance(error, CorpusError):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorpusError(f"{table} cannot be read as {kind[1:]} ({reason}): export it again") from None
    tables.refuse_unreadable(frame, table.name)
    return frame


def _json_lines(text: str, table: Path) -> pd.DataFrame:
    """A row a line, its values as they stand."""
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_without_doubles)
        except (ValueError, RecursionError) as error:
            raise CorpusError(
                f"{table} cannot be read as jsonl (line {number}: {getattr(error, 'msg', error)}): export it again"
            ) from None
        if not isinstance(row, dict):
            raise CorpusError(
                f"{table} cannot be read as jsonl (line {number} is no object): write a row a line, as {{…}}"
            )
        records.append(row)
    columns = list(dict.fromkeys(name for row in records for name in row))
    return pd.DataFrame([[row.get(name) for name in columns] for row in records], columns=columns, dtype=object)


def _without_doubles(pairs: list[tuple[str, object]]) -> dict:
    """An object; ValueError where a name stands in it twice, of which one value would be lost."""
    if twice := sorted(name for name, n in Counter(name for name, _ in pairs).items() if n > 1):
        raise ValueError(f"it has more than one {', '.join(twice)}")
    return dict(pairs)


def _refuse_other_marks(text: str, table: Path, mark: str) -> None:
    """Excel writes semicolons where the comma is the decimal mark."""
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "，": "Chinese commas"}
    head = text.lstrip().partition("\n")[0]
    others = [name for other, name in names.items() if other in head]
    if others and mark not in head:
        raise CorpusError(
            f"{table} is parted by {others[0]}, and a {table.suffix} is to be parted by {names[mark]}: save it so"
        )
