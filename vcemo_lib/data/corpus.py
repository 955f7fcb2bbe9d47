"""A corpus is a table, one row an utterance; its checks live here.

Columns every corpus has: `id`, `audio` (encoded bytes or a path), `text`, `text_asr`, `emotion`, `speaker`.
Columns a corpus may have: `session`, `dialogue`, `gender`, `split`, `char_times` and whatever it plants.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..audio.broken_off import missing_part
from ..audio.other_sounds import second_sound
from ..audio.signal import AudioError, changed, decode, doubt, inner_damage, read, to_16k
from ..config import SAMPLE_RATE
from ..digests import file_sha256, sha256
from ..errors import VcemoError
from ..paths import is_file
from .labels import EMOTIONS, task_labels
from .own_classes import unknown_words

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("id", "audio", "text", "text_asr", "emotion", "speaker")
LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*"  # a code as of ISO 639
UNNAMED = "unknown"  # the speaker in every row of a corpus that names none


class CorpusError(VcemoError):
    """A corpus or manifest that cannot be used; the message names the row and the cure."""


@dataclass(frozen=True)
class Corpus:
    """Utterances of one corpus and what a reader must know about it.

    Args:
        language: ISO code; chooses segmenter, Whisper language and encoders.
        text_is_informative: False where every sentence is spoken in every emotion.
        has_audio: False for a corpus of text only; its `audio` column is empty.
        simulated: True where no human spoke.
        dropped: rows left out on loading, counted by reason.
        labels: its classes in their order; the six emotions, or its own.

    Raises:
        CorpusError: a language that is no code, fewer than two classes or one twice, or a table that is no corpus.
    """

    name: str
    frame: pd.DataFrame
    language: str = "zh"
    text_is_informative: bool = True
    has_audio: bool = True
    simulated: bool = False
    licence: str = ""
    citation: str = ""
    dropped: dict = field(default_factory=dict)
    labels: tuple[str, ...] = EMOTIONS

    def __post_init__(self):
        if not re.fullmatch(LANGUAGE, self.language):
            raise CorpusError(f"{self.name}: the language is {self.language!r}: give a code such as zh or en")
        if len(set(self.labels)) < max(2, len(self.labels)):
            raise CorpusError(f"{self.name}: its classes are {self.labels}: give two or more, each once")
        check_manifest(self.frame, self.name, self.has_audio, self.labels)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def ids(self) -> tuple[str, ...]:
        """The id of each utterance, in the order of the rows."""
        return tuple(self.frame["id"])

    @property
    def speakers(self) -> int:
        """How many speakers are named."""
        return self.frame.loc[self.frame["speaker"] != UNNAMED, "speaker"].nunique()

    @property
    def size(self) -> str:
        """In words: "5 utterances, 1 speaker"."""
        voices = counted(self.speakers, "speaker") if self.speakers else "speakers not named"
        return f"{counted(len(self), 'utterance')}, {voices}"

    @property
    def hash(self) -> str:
        """Ten hex digits that change when an id, a label, a speaker, a text or the content of a recording changes.

        Where a recording lies does not count; one that is missing counts as none.
        """
        rows = self.frame[[c for c in COLUMNS if c != "audio"]].fillna("").astype(str)
        digest = hashlib.sha256("\n".join(map("\t".join, rows.itertuples(index=False, name=None))).encode())
        for audio in self.frame["audio"]:
            digest.update(audio if isinstance(audio, bytes) else content(audio).encode())
        return digest.hexdigest()[:10]

    def row(self, utterance: str) -> pd.Series:
        """The row of one utterance id; CorpusError where there is none."""
        rows = self.frame[self.frame["id"] == utterance]
        if rows.empty:
            raise CorpusError(f"no utterance {utterance!r} in corpus {self.name}: see corpus.ids")
        return rows.iloc[0]

    def wave(self, utterance: str) -> np.ndarray:
        """The audio of one utterance, (T,) float32 in [-1, 1] at 16 kHz.

        Raises:
            CorpusError: there is no such utterance, or the corpus is text only.
            AudioError: the recording cannot be used.
        """
        if not self.has_audio:
            raise CorpusError(f"corpus {self.name} is text only: it has no audio to listen to")
        return decode(self.row(utterance)["audio"])

    def select(self, keep) -> Corpus:
        """The corpus with only these rows: a boolean mask or a collection of ids."""
        keep = list(keep)
        mask = np.asarray(keep) if keep and isinstance(keep[0], bool | np.bool_) else self.frame["id"].isin(keep)
        return replace(self, frame=self.frame[mask].reset_index(drop=True))

    def task_labels(self, n_classes: int | None = None) -> tuple[str, ...]:
        """The label order of a task: 4 or 6 of the six emotions, or all of the corpus' own classes; None: all."""
        return task_labels(n_classes, self.labels)

    def for_task(self, n_classes: int | None = None) -> Corpus:
        """Only the utterances of a task, see `task_labels`."""
        return self.select(self.frame["emotion"].isin(self.task_labels(n_classes)))

    def counts(self) -> pd.Series:
        """Utterances of each class, in the order of the labels."""
        return self.frame["emotion"].value_counts().reindex(self.labels, fill_value=0)


def require_two_classes(corpus: Corpus) -> None:
    """Raise CorpusError for a corpus in which there is nothing to tell apart."""
    if doubt := one_class(corpus):
        raise CorpusError(doubt)


def one_class(corpus: Corpus) -> str:
    """A sentence where all utterances of a corpus are of one class, or none is left; else ""."""
    met = corpus.counts()[lambda n: n > 0]
    alone = f"corpus {corpus.name} has utterances of {', '.join(met.index) or 'no class'} alone"
    return f"{alone}: a model needs two classes or more to tell apart" if len(met) < 2 else ""


def require_sound(corpus: Corpus) -> None:
    """Raise CorpusError where there is nothing to hear."""
    if not corpus.has_audio:
        raise CorpusError(f"corpus {corpus.name} is text only: there is nothing to transcribe")


def content(audio: object) -> str:
    """SHA-256 of a recording, the bytes of a file or its path, wherever it lies; "" where there is none."""
    if isinstance(audio, bytes):
        return sha256(audio)
    return file_sha256(audio) if isinstance(audio, str | Path) and is_file(audio) else ""


def unchanged(audio: bytes | str, digest: str) -> np.ndarray:
    """`decode`, or AudioError where the recording is no longer the one whose `content` was this."""
    wave = decode(audio)
    if content(audio) != digest:
        raise changed(audio)
    return wave


def counted(number: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "clip"), counted(7477, "clip")
    ('1 clip', '7,477 clips')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"


def check_manifest(frame: pd.DataFrame, name: str, has_audio: bool = True, labels: tuple[str, ...] = EMOTIONS) -> None:
    """Raise CorpusError, naming the row, where a table cannot be a corpus. Audio is not opened here."""
    missing = [c for c in COLUMNS if c not in frame]
    if missing:
        raise columns_lacking(name, missing, frame)
    if frame.empty:
        raise CorpusError(f"{name}: the manifest has no rows; give at least one utterance")
    _refuse(name, frame, frame["id"].isna() | (frame["id"].astype(str) == ""), "has no id", "give each row one")
    _refuse(name, frame, frame["id"].duplicated(), "repeats an earlier id", "make ids unique")
    if has_audio:
        _refuse(name, frame, frame["audio"].isna(), "has no audio", "give a path or bytes")
    nothing = frame["emotion"].isna() | (frame["emotion"] == "")
    _refuse(name, frame, nothing, "has no emotion", "give it one, or take the row out")
    unknown = ~frame["emotion"].isin(labels)
    _refuse(name, frame, unknown, "has an unknown emotion", unknown_words(frame["emotion"][unknown], labels), "emotion")
    text = frame["text"].fillna("").astype(str) + frame["text_asr"].fillna("").astype(str)
    if (text != "").any():
        unsaid = frame["text"].isna() & frame["text_asr"].isna()
        cure = 'give text, or text_asr; where nobody knows it, a jsonl or parquet can hold an empty one, ""'
        _refuse(name, frame, unsaid, "has no text", cure)


def columns_lacking(name: str, missing: list[str], frame: pd.DataFrame) -> CorpusError:
    """The error of a table without these columns."""
    return CorpusError(
        f"{name}: the manifest lacks the column(s) {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}: "
        "rename or add them, or say which are meant (--column audio=path)"
    )


def _refuse(name, frame, bad, what, cure, column=None):
    if not bad.any():
        return
    number = int(np.flatnonzero(bad)[0])
    row = frame.iloc[number]
    value = f" ({str(row[column])[:80]!r})" if column else ""
    more = f" and {int(bad.sum()) - 1} more" if bad.sum() > 1 else ""
    raise CorpusError(f"{name}: row {number + 1} (id {row['id']!r}){more} {what}{value}: {cure}")


def survey(corpus: Corpus, progress: Callable[[int], None] | None = None) -> pd.DataFrame:
    """Open every clip and tell of each what is wrong or doubtful, so that one pass names all the bad ones.

    Args:
        progress: is called with the number of clips opened so far.

    Returns:
        A row an utterance: id, seconds (NaN where it cannot be used), problem (why not), doubt (clipped, faint, broken
        off, a part that is damaged and left out, or a second sound in it, which is not read).
    """
    import pandas as pd

    rows = []
    for utterance, audio in zip(corpus.frame["id"], corpus.frame["audio"], strict=True):
        try:
            recorded, rate = read(audio)
            wave = to_16k(recorded, rate)
            of_file = "broken off" if missing_part(audio) else inner_damage(audio, len(recorded))
            of_file = of_file or ("a second sound in it" if second_sound(audio) else "")
            rows.append((utterance, len(wave) / SAMPLE_RATE, "", of_file or doubt(wave)))
        except AudioError as error:
            rows.append((utterance, float("nan"), str(error), ""))
        if progress:
            progress(len(rows))
    return pd.DataFrame(rows, columns=["id", "seconds", "problem", "doubt"])
