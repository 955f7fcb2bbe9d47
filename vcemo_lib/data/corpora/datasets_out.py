"""A corpus in Hugging Face's form, written by pyarrow: parquet files that `datasets.load_dataset` reads."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...storage import whole_folder
from ..corpus import COLUMNS, Corpus, CorpusError

PARTS = {"train": "train", "val": "validation", "test": "test"}  # ours → theirs
AT_ONCE = 200  # utterances in memory while writing


def write(corpus: Corpus, folder: Path) -> list[Path]:
    """Write a corpus, its sounds within, as a data set: one parquet a part, or all as train where it has no parts.

    Raises:
        CorpusError: the folder is there already, a sound is not, or a column holds what Arrow cannot.
    """
    try:
        with whole_folder(folder) as unfinished:
            for part, rows in _rows_of_parts(corpus).items():
                writer = None
                for table in _tables(corpus, rows):
                    writer = writer or pq.ParquetWriter(unfinished / f"{part}-00000-of-00001.parquet", table.schema)
                    writer.write_table(table)
                writer.close()
            (unfinished / "README.md").write_text(_readme(corpus), encoding="utf-8")
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
    tables = {part: pa.concat_tables(_tables(corpus, rows)) for part, rows in _rows_of_parts(corpus).items()}
    in_memory = datasets.table.InMemoryTable
    return datasets.DatasetDict({part: datasets.Dataset(in_memory(table)) for part, table in tables.items()})


def _rows_of_parts(corpus: Corpus) -> dict[str, pd.DataFrame]:
    frame = corpus.frame
    if "split" in frame and set(frame["split"]) == set(PARTS):
        return {theirs: frame[frame["split"] == ours].drop(columns="split") for ours, theirs in PARTS.items()}
    return {"train": frame}


def _tables(corpus: Corpus, rows: pd.DataFrame) -> Iterator[pa.Table]:
    """Some rows at a time, described for `datasets`: the sound as Audio, the emotion as ClassLabel."""
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
            table = table.append_column("audio", pa.array(list(map(_sound, some["audio"])), sound))
        yield table.replace_schema_metadata(described)


def _type(values: pd.Series, column: str, name: str) -> pa.DataType:
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
        name = Path(audio).name.encode("utf-8", "backslashreplace").decode()  # Arrow has Unicode alone
        return {"bytes": Path(audio).read_bytes(), "path": name}
    except OSError as error:
        raise CorpusError(f"{audio} cannot be read ({error.strerror}): check the corpus root") from None


def _readme(corpus: Corpus) -> str:
    return (
        f"# {corpus.name}\n\n{corpus.size}; language {corpus.language}; classes {', '.join(corpus.labels)}.\n\n"
        f"Licence: {corpus.licence or 'not given'}\n\nCitation: {corpus.citation or 'not given'}\n"
    )
