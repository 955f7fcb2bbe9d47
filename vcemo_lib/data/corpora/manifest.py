"""Any corpus, by a table (CSV, TSV, JSONL or parquet) with audio paths, relative to it, or bytes; or by its folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...messages import log
from ...paths import is_file
from ...text.alignment import has_times
from ..corpus import COLUMNS, UNNAMED, Corpus, CorpusError, check_manifest, columns_lacking
from ..labels import EMOTIONS, SYNONYMS
from ..own_classes import as_label, as_word, class_order, class_trouble
from ..speaker_splits import speaker_disjoint
from ..splits import Split, split_8_1_1
from .card import CorpusCard
from .columns import OURS, PARTS, TIMES, refuse_others_names

if TYPE_CHECKING:
    import pandas as pd


def table_split(corpus: Corpus, seed: int = 0) -> Split:
    """The table's own column split; else no speaker in two parts, or 8/1/1 where fewer than 3 speakers are named."""
    speakers = corpus.frame["speaker"]
    by_speaker = "split" not in corpus.frame and speakers.notna().all() and speakers.nunique() >= 3
    return (speaker_disjoint if by_speaker else split_8_1_1)(corpus, seed)


CARD = CorpusCard(
    name="manifest",
    title="your own table",
    language="zh, or --option language=en",
    source="you",
    licence="that of your recordings",
    forbidden="only you know whose voices these are: have their consent",
    citation="none",
    layout="a table (csv, tsv, jsonl, parquet), alone or in a folder or archive, with the columns emotion, audio, text "
    "or text_asr, or one of the two alone, and id, speaker and split if known; or a folder of sounds for each class: "
    "angry/x.wav; or a data set in Hugging Face's form",
    labels=SYNONYMS,
    split=table_split,
    notes="audio is a path that starts at the table's folder, or the bytes of a sound file; text_asr (as heard) is "
    "read where any row has it, else text (as said); without id the files' names are the ids, or numbers; split is "
    "train, val or test in every row",
    example=(
        "id,audio,emotion,text,speaker",
        "1,wavs/a.wav,happy,今天真好,Li",
        "2,wavs/b.wav,sad,我不想去,Wang",
        "vcemo corpus add manifest my.csv --column audio=wav_path --label calm=neutral --label odd=",
        "(--column ours=theirs where columns have other names; --label theirs=ours likewise, nothing after = leaves "
        "out)",
        "vcemo corpus add manifest my.csv --classes own",
        "(the words of the column emotion are the classes, as they are: any two or more)",
        "vcemo corpus add manifest FOLDER",
        "(without a table in it: FOLDER/angry/x.wav, FOLDER/sad/y.mp3, …; train, dev, test above them: a split)",
    ),
)

SOUND_OR_TEXT = "audio, text or text_asr"  # one of them is enough


def load(
    table: Path,
    strict: bool = False,
    columns: Mapping[str, str] | None = None,
    language: str = "zh",
    labels: Mapping[str, str] | None = None,
    name: str = "",
    classes: str = "six",
    encoding: str = "",
    beside: Path | None = None,
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
        beside: where relative paths of sounds begin; None: at the table's folder.
        encoding: what a text table is in, such as "big5"; empty: by its mark, or UTF-8, or GB18030 where it is Chinese.

    Raises:
        CorpusError: what cannot be read, or cannot be a corpus; the sentence names the column or row.
    """
    if classes not in ("six", "own"):
        raise CorpusError(f"--classes is {classes!r}: give own, for the classes of the table, or six, the emotions")
    import pandas as pd

    from . import given_table

    frame, table = given_table.rows(Path(table), encoding, (columns or {}).get("emotion", "emotion"), language)
    frame = _renamed(frame, columns or {}, table)
    has_audio = "audio" in frame
    frame = _as_texts(_completed(frame, table), table)
    folder = Path(beside or (table if table.is_dir() else table.parent))
    frame["audio"] = pd.Series([_sound(audio, folder) for audio in frame["audio"]], frame.index, dtype=object)
    _refuse(frame, table, "audio", _is_no_sound, "give a path, or the bytes of a sound file")
    _refuse(frame, table, "emotion", _is_several, "give one word")
    frame, dropped = _with_emotions(frame, labels or {}, classes)
    known = _own(list(frame["emotion"]), table) if classes == "own" else EMOTIONS
    if strict and has_audio:
        _require_files(frame, table.name, folder)
    frame = frame[[*(c for c in COLUMNS if c in frame), *(c for c in frame if c not in COLUMNS)]].reset_index(drop=True)
    check_manifest(frame, table.name, has_audio, known)  # as a corpus is, but named as the file that is to be mended
    return Corpus(name or table.stem, frame, language=language, has_audio=has_audio, dropped=dropped, labels=known)


def _completed(frame: pd.DataFrame, table: Path) -> pd.DataFrame:
    """The table with the columns that may be left out: one of sound and text, the speaker, the ids."""
    refuse_others_names(frame, table)
    missing = {"emotion": "emotion" in frame, SOUND_OR_TEXT: bool({"audio", "text", "text_asr"} & set(frame))}
    if lacking := [name for name, there in missing.items() if not there]:
        raise columns_lacking(table.name, lacking, frame)
    empty = {"text": None, "text_asr": None, "audio": None, "speaker": UNNAMED}
    frame = frame.assign(**{column: value for column, value in empty.items() if column not in frame})
    if "id" in frame:
        return frame
    audio = frame["audio"]
    by_name = audio.map(lambda cell: isinstance(cell, str)).all() and audio.is_unique
    return frame.assign(id=audio if by_name else [str(number) for number in range(1, len(frame) + 1)])


def _as_texts(frame: pd.DataFrame, table: Path) -> pd.DataFrame:
    """Numbers in columns of text as they are written; 1.0 is "1". Who speaks, and the part, are told by words."""
    import pandas as pd

    for column in {"id", "speaker", "text", "text_asr", "session", "dialogue", "split"} & set(frame):
        for number, cell in enumerate(frame[column], start=1):
            if isinstance(cell, bytes | Mapping) or not pd.api.types.is_scalar(cell):
                raise CorpusError(f"{table.name}: row {number} has {str(cell)[:40]!r} for {column}: give a text")
        cells = [cell if isinstance(cell, str) else as_word(cell) if pd.notna(cell) else None for cell in frame[column]]
        if column not in ("id", "text", "text_asr"):  # of one name in two forms each would be another
            cells = [as_word(cell) or None for cell in cells]
        if column == "split":
            cells = [PARTS.get(str(cell).lower(), cell) for cell in cells]
        frame = frame.assign(**{column: pd.Series(cells, index=frame.index, dtype=object)})
    timed = [column for column in TIMES if column in frame]
    if has_times(frame) and (frame[timed].map(lambda cell: isinstance(cell, str)).any().any()):
        raise CorpusError(f"{table.name}: {', '.join(timed)} hold texts, and times are lists: give jsonl or parquet")
    return frame


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str], table: Path) -> pd.DataFrame:
    if unknown := set(columns) - OURS:
        raise CorpusError(f"no column is read as {', '.join(sorted(unknown))}: choose from {', '.join(sorted(OURS))}")
    if missing := [theirs for theirs in columns.values() if theirs not in frame]:
        raise CorpusError(f"{table.name} has no column {', '.join(missing)}: it has {', '.join(map(str, frame))}")
    others = frame.drop(columns=[name for name in frame if name in {*columns, *columns.values()}])
    return others.assign(**{ours: frame[theirs] for ours, theirs in columns.items()})


def _sound(audio, folder: Path):
    """A path beside the table, which Windows parts by backslashes, or bytes; Hugging Face has both in one cell."""
    if isinstance(audio, Mapping):
        audio = audio.get("bytes") or audio.get("path")
    if isinstance(audio, str) and "\\" in audio and not is_file(folder / audio):
        audio = audio.replace("\\", "/")
    return str(folder / audio) if isinstance(audio, str) else audio


def _refuse(frame: pd.DataFrame, table: Path, column: str, bad: Callable[[object], bool], cure: str) -> None:
    for number, cell in enumerate(frame[column], start=1):
        if bad(cell):
            told = f"{repr(cell)[:80]} for {column} ({type(cell).__name__})"
            raise CorpusError(f"{table.name}: row {number} has {told}: {cure}")


def _is_no_sound(cell: object) -> bool:
    """Whether a cell holds something, and neither a path nor bytes: one without anything `check_manifest` names."""
    import pandas as pd

    return not isinstance(cell, str | bytes) and not (pd.api.types.is_scalar(cell) and pd.isna(cell))


def _is_several(cell: object) -> bool:
    """Several classes in one cell are for nobody here to choose from."""
    return hasattr(cell, "__len__") and not isinstance(cell, str)


def _with_emotions(frame: pd.DataFrame, labels: Mapping[str, str], classes: str) -> tuple[pd.DataFrame, dict]:
    """The table with its words as `label` and the classes for them; rows whose word is mapped to "" are left out."""
    own = classes == "own"
    for word, emotion in labels.items():
        if not own and emotion not in (*EMOTIONS, ""):
            raise CorpusError(
                f"the label {word!r} is to be read as {emotion!r}: use one of {', '.join(EMOTIONS)}, or "
                "nothing to leave it out, or give --classes own"
            )
    known = ({} if own else SYNONYMS) | {as_label(word): as_word(emotion) for word, emotion in labels.items()}
    words = frame["emotion"].astype(object).where(frame["emotion"].notna(), None).map(as_word)
    plain = words.map(as_label)
    if absent := [word for word in labels if as_label(word) not in set(plain)]:
        log.warning(f"no row has the label {', '.join(map(repr, absent))}, which was to be read")
    read = plain.map(known)
    out = read == ""
    label = words if own else plain
    reasons = "'" + label[out] + "': left out as you asked"
    frame = frame.assign(label=label, emotion=read.where(read.notna(), words if own else frame["emotion"]))
    return frame[~out].copy(), reasons.value_counts().to_dict()


def _own(words: list[str], table: Path) -> tuple[str, ...]:
    """The classes of a table, in their order; an empty cell is for `check_manifest` to name."""
    if words and "" not in words and (trouble := class_trouble(words)):
        raise CorpusError(f"{table.name}: its labels cannot be classes, {trouble}")
    return class_order(words)


def _require_files(frame: pd.DataFrame, name: str, folder: Path) -> None:
    gone = frame[[isinstance(audio, str) and not is_file(audio) for audio in frame["audio"]]]
    if len(gone):
        raise CorpusError(
            f"{name}: {len(gone)} of {len(frame)} audio files are not there, the first in the row of "
            f"id {gone.iloc[0]['id']!r} ({gone.iloc[0]['audio']}): relative paths begin at {folder.resolve()}"
        )
