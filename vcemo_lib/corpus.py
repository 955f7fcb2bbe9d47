"""A corpus is a table, one row an utterance; its checks live here.

Columns every corpus has: `id`, `audio` (encoded bytes or a path), `text`, `text_asr`, `emotion`, `speaker`.
Columns a corpus may have: `session`, `dialogue`, `gender`, `split`, `char_times` and whatever it plants.
"""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from .audio import AudioError, decode
from .labels import EMOTIONS, task_labels

COLUMNS = ("id", "audio", "text", "text_asr", "emotion", "speaker")


class CorpusError(ValueError):
    """A corpus or manifest that cannot be used; the message names the row and the cure."""


@dataclass(frozen=True)
class Corpus:
    """Utterances of one corpus and what a reader must know about it.

    Args:
        name: the corpus name that results carry.
        frame: one row an utterance, columns as above.
        language: ISO code; chooses segmenter, Whisper language and encoders.
        text_is_informative: False where every sentence is spoken in every emotion.
        simulated: True where no human spoke.
        dropped: rows left out on loading, counted by reason.
    """

    name: str
    frame: pd.DataFrame
    language: str = "zh"
    text_is_informative: bool = True
    simulated: bool = False
    licence: str = ""
    citation: str = ""
    dropped: dict = field(default_factory=dict)

    def __post_init__(self):
        check_manifest(self.frame, self.name)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.frame["id"])

    @property
    def hash(self) -> str:
        """Ten hex digits that change when an id, a label, a speaker, a text or the embedded audio changes."""
        rows = self.frame[[c for c in COLUMNS if c != "audio"]].fillna("").astype(str)
        digest = hashlib.sha256("\n".join(rows.agg("\t".join, axis=1)).encode())
        for audio in self.frame["audio"]:
            digest.update(audio if isinstance(audio, bytes) else b"")
        return digest.hexdigest()[:10]

    def row(self, utterance: str) -> pd.Series:
        """The row of one utterance id."""
        found = self.frame[self.frame["id"] == utterance]
        if found.empty:
            raise CorpusError(f"no utterance {utterance!r} in corpus {self.name}: see corpus.ids")
        return found.iloc[0]

    def wave(self, utterance: str) -> np.ndarray:
        """The audio of one utterance, (T,) float32 in [-1, 1] at 16 kHz."""
        return decode(self.row(utterance)["audio"])

    def select(self, keep) -> "Corpus":
        """The corpus with only these rows: a boolean mask or a collection of ids."""
        keep = list(keep)
        mask = np.asarray(keep) if keep and isinstance(keep[0], bool | np.bool_) else self.frame["id"].isin(keep)
        return replace(self, frame=self.frame[mask].reset_index(drop=True))

    def for_task(self, n_classes: int) -> "Corpus":
        """Only the utterances of the 4-way or 6-way task."""
        return self.select(self.frame["emotion"].isin(task_labels(n_classes)))

    def counts(self) -> pd.Series:
        """Utterances of each emotion, in the paper's order."""
        return self.frame["emotion"].value_counts().reindex(EMOTIONS, fill_value=0)


def check_manifest(frame: pd.DataFrame, name: str) -> None:
    """Raise CorpusError, naming the row, where a table cannot be a corpus. Audio is not opened here."""
    missing = [c for c in COLUMNS if c not in frame]
    if missing:
        raise CorpusError(f"{name}: the manifest lacks the column(s) {', '.join(missing)}; "
                          f"it has {', '.join(map(str, frame.columns))}: rename or add them")
    if frame.empty:
        raise CorpusError(f"{name}: the manifest has no rows; give at least one utterance")
    _refuse(name, frame, frame["id"].isna() | (frame["id"].astype(str) == ""), "has no id", "give each row one")
    _refuse(name, frame, frame["id"].duplicated(), "repeats an earlier id", "make ids unique")
    _refuse(name, frame, frame["audio"].isna(), "has no audio", "give a path or bytes")
    _refuse(name, frame, ~frame["emotion"].isin(EMOTIONS), "has an unknown emotion",
            f"use one of {', '.join(EMOTIONS)} or pass a label map", "emotion")
    text = frame["text"].fillna("").astype(str) + frame["text_asr"].fillna("").astype(str)
    if (text != "").any():
        _refuse(name, frame, frame["text"].isna() & frame["text_asr"].isna(), "has no text",
                "give text, text_asr, or an empty string")


def _refuse(name, frame, bad, what, cure, column=None):
    if not bad.any():
        return
    number = int(np.flatnonzero(bad)[0])
    row = frame.iloc[number]
    value = f" ({row[column]!r})" if column else ""
    more = f" and {int(bad.sum()) - 1} more" if bad.sum() > 1 else ""
    raise CorpusError(f"{name}: row {number + 1} (id {row['id']!r}){more} {what}{value}: {cure}")


def check_audio(corpus: Corpus) -> pd.DataFrame:
    """Open every file; return `id, seconds, problem` so that one pass names all the bad rows.

    Raises:
        CorpusError: at the first utterance whose audio is missing, empty, unreadable or not finite.
    """
    seconds = []
    for number, row in enumerate(corpus.frame.itertuples(), start=1):
        try:
            seconds.append(len(decode(row.audio)) / 16000)
        except AudioError as error:
            raise CorpusError(f"{corpus.name}: row {number} (id {row.id!r}): {error}") from None
    return pd.DataFrame({"id": corpus.frame["id"], "seconds": seconds})
