"""Any corpus, by a table: CSV, TSV, JSONL or parquet with audio paths (relative to the table) or bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..corpus import COLUMNS, UNNAMED, Corpus, CorpusError, check_manifest
from ..labels import EMOTIONS, SYNONYMS
from ..own_classes import as_word, class_order, class_trouble
from ..speaker_splits import speaker_disjoint
from ..splits import Split, split_8_1_1
from . import datasets_form, tables
from .card import CorpusCard

if TYPE_CHECKING:
    import pandas as pd


def fitting(corpus: Corpus, seed: int = 0) -> Split:
    """The table's own column split; else no speaker in two parts, or 8/1/1 where fewer than 3 speakers are named."""
    speakers = corpus.frame["speaker"]
    by_speaker = "split" not in corpus.frame and speakers.notna().all() and speakers.nunique() >= 3
    return (speaker_disjoint if by_speaker else split_8_1_1)(corpus, seed)


CARD = CorpusCard(
    name="manifest",
    title="your own table",
    language="zh, or --option language=en",
    source="you",
    licence="as you say",
    forbidden="only you know whose voices these are: have their consent",
    citation="none",
    layout="a table (csv, tsv, jsonl, parquet), alone or in a folder or archive, or a data set in Hugging Face's form, "
    "with the columns id, audio, emotion, text or text_asr, and speaker and split if known",
    labels=SYNONYMS,
    split=fitting,
    notes="audio is a path that starts at the table's folder, or the bytes of a sound file; text_asr (as heard) is "
    "read where any row has it, else text (as said); split is train, val or test in every row",
    example=(
        "id,audio,emotion,text,speaker",
        "1,wavs/a.wav,happy,今天真好,Li",
        "2,wavs/b.wav,sad,我不想去,Wang",
        "vcemo corpus add manifest my.csv --column audio=wav_path --label calm=neutral --label odd=",
        "(--column ours=theirs where columns have other names; --label theirs=ours likewise, nothing after = leaves "
        "out)",
        "vcemo corpus add manifest my.csv --classes own",
        "(the words of the column emotion are the classes, as they are: any two or more)",
    ),
)

MARKS = {".csv": ",", ".tsv": "\t"}
ENDINGS = (*MARKS, ".jsonl", ".parquet")


def load(
    table: Path,
    strict: bool = False,
    columns: Mapping[str, str] | None = None,
    language: str = "zh",
    labels: Mapping[str, str] | None = None,
    name: str = "",
    classes: str = "six",
    encoding: str = "",
) -> Corpus:
    """Read a manifest.

    Args:
        table: the file, whose ending chooses the reader, or a folder with one such file in it.
        strict: every audio path must be a file now; otherwise a missing one is named when it is opened.
        columns: our column name → the table's, e.g. `{"audio": "wav_path"}`.
        labels: the table's word → one of the six emotions, or → "" to leave it out; added to the words that are
            known anyway (`labels.SYNONYMS`). Other words are refused, not guessed.
        name: what results call the corpus; empty: the table's file name.
        classes: "six", the paper's emotions, or "own": each word is a class as it stands, in alphabetical order,
            numbers by their value; `labels` then joins or renames some of them.
        encoding: what a text table is in, such as "big5"; empty: by its mark, or UTF-8 or GB18030.
    """
    if classes not in ("six", "own"):
        raise CorpusError(f"--classes is {classes!r}: give own, for the classes of the table, or six, the emotions")
    table = _only(Path(table))
    if not table.is_dir() and (table.suffix.lower() not in ENDINGS or not table.is_file()):
        raise CorpusError(f"not a manifest: {table}: expected a {', '.join(ENDINGS)} file")
    frame = _renamed(_read(table, encoding, (columns or {}).get("emotion", "emotion")), columns or {}, table)
    for optional in ("text", "text_asr"):
        if optional not in frame and {"text", "text_asr"} & set(frame):
            frame[optional] = None
    if "speaker" not in frame:
        frame["speaker"] = UNNAMED
    dropped, known = {}, EMOTIONS
    if {"audio", "emotion"} <= set(frame):
        frame["audio"] = frame["audio"].map(lambda audio: _sound(audio, table.parent))
        _refuse_no_sound(frame, table)
        _refuse_no_word(frame, table)
        frame, dropped = _with_emotions(frame, labels or {}, classes)
        known = _own(frame, table) if classes == "own" else EMOTIONS
    if strict and "audio" in frame:
        _require_files(frame, table)
    for column in {"id", "speaker"} & set(frame):
        frame[column] = frame[column].map(str, na_action="ignore")
    frame = frame[[*(c for c in COLUMNS if c in frame), *(c for c in frame if c not in COLUMNS)]].reset_index(drop=True)
    check_manifest(frame, table.name, labels=known)  # as a corpus is, but in the name of the file that is to be mended
    return Corpus(name or table.stem, frame, language=language, dropped=dropped, labels=known)


def _only(place: Path) -> Path:
    """The table that is given, or the only one in a folder, without the hidden copies of macOS and Jupyter."""
    if not place.is_dir() or datasets_form.is_saved(place):
        return place
    inside = [path.relative_to(place) for path in sorted(place.rglob("*")) if path.suffix.lower() in ENDINGS]
    tables = [path for path in inside if not any(part.startswith(".") for part in path.parts)]
    if len(tables) != 1:
        found = ", ".join(map(str, tables[:5])) or "none"
        raise CorpusError(
            f"{len(tables)} tables ({', '.join(ENDINGS)}) in {place}: {found}: pass the path of one, or leave one there"
        )
    return place / tables[0]


def _read(table: Path, encoding: str, emotion: str) -> pd.DataFrame:
    """The table; in the column `emotion` an empty cell is an empty word."""
    import pandas as pd
    import pyarrow.parquet as pq

    if table.is_dir():
        return datasets_form.read_saved(table)
    kind = table.suffix.lower()
    try:
        if kind == ".parquet":
            return datasets_form.frame_of(pq.read_table(table))
        text = tables.decoded(table, encoding)
        if kind == ".jsonl":
            frame = pd.read_json(io.StringIO(text), lines=True, dtype=False)
        else:
            _refuse_other_marks(text, table, MARKS[kind])
            frame = tables.table(text, MARKS[kind], table.name)
            frame = frame.fillna({emotion: ""})
    except (ValueError, OSError) as error:  # pandas' and pyarrow's own errors are of these kinds
        if isinstance(error, CorpusError):
            raise
        raise CorpusError(
            f"{table} cannot be read as {kind[1:]} ({str(error).splitlines()[0]}): export it again"
        ) from None
    tables.refuse_unreadable(frame, table.name)
    return frame


def _refuse_other_marks(text: str, table: Path, mark: str) -> None:
    """Excel writes semicolons where the comma is the decimal mark."""
    names = {",": "commas", ";": "semicolons", "\t": "tabs"}
    head = text.partition("\n")[0]
    found = [name for other, name in names.items() if other in head]
    if found and mark not in head:
        raise CorpusError(
            f"{table} is parted by {found[0]}, and a {table.suffix} is to be parted by {names[mark]}: save it so"
        )


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str], table: Path) -> pd.DataFrame:
    if missing := [theirs for theirs in columns.values() if theirs not in frame]:
        raise CorpusError(
            f"{table.name} has no column {', '.join(missing)}: it has {', '.join(map(str, frame.columns))}"
        )
    taken = [ours for ours, theirs in columns.items() if ours in frame and ours != theirs]
    return frame.drop(columns=taken).rename(columns={theirs: ours for ours, theirs in columns.items()})


def _sound(audio, folder: Path):
    """A path beside the table, or bytes; Hugging Face writes both into one cell."""
    if isinstance(audio, Mapping):
        audio = audio.get("bytes") or audio.get("path")
    return str(folder / audio) if isinstance(audio, str) else audio


def _refuse_no_sound(frame: pd.DataFrame, table: Path) -> None:
    """A cell without anything is for `check_manifest` to name."""
    import pandas as pd

    for number, audio in enumerate(frame["audio"], start=1):
        if not isinstance(audio, str | bytes) and (not pd.api.types.is_scalar(audio) or pd.notna(audio)):
            raise CorpusError(
                f"{table.name}: row {number} has {audio!r} for audio ({type(audio).__name__}): "
                "give a path, or the bytes of a sound file"
            )


def _refuse_no_word(frame: pd.DataFrame, table: Path) -> None:
    """Several classes in one cell are for nobody here to choose from."""
    for number, cell in enumerate(frame["emotion"], start=1):
        if isinstance(cell, bytes | Mapping) or hasattr(cell, "__len__") and not isinstance(cell, str):
            raise CorpusError(
                f"{table.name}: row {number} has {cell!r} for emotion ({type(cell).__name__}): give one word"
            )


def _with_emotions(frame: pd.DataFrame, labels: Mapping[str, str], classes: str) -> tuple[pd.DataFrame, dict]:
    """The table with its words as `label` and the classes for them; rows whose word is mapped to "" are left out."""
    own = classes == "own"
    for word, emotion in labels.items():
        if not own and emotion not in (*EMOTIONS, ""):
            raise CorpusError(
                f"the label {word!r} is to be read as {emotion!r}: use one of {', '.join(EMOTIONS)}, or "
                "nothing to leave it out, or give --classes own"
            )
    known = ({} if own else SYNONYMS) | {as_word(word).lower(): as_word(emotion) for word, emotion in labels.items()}
    words = frame["emotion"].astype(object).where(frame["emotion"].notna(), None).map(as_word)
    read = words.str.lower().map(known)
    out = read == ""
    label = words if own else words.str.lower()
    reasons = "'" + label[out] + "': left out as you asked"
    frame = frame.assign(label=label, emotion=read.where(read.notna(), words if own else frame["emotion"]))
    return frame[~out].copy(), reasons.value_counts().to_dict()


def _own(frame: pd.DataFrame, table: Path) -> tuple[str, ...]:
    """The classes of a table, in their order; an empty cell is for `check_manifest` to name."""
    words = list(frame["emotion"])
    if words and "" not in words and (trouble := class_trouble(words)):
        raise CorpusError(f"{table.name}: its labels cannot be classes, {trouble}")
    return class_order(words)


def _require_files(frame: pd.DataFrame, table: Path) -> None:
    gone = [row for row in frame.itertuples() if isinstance(row.audio, str) and not Path(row.audio).is_file()]
    if gone:
        raise CorpusError(
            f"{table.name}: {len(gone)} of {len(frame)} audio files are not there, the first in the row of "
            f"id {getattr(gone[0], 'id', '?')!r} ({gone[0].audio}): paths are relative to the table"
        )
