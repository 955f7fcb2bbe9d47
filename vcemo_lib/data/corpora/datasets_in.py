"""A corpus in Hugging Face's form, read by pyarrow alone: what `save_to_disk` leaves, and data sets of the hub.

`save_to_disk` leaves a folder with state.json and Arrow streams; of several parts, such a folder each and
dataset_dict.json. At the hub a data set is train-00000-of-00002.parquet and so on.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import soundfile

from ...messages import log
from ..corpus import Corpus, CorpusError
from .columns import PARTS

if TYPE_CHECKING:  # where chapters are run it cannot be imported (`course.run.job`)
    import pyarrow as pa

SHARD = re.compile(r"(?P<part>[\w.-]+?)-\d{5}-of-\d{5}\.parquet")
STATE, SEVERAL = "state.json", "dataset_dict.json"
END = b"\xff\xff\xff\xff\x00\x00\x00\x00"  # of an Arrow stream
ROWS = 10_000_000  # a parquet of a few bytes can have any number


def is_saved(folder: Path) -> bool:
    """Whether a folder is what `save_to_disk` or `write` leaves, or a data set of the hub."""
    return any((folder / name).is_file() for name in (STATE, SEVERAL)) or bool(_shards(folder))


def read_saved(folder: Path) -> pd.DataFrame:
    """The rows of all parts, the words of classes in place of their numbers, and `split` where there are three parts.

    Raises:
        CorpusError: a file is damaged or of an old version.
    """
    import pyarrow as pa

    try:
        frames = {part: frame_of(pa.concat_tables(tables)) for part, tables in _parts(folder).items() if tables}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # pyarrow's own are of these kinds
        if isinstance(error, CorpusError):
            raise
        raise CorpusError(
            f"{folder} is no whole data set of Hugging Face ({type(error).__name__}: {str(error).splitlines()[0]}): "
            "save or download it again"
        ) from None
    whole = pd.concat(frames.values(), ignore_index=True) if frames else pd.DataFrame()
    parts = [PARTS.get(part, part) for part, frame in frames.items() for _ in range(len(frame))]
    if "split" not in whole and set(parts) == set(PARTS.values()):
        return whole.assign(split=parts)
    if len(frames) > 1 and "split" not in whole:
        log.info(f"its parts are {', '.join(frames)}: no column split is made, which takes train, validation and test")
    return whole


def parquet(path: Path) -> pa.Table:
    """The table of a parquet file; ValueError where it is damaged, far too long, or two columns have one name."""
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as opened:
            if (count := opened.metadata.num_rows) > ROWS:
                raise ValueError(f"{count:,} rows, more than {ROWS:,}")
            names = opened.schema_arrow.names
            if len(set(names)) < len(names):
                raise ValueError(f"its columns are {', '.join(names)}: each needs a name of its own")
            return opened.read()
    except Exception as error:  # of a damaged file pyarrow raises whatever its reader meets
        raise ValueError(str(error) or type(error).__name__) from error


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Its cells as Python has them; numbers of classes as their words, a sound that is an array as a WAV's bytes.

    What pandas wrote into the metadata is not believed.

    Raises:
        ValueError: what `datasets` wrote into it is damaged, or an array is no sound.
    """
    cells = {name: _cells(table[name]) for name in table.column_names}
    try:
        described = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
        for name, feature in described.get("info", {}).get("features", {}).items():
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and name in cells:
                words = feature["names"]
                cells[name] = [words[n] if n is not None and 0 <= n < len(words) else None for n in cells[name]]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"what it says of its columns is damaged: {type(error).__name__}: {error}") from None
    for name in cells:
        if _holds_arrays(table.schema.field(name).type):
            rows = enumerate(cells[name], start=1)
            cells[name] = [None if sound is None else _wav(sound, f"row {n} of {name}") for n, sound in rows]
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in cells.items()})


def _cells(column: pa.ChunkedArray) -> list:
    """The cells of a column as Python has them; 0.1 of 32 bits is 0.1, and not the nearest of 64."""
    import pyarrow as pa

    if column.type == pa.float32():
        return [None if number is None else float(number) for number in column.cast(pa.string()).to_pylist()]
    return column.to_pylist()


def _holds_arrays(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_struct(kind) and {"array", "sampling_rate"} <= {kind.field(i).name for i in range(len(kind))}


def _wav(sound: dict, where: str) -> bytes:
    out = io.BytesIO()
    try:
        wave, rate = np.asarray(sound["array"]), int(sound["sampling_rate"])
        wave = wave.T if wave.ndim == 2 and len(wave) < wave.shape[1] else wave  # torchcodec has (channels, T)
        soundfile.write(out, wave, rate, format="WAV", subtype="FLOAT")
    except (soundfile.LibsndfileError, IndexError, TypeError, ValueError):
        raise ValueError(
            f"{where} is {str(sound)[:80]}: an array of floating point (T,), (T, channels) or (channels, T) and a "
            "sampling_rate are expected"
        ) from None
    return out.getvalue()


def _shards(folder: Path) -> dict[Path, str]:
    """File → part, where every parquet file in a folder is named as one of the hub's."""
    files = sorted(folder.rglob("[!.]*.parquet"))
    matches = {path: SHARD.fullmatch(path.name) for path in files}
    return {path: match["part"] for path, match in matches.items()} if all(matches.values()) else {}


def _parts(folder: Path) -> dict[str, list[pa.Table]]:
    if (folder / SEVERAL).is_file():
        names = json.loads((folder / SEVERAL).read_text(encoding="utf-8"))["splits"]
        return {name: _saved(folder / Path(name).name) for name in names}
    if (folder / STATE).is_file():
        return {"train": _saved(folder)}
    tables: dict[str, list] = {}
    for path, part in _shards(folder).items():
        tables.setdefault(part, []).append(parquet(path))
    return tables


def _saved(folder: Path) -> list[pa.Table]:
    import pyarrow as pa

    state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    if state.get("_indices_data_files"):
        raise CorpusError(f"{folder} was saved as a selection by an old 'datasets': load and save it with a newer one")
    tables = []
    for file in state["_data_files"]:
        with pa.memory_map(str(folder / Path(file["filename"]).name)) as source:
            tables.append(pa.ipc.open_stream(source).read_all())
            source.seek(max(source.size() - len(END), 0))
            if source.read() != END:  # cut between two batches, it would be read as a shorter one
                raise ValueError(f"{file['filename']} is cut short")
    return tables


def from_datasets(dataset, name: str = "dataset", **options) -> Corpus:
    """A `Dataset` or `DatasetDict` as a corpus; options as of `manifest.load`, such as columns={"emotion": "label"}.

    Raises:
        CorpusError: neither of the two, or it cannot be a corpus.
    """
    from . import manifest

    if not hasattr(dataset, "save_to_disk"):
        raise CorpusError(f"a {type(dataset).__name__} was given: give a Dataset or a DatasetDict, not a stream")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "dataset"
        dataset.save_to_disk(place)
        return manifest.load(place, name=name, beside=Path.cwd(), **options)
