"""Any corpus, by a table: CSV, TSV, JSONL or parquet with audio paths (relative to the table) or bytes."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ..corpus import COLUMNS, Corpus, CorpusError
from ..labels import SYNONYMS

READERS = {
    ".csv": lambda path: pd.read_csv(path, dtype=str, encoding="utf-8-sig"),
    ".tsv": lambda path: pd.read_csv(path, dtype=str, sep="\t", encoding="utf-8-sig"),
    ".jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    ".parquet": pd.read_parquet,
}


def load(table: Path, columns: Mapping[str, str] | None = None, language: str = "zh",
         labels: Mapping[str, str] = SYNONYMS) -> Corpus:
    """Read a manifest.

    Args:
        table: the file; its ending chooses the reader.
        columns: our column name → the table's, e.g. `{"audio": "wav_path"}`.
        labels: what the table writes (lower case) → one of the six emotions; unknown words are refused, not guessed.
    """
    table = Path(table)
    if table.suffix not in READERS or not table.is_file():
        raise CorpusError(f"not a manifest: {table}: expected a {', '.join(READERS)} file")
    frame = READERS[table.suffix](table).rename(columns={theirs: ours for ours, theirs in (columns or {}).items()})
    for optional in ("text", "text_asr"):
        if optional not in frame and {"text", "text_asr"} & set(frame):
            frame[optional] = None
    if "speaker" not in frame:
        frame["speaker"] = "unknown"
    if {"audio", "emotion"} <= set(frame):
        frame["audio"] = frame["audio"].map(lambda a: str(table.parent / a) if isinstance(a, str) else a)
        words = frame["emotion"].astype(str).str.strip().str.lower()
        frame["emotion"] = words.map(labels).where(words.isin(list(labels)), frame["emotion"])
    extra = [c for c in frame if c not in COLUMNS]
    return Corpus(table.stem, frame[[c for c in COLUMNS if c in frame] + extra], language=language)
