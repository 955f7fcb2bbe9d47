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
from ..storage import StorageError, locked, read_json, sealed, write_json, write_text


class RecordError(VcemoError):
    """A result that does not say how it was made, or results that cannot be held against each other."""


NO_TEXT = "no text"  # on the card of a model that only listens
PARTS = "test_parts"  # folder beside records: which utterances were tested, once for all records of one part


@dataclass(frozen=True)
class ProtocolCard:
    """Everything that must be equal for two results to be compared, beside the model and the seed."""

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

    Its `test_ids` go to a file that all records of the same part name: they were two fifths of what records take.
    """
    if not isinstance(card, ProtocolCard):
        raise TypeError("a record needs a ProtocolCard: a number without one cannot be compared with any other")
    record = {"card": asdict(card), "environment": environment(), **values}
    named = {"test_ids": _write_part(path, values["test_ids"])} if "test_ids" in values else {}
    kept = sealed(record | named)
    write_text(path, "{\n" + ",\n".join(_line(name, kept[name]) for name in sorted(kept)) + "\n}\n")
    return record


def _part(path: Path, name: str) -> Path:
    return Path(path).parent / PARTS / f"{name}.json"


def _write_part(path: Path, ids: list[str]) -> str:
    """Keep the utterances of a test part beside the record that is about to name it; returns its name."""
    name = content_key(*ids)
    if not _part(path, name).exists():
        write_json(_part(path, name), sealed({"test_ids": ids}))
    return name


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
        StorageError: it is damaged, or the list of its test utterances is, or is missing.
    """
    record = read_json(path) if path.is_file() else None
    part = record and record.get("test_ids")
    if not isinstance(part, str):  # records of before hold the list themselves
        return record
    if not _part(path, part).is_file():
        cure = "get it back, or delete the record and run again"
        raise StorageError(f"{path} names {PARTS}/{part}.json, which is not beside it: {cure}")
    return record | read_json(_part(path, part))


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
        "device": device(),
        "date": time.strftime("%Y-%m-%d"),
    }


def device() -> str:
    """The kind of GPU that training runs on here, or "cpu"."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
