"""A corpus in the form of Hugging Face `datasets`, read and written by pyarrow; only its own objects need the package.

`save_to_disk` leaves a folder with state.json and Arrow streams; of several parts, such a folder each and
dataset_dict.json. At the hub a data set is train-00000-of-00002.parquet and so on, which `load_dataset` reads from a
folder too: `write` leaves that.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...messages import log
from ...storage import whole_folder
from ..corpus import COLUMNS, Corpus, CorpusError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARTS = {"train": "train", "val": "validation", "test": "test"}  # ours → theirs
OURS = {theirs: ours for ours, theirs in PARTS.items()} | {"val": "val", "valid": "val", "dev": "val"}
SHARD = re.compile(r"(?P<part>[\w.-]+?)-\d{5}-of-\d{5}\.parquet")
STATE, SEVERAL = "state.json", "dataset_dict.json"
END = b"\xff\xff\xff\xff\x00\x00\x00\x00"  # of an Arrow stream
AT_ONCE = 200  # utterances in memory while writing


def is_saved(place: Path) -> bool:
    """Whether a folder is what `save_to_disk` or `write` leaves, or a data set of the hub."""
    return any((place / name).is_file() for name in (STATE, SEVERAL)) or bool(_shards(place))


def read_saved(place: Path) -> pd.DataFrame:
    """The rows of all parts, with the words of classes in place of their numbers; `id` and `split` where none is there.

    Raises:
        CorpusError: a file is damaged or of an old version.
    """
    import pandas as pd
    import pyarrow as pa

    try:
        frames = {part: frame_of(pa.concat_tables(tables)) for part, tables in _parts(place).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # pyarrow's own are of these kinds
        if isinstance(error, CorpusError):
            raise
        raise CorpusError(
            f"{place} is no whole data set of Hugging Face ({type(error).__name__}: {str(error).splitlines()[0]}): "
            "save or download it again"
        ) from None
    for part, frame in frames.items():
        if "id" not in frame:
            frame.insert(0, "id", [f"{part}-{row}" for row in range(1, len(frame) + 1)])
    whole = pd.concat(frames.values(), ignore_index=True)
    parts = [OURS.get(part, part) for part, frame in frames.items() for _ in range(len(frame))]
    if "split" not in whole and set(parts) == set(PARTS):
        return whole.assign(split=parts)
    if len(frames) > 1 and "split" not in whole:
        log.info(f"its parts are {', '.join(frames)}: no column split is made, which takes train, validation and test")
    return whole


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A table as rows: numbers of classes as their words, a sound that is an array as the bytes of a WAV."""
    import pandas as pd

    described = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    features = described.get("info", {}).get("features", {})
    frame = table.to_pandas()
    for column, feature in features.items():
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and column in frame:
            names = feature["names"]
            numbers = table[column].to_pylist()
            known = [names[n] if n is not None and 0 <= n < len(names) else None for n in numbers]
            frame[column] = pd.Series(known, index=frame.index, dtype=object)
    for column in frame:
        if _holds_arrays(table.schema.field(column).type):
            frame[column] = frame[column].map(_wav, na_action="ignore")
    return frame


def _holds_arrays(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_struct(kind) and {"array", "sampling_rate"} <= {kind.field(i).name for i in range(len(kind))}


def _wav(sound: dict) -> bytes:
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, sound["array"], sound["sampling_rate"], format="WAV", subtype="FLOAT")
    return out.getvalue()


def _shards(place: Path) -> dict[Path, str]:
    """File → part, where every parquet file in a folder is named as one of the hub's."""
    files = (
        [path for path in sorted(place.rglob("*.parquet")) if not path.name.startswith(".")] if place.is_dir() else []
    )
    found = {path: SHARD.fullmatch(path.name) for path in files}
    return {path: match["part"] for path, match in found.items()} if all(found.values()) else {}


def _parts(place: Path) -> dict[str, list[pa.Table]]:
    if (place / SEVERAL).is_file():
        names = json.loads((place / SEVERAL).read_text(encoding="utf-8"))["splits"]
        return {name: _saved(place / Path(name).name) for name in names}
    if (place / STATE).is_file():
        return {"train": _saved(place)}
    import pyarrow.parquet as pq

    found: dict[str, list] = {}
    for path, part in _shards(place).items():
        found.setdefault(part, []).append(pq.read_table(path))
    return found


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


def write(corpus: Corpus, folder: Path) -> list[Path]:
    """Write a corpus, its sounds within, as a data set: one parquet a part, or all as train where it has no parts.

    Raises:
        CorpusError: the folder is there already, a sound is not, or a column holds what Arrow cannot.
    """
    import pyarrow.parquet as pq

    try:
        with whole_folder(folder) as unfinished:
            for part, rows in _rows_of_parts(corpus).items():
                writer = None
                for table in _tables(corpus, rows):
                    writer = writer or pq.ParquetWriter(unfinished / f"{part}-00000-of-00001.parquet", table.schema)
                    writer.write_table(table)
                writer.close()
            (unfinished / "README.md").write_text(_readme(corpus), encoding="utf-8")
            unfinished.chmod(0o755)
    except OSError as error:
        raise CorpusError(f"{folder} cannot be made ({error.strerror or error}): give a new folder") from None
    return sorted(folder.iterdir())


def to_datasets(corpus: Corpus):
    """A corpus as `datasets.DatasetDict`, its sounds within; a part of each name, or train alone.

    Raises:
        CorpusError: the package is not installed, a sound is not there, or a column holds what Arrow cannot.
    """
    try:
        import datasets
    except ImportError:
        raise CorpusError("datasets is not installed: run 'pip install datasets', or 'vcemo corpus export'") from None
    import pyarrow as pa

    tables = {part: pa.concat_tables(_tables(corpus, rows)) for part, rows in _rows_of_parts(corpus).items()}
    in_memory = datasets.table.InMemoryTable
    return datasets.DatasetDict({part: datasets.Dataset(in_memory(table)) for part, table in tables.items()})


def from_datasets(dataset, name: str = "dataset", **options) -> Corpus:
    """A `Dataset` or `DatasetDict` as a corpus; options as of `manifest.load`, such as columns={"emotion": "label"}.

    Raises:
        CorpusError: neither of the two, or it cannot be a corpus.
    """
    from . import manifest

    if not hasattr(dataset, "save_to_disk"):
        raise CorpusError(f"a {type(dataset).__name__} was given: give a Dataset or a DatasetDict, not a stream")
    with tempfile.TemporaryDirectory() as folder:
        dataset.save_to_disk(folder)
        return manifest.load(Path(folder), name=name, **options)


def _rows_of_parts(corpus: Corpus) -> dict[str, pd.DataFrame]:
    frame = corpus.frame
    if "split" in frame and set(frame["split"]) == set(PARTS):
        return {theirs: frame[frame["split"] == ours].drop(columns="split") for ours, theirs in PARTS.items()}
    return {"train": frame}


def _tables(corpus: Corpus, rows: pd.DataFrame) -> Iterator[pa.Table]:
    """Some rows at a time, described for `datasets`: the sound as Audio, the emotion as ClassLabel."""
    import pyarrow as pa

    features = {"emotion": {"names": list(corpus.labels), "_type": "ClassLabel"}}
    features |= {"audio": {"_type": "Audio"}} if corpus.has_audio else {}
    described = {"huggingface": json.dumps({"info": {"features": features}})}
    plain = rows.drop(columns=["audio", "emotion"])
    fields = [pa.field(column, _type(plain[column], column, corpus.name)) for column in plain]
    for start in range(0, len(rows), AT_ONCE):
        some = rows.iloc[start : start + AT_ONCE]
        table = pa.Table.from_pandas(some[plain.columns], pa.schema(fields), preserve_index=False)
        numbers = pa.array([corpus.labels.index(emotion) for emotion in some["emotion"]], pa.int64())
        table = table.append_column("emotion", numbers)
        if corpus.has_audio:
            sound = pa.struct({"bytes": pa.binary(), "path": pa.string()})
            table = table.append_column("audio", pa.array(map(_sound, some["audio"]), sound))
        yield table.replace_schema_metadata(described)


def _type(values: pd.Series, column: str, name: str) -> pa.DataType:
    import pyarrow as pa

    if column in COLUMNS:
        return pa.string()
    try:
        return pa.array(values, from_pandas=True).type
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise CorpusError(
            f"the column {column!r} of {name} holds what Arrow cannot ({str(error).splitlines()[0]}): leave it out"
        ) from None


def _sound(audio: bytes | str) -> dict:
    if isinstance(audio, bytes):
        return {"bytes": audio, "path": None}
    try:
        return {"bytes": Path(audio).read_bytes(), "path": Path(audio).name}
    except OSError as error:
        raise CorpusError(f"{audio} cannot be read ({error.strerror}): check the corpus root") from None


def _readme(corpus: Corpus) -> str:
    return (
        f"# {corpus.name}\n\n{corpus.size}; language {corpus.language}; classes {', '.join(corpus.labels)}.\n\n"
        f"Licence: {corpus.licence or 'not given'}\n\nCitation: {corpus.citation or 'not given'}\n"
    )
