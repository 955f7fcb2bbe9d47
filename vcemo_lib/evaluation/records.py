"""A result and the protocol card it cannot exist without: what was measured, on what, chosen how."""

import json
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from ..digests import content_key
from ..errors import VcemoError
from ..provenance import commit, versions
from ..storage import StorageError, locked, read_json, sealed, write_text


class RecordError(VcemoError):
    """A result that does not say how it was made, or results that cannot be held against each other."""


NO_TEXT = "no text"  # on the card of a model that only listens
PART, PARTS = ("test_ids", "truth"), "test_parts"  # fields that stand once for all records of a test part, and where


@dataclass(frozen=True)
class ProtocolCard:
    """Everything that must be equal for two results to be compared, beside the model and the seed.

    Raises:
        RecordError: a field is empty.
    """

    corpus: str
    corpus_hash: str
    simulated: bool
    n_classes: int
    split: str
    disjoint: tuple[str, ...]
    selected_on: str  # the utterances the epoch was chosen on, and by which metric
    text: str  # the text column, or NO_TEXT
    vectors: str
    bert: str
    profile: str

    def __post_init__(self):
        empty = [name for name, value in asdict(self).items() if value in ("", None)]
        if empty:
            raise RecordError(f"a protocol card without {', '.join(empty)}: give it, a result must say how it was made")

    @property
    def reading(self) -> str:
        """What was read, in words."""
        return self.text if self.text == NO_TEXT else f"text column {self.text}"

    def label(self) -> str:
        """One line that names the evidence, for under every table."""
        kind = "simulated corpus, no evidence about the paper" if self.simulated else "real corpus"
        return (
            f"{self.corpus} ({kind}) · {self.n_classes} classes · split {self.split} · {self.reading} · "
            f"chosen on {self.selected_on} · profile {self.profile}"
        )


def write_record(path: Path, card: ProtocolCard, values: dict) -> dict:
    """Write one result beside its card, one line a field, moved into place when complete.

    What was asked and what is right there, `test_ids` and `truth`, goes to a file that all records of one test part
    name in `test_part`: it would be half of each record.
    """
    if not isinstance(card, ProtocolCard):
        raise TypeError("a record needs a ProtocolCard: a number without one cannot be compared with any other")
    record = {"card": asdict(card), "environment": environment(), **values}
    part = {name: record[name] for name in PART if name in record}
    kept = sealed({name: value for name, value in record.items() if name not in part} | _written(path, part))
    write_text(path, "{\n" + ",\n".join(_line(name, kept[name]) for name in sorted(kept)) + "\n}\n")
    return record


def _written(path: Path, part: dict) -> dict:
    """Keep a test part beside the record that is about to name it; returns the field that does."""
    if not part:
        return {}
    name = content_key(*part.values())
    if not _part(path, name).exists():
        write_text(_part(path, name), json.dumps(sealed(part), separators=(",", ":")) + "\n")
    return {"test_part": name}


def _part(path: Path, name: str) -> Path:
    return Path(path).parent / PARTS / f"{name}.json"


def _line(name: str, value) -> str:
    """A field; the blanks in lists of hundreds of answers would be a tenth of the record."""
    separators = (",", ":") if isinstance(value, list) else None
    return f'"{name}": {json.dumps(value, sort_keys=True, ensure_ascii=False, separators=separators)}'


def write_rows(path: Path, head: dict, name: str, rows: dict) -> None:
    """Write a record whose field `name` has a line for each of its rows, so that a difference can be read."""
    kept = sealed(head | {name: rows})
    top = [f'"{field}": {json.dumps(value, ensure_ascii=False)}' for field, value in kept.items() if field != name]
    lines = [f'"{row}": {json.dumps(value, ensure_ascii=False)}' for row, value in rows.items()]
    write_text(path, "{\n" + ",\n".join(top) + f',\n"{name}": {{\n' + ",\n".join(lines) + "\n}\n}\n")


def read_record(path: Path) -> dict | None:
    """The record at a path, or None where there is none yet.

    Raises:
        StorageError: it is damaged, or its test part is, or is missing.
    """
    record = read_json(path) if path.is_file() else None
    if not record or "test_part" not in record:
        return record
    part = _part(path, record.pop("test_part"))
    if not part.is_file():
        cure = "get it back, or delete the record and run again"
        raise StorageError(f"{path} names {PARTS}/{part.name}, which is not beside it: {cure}")
    return record | read_json(part)


def read_record_of(path: Path, key: str, command: str) -> dict:
    """The runs in a record that one command fills over time, by name; none where there is no record yet.

    Args: key, the record's own field `key`, which changes with any setting of its runs.

    Raises:
        RecordError: it was made by other settings.
        StorageError: it is damaged.
    """
    record = read_record(path) or {}
    if record and record["key"] != key:
        raise RecordError(f"{path.name} was made by other settings: delete it and run '{command}'")
    return {name: run for name, run in record.items() if name not in ("card", "environment", "key")}


def fill_record(path: Path, key: str, command: str, planned: dict, make: Callable, say: Callable[[str], None]) -> dict:
    """Make the planned runs that `read_record_of` does not find, and keep each when it is done; returns all of them.

    Of two processes at one record the second waits; a killed one goes on from there.

    Args:
        planned: name → what `make` makes the run and its protocol card of.
        say: is told the name of each run that was made.
    """
    with locked(path):
        runs = read_record_of(path, key, command)
        for name in planned:
            if name not in runs:
                runs[name], card = make(planned[name])
                write_record(path, card, {"key": key, **runs})
                say(name)
        return runs


def same_protocol(records: list[dict], except_for: tuple[str, ...] = ()) -> None:
    """Check that records which are to stand in one table were made by one protocol.

    Raises:
        RecordError: they differ in a field of the card that `except_for` does not name.
    """
    for name in records[0]["card"] if records else ():
        values = {json.dumps(r["card"][name]) for r in records}
        if len(values) > 1 and name not in except_for:
            raise RecordError(
                f"these results differ in {name} ({', '.join(sorted(values))}): "
                "show the difference in the table or compare like with like"
            )


def environment() -> dict:
    """Versions, commit and machine kind a result depends on (no names or paths of the machine)."""
    return {
        "python": platform.python_version(),
        **versions(("torch", "torchaudio", "numpy", "transformers", "spacy")),
        "commit": commit(),
        "machine": platform.machine(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "date": time.strftime("%Y-%m-%d"),
    }
