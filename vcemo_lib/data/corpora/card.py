"""What a reader must know of a corpus before using it, and the one way from its rows to a `Corpus`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...paths import is_file
from ..corpus import COLUMNS, Corpus, CorpusError
from ..labels import EMOTIONS
from ..speaker_splits import speaker_disjoint
from ..splits import Split, split_8_1_1
from .download import Download

if TYPE_CHECKING:
    import pandas as pd

TEXTS = {
    "own": "each utterance has words of its own, so the text can carry emotion",
    "fixed": "the same sentences are spoken in every emotion, so the text carries none: use the audio alone",
    "none": "no text comes with it: transcribe it first, or use the audio alone",
}


def by_speaker(corpus: Corpus, seed: int = 0) -> Split:
    """No speaker in two parts."""
    return speaker_disjoint(corpus, seed)


def official(corpus: Corpus, seed: int = 0) -> Split:
    """The parts that the corpus brings; where this copy has only some of them, no dialogue in two parts."""
    return split_8_1_1(corpus, seed) if "split" in corpus.frame else speaker_disjoint(corpus, seed, "dialogue")


@dataclass(frozen=True)
class CorpusCard:
    """Facts about one corpus.

    Args:
        forbidden: what may not be done with it, in a sentence.
        layout: what its folder holds, for the message when it does not.
        labels: the corpus' own word, lower case → one of its classes.
        outside: its other words → why their utterances are left out.
        published: counts to hold a copy against: `utterances`, `speakers`, `part train` (val, test), or a label's own
            word.
        missing: clips that every copy is known to lack; so many may, the published counts are those of the labels then.
        split: makes the split that fits this corpus; its docstring is the rule.
        text: a key of `TEXTS`.
        hub: its name at the Hugging Face hub, which then can stand for its folder.
        example: how it is brought here, a line each, where its owner decides how it looks.
        downloads: what `vcemo corpus fetch` may bring, where licence and host allow it.
        classes: in their order; the six emotions, or the corpus' own.
    """

    name: str
    title: str
    language: str
    source: str
    licence: str
    forbidden: str
    citation: str
    layout: str
    labels: Mapping[str, str]
    outside: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    split: Callable[..., Split] = by_speaker
    text: str = "own"
    has_audio: bool = True
    simulated: bool = False
    notes: str = ""
    hub: str = ""
    example: tuple[str, ...] = ()
    downloads: tuple[Download, ...] = ()
    classes: tuple[str, ...] = EMOTIONS

    @property
    def text_is_informative(self) -> bool:
        """Whether the speakers chose their words, so that these can tell the emotion."""
        return self.text == "own"

    def lines(self) -> list[str]:
        """The card as text, a fact a line."""
        facts = {
            "corpus": f"{self.name}: {self.title} ({self.language})",
            "source": self.source,
            "licence": self.licence,
            "not allowed": self.forbidden,
            "cite": self.citation,
            "folder": self.layout,
            "text": TEXTS[self.text],
            "audio": "" if self.has_audio else "none: only the words and BERT branches can be used",
            "split": self.split.__doc__,
            "note": self.notes,
            "fetch": self._fetch(),
        }
        return [f"{name + ':':<13}{value}" for name, value in facts.items() if value]

    def label_lines(self) -> list[str]:
        """How its words are read, a line for each class and for each reason to leave a word out."""
        read = {name: [word for word, its in self.labels.items() if its == name] for name in self.classes}
        out = {why: [word for word, its in self.outside.items() if its == why] for why in self.outside.values()}
        return [
            *(f"label {', '.join(sorted(words))} → {name}" for name, words in read.items() if words),
            *(f"label {', '.join(sorted(words))} left out: {why}" for why, words in out.items()),
        ]

    def _fetch(self) -> str:
        if self.downloads:
            size = sum(download.size for download in self.downloads) / 1e6
            files = ", ".join(download.name for download in self.downloads)
            return f"'vcemo corpus fetch {self.name}' brings {files} ({size:.0f} MB)"
        return f"'hf download --repo-type dataset {self.hub}', then give {self.hub} for its folder" if self.hub else ""


def build(card: CorpusCard, rows: Sequence[dict] | pd.DataFrame, strict: bool = False, **facts) -> Corpus:
    """From rows in the corpus' own words to a `Corpus` with the card's classes.

    Args:
        rows: with id, audio, text, label, speaker and more; `blemish` says why a known bad row is left out.
        strict: hold the copy against the published counts.
        facts: fields of `Corpus` that differ from the card's.

    Raises:
        CorpusError: no rows, a label that the card does not know, or, when strict, other counts than published.
    """
    import pandas as pd

    rows = pd.DataFrame(rows)
    if rows.empty:
        raise CorpusError(f"{card.name}: no utterance was found: expected {card.layout}")
    rows = rows.assign(label=rows["label"].astype(str).str.strip().str.lower())
    blemish = rows["blemish"] if "blemish" in rows else pd.Series(None, index=rows.index, dtype=object)
    there = rows["audio"].map(lambda audio: not card.has_audio or isinstance(audio, bytes) or is_file(audio))
    gone = blemish.isna() & ~there
    if strict:
        check_counts(card, rows if gone.sum() <= card.missing else rows[~gone])
    reason = blemish.where(~gone, "its clip is not in this copy")
    outside = {word: f"{word!r}: {why}" for word, why in card.outside.items()}
    reason = reason.where(reason.notna(), rows["label"].map(outside))
    _refuse_unknown(card, rows[reason.isna()])
    kept = rows[reason.isna()].drop(columns="blemish", errors="ignore")
    if kept.empty:
        raise CorpusError(
            f"{card.name}: none of {len(rows)} utterances can be used ({reason.iloc[0]}): expected {card.layout}"
        )
    kept = kept.assign(emotion=kept["label"].map(card.labels), text_asr=kept.get("text_asr"))
    frame = kept[[*COLUMNS, *(c for c in kept if c not in COLUMNS)]].sort_values("id", ignore_index=True)
    names = ("language", "text_is_informative", "has_audio", "simulated", "licence", "citation")
    facts = {name: getattr(card, name) for name in names} | {"labels": card.classes} | facts
    return Corpus(card.name, frame, dropped=reason.dropna().value_counts().to_dict(), **facts)


def check_counts(card: CorpusCard, rows: pd.DataFrame) -> None:
    """Raise CorpusError where a copy does not hold what was published."""
    counts = {"utterances": len(rows), "speakers": rows["speaker"].nunique(), **rows["label"].value_counts()}
    counts |= {f"part {part}": n for part, n in rows["split"].value_counts().items()} if "split" in rows else {}
    wrong = [
        f"{what} {counts.get(what, 0):,} instead of {n:,}"
        for what, n in card.published.items()
        if counts.get(what, 0) != n
    ]
    if wrong:
        raise CorpusError(
            f"{card.name}: this copy does not hold what was published ({'; '.join(wrong)}): "
            "complete it, or load it with strict=False (--strict=false)"
        )


def _refuse_unknown(card: CorpusCard, rows: pd.DataFrame) -> None:
    unknown = rows[~rows["label"].isin(list(card.labels))]
    if len(unknown):
        first = unknown.iloc[0]
        words = ", ".join(f"{word!r} ({n})" for word, n in unknown["label"].value_counts().items())
        raise CorpusError(
            f"{card.name}: utterance {first['id']!r} has the label {first['label']!r}, which this corpus "
            f"is not known to have (unknown: {words}; known: {', '.join([*card.labels, *card.outside])}): check "
            "the folder"
        )


def label_table(card: CorpusCard, corpus: Corpus) -> pd.DataFrame:
    """How labels were read: the corpus' word, the emotion or why it is left out, and the utterances of each."""
    import pandas as pd

    column = next((c for c in ("label", "code") if c in corpus.frame), "emotion")
    kept = corpus.frame.groupby([column, corpus.frame["emotion"].rename("read as")]).size()
    rows = [(word, emotion, n) for (word, emotion), n in kept.items()]
    rows += [(*_left_out(card, reason), n) for reason, n in corpus.dropped.items()]
    return pd.DataFrame(rows, columns=["label", "read as", "utterances"])


def _left_out(card: CorpusCard, reason: str) -> tuple[str, str]:
    """The word and why it is left out; a corpus may count what it left out by the word alone."""
    if reason in card.labels:
        return reason, "left out: as you asked"
    return (reason, f"left out: {card.outside[reason]}") if reason in card.outside else ("", f"left out: {reason}")
