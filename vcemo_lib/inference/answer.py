"""What a model answers about one utterance, and the way to it: features in memory, one batch, probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import torch

from ..audio.decoding import named
from ..config import SAMPLE_RATE, UNCERTAIN
from ..data import DESCRIBED, Batch, Corpus, FeatureEncoders, FeatureStore, Sound, all_unknown, enrolled
from ..letters import letters
from .asked import PredictError, chosen_classes
from .bundle import Bundle
from .listening import NO_SPEECH, NO_WORDS, Clip, read_clip

AS_RECORDED = "the model hears how loud a clip was recorded: the same clip louder or quieter may have another answer"
STRANGER = "no other clip of this person is known, so an average voice was taken from the sound"
NOT_GIVEN = "it reads words and was given none"
UNKNOWN = "it has no vector for any of these words"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the model makes of one utterance."""

    file: str  # or what stands for one in messages
    text: str  # what was heard, or what was given; "" where the model reads no text
    seconds: float  # how much was read
    chance: pd.Series  # probability of each class that it was asked to choose from
    source: str = "heard"  # or "given", or "" where the model reads no text
    doubts: tuple[str, ...] = ()  # what makes the answer doubtful, each in a few words
    start: float = 0.0  # seconds into the file where what was read begins
    left_out: tuple[str, ...] = ()  # the classes that it was not to answer with

    @property
    def end(self) -> float:
        """Seconds into the file where what was read ends."""
        return self.start + self.seconds

    @property
    def emotion(self) -> str:
        """The likeliest emotion."""
        return str(self.chance.idxmax())

    def at_least(self, confidence: float) -> str:
        """The likeliest emotion where its probability is at least this, else "uncertain"."""
        return self.emotion if self.chance.max() >= confidence else UNCERTAIN


class Listener:
    """A model, ready to be asked: with its encoders loaded, the classes it may answer with, and the person's voice.

    Args:
        classes: some of the model's; the others get no probability, and those of these add up to 1. Empty: all.
        enrolment: other recordings of the person who speaks, from which a model that takes each speaker's mean away
            learns the voice; it needs no labels.
        keep: whether features stay on disk, under `paths.cache_dir()`, so that the same clip is answered sooner.

    Raises:
        PredictError: a class that the model does not have, or fewer than two.
    """

    def __init__(
        self, bundle: Bundle, classes: Sequence[str] = (), enrolment: Sequence[str | Path] = (), keep: bool = False
    ):
        self.bundle, self.keep, self.enrolment = bundle, keep, tuple(enrolment)
        self.classes = chosen_classes(bundle.labels, classes)
        self.left_out = tuple(name for name in bundle.labels if name not in self.classes)
        self.encoders = FeatureEncoders(bundle.recipe.features)

    def store(self, clips: Sequence[Clip], texts: Sequence[str], columns: Mapping[str, Sequence]) -> FeatureStore:
        """The features of clips, made by the very code that made those of the training; their ids count from "0".

        Raises:
            AudioError: a recording of the person cannot be read.
            PredictError: a column is missing.
        """
        check_columns(self.bundle, columns, len(clips))
        corpus = _corpus(self.bundle, [clip.audio for clip in clips], texts, columns)
        recipe = self.bundle.recipe
        store = FeatureStore(corpus, recipe.features, recipe.model.reads, self.keep, self.encoders)
        if self.bundle.voice:
            self._enrol(store.sound)
        return store

    def _enrol(self, sound: Sound) -> None:
        """Give each recording the voice of its speaker: of itself, of the enrolment, and of the average speaker."""
        longest = int(sound.config.max_seconds * SAMPLE_RATE)
        known = [sound.frames_of(clip.wave[:longest]) for _, clip in self._others if clip.spoken]
        rate, average = sound.frames_per_second, self.bundle.voice
        heard = {i: [sound.recordings[row], *known] for i, row in sound.index.items()}
        sound.enrol({i: enrolled(its, average, rate, sound.keeps_gain) for i, its in heard.items()})

    @cached_property
    def _others(self) -> list[tuple[str, Clip]]:
        """Other recordings of the person, names and the parts with speech in them; none where nobody asks."""
        longest = self.bundle.recipe.features.max_seconds
        return [(named(file), read_clip(file, longest)) for file in self.enrolment] if self.bundle.voice else []

    @torch.no_grad()
    def chances(self, batch: Batch, keep_attention: bool = False) -> tuple[pd.DataFrame, dict]:
        """The probability of each chosen class, a row an utterance, and the attention maps.

        Raises:
            PredictError: the model's answer is no number.
        """
        device = next(self.bundle.model.parameters()).device
        output = self.bundle.model(batch.to(device), keep_attention=keep_attention)
        if not output.logits.isfinite().all():
            raise PredictError("the model's answer is no number: its weights are damaged, train it again")
        logits = pd.DataFrame(output.logits.cpu().double().numpy(), columns=list(self.bundle.labels))
        chosen = torch.from_numpy(logits[list(self.classes)].to_numpy() / self.bundle.temperature)
        maps = {name: weights.cpu() for name, weights in output.attention.items()}
        return pd.DataFrame(chosen.softmax(-1).numpy(), columns=list(self.classes)), maps

    def answers(self, clips: Sequence[Clip], names: Sequence[str], texts: Sequence[str], source: str) -> list[Answer]:
        """All clips in one batch.

        Args:
            names: of the files, one a clip.
            source: of the texts, as `Answer` has it.
        """
        store = self.store(clips, texts, {})
        chances, _ = self.chances(store.batch(store.corpus.ids, self.bundle.labels))
        rows = enumerate(zip(clips, names, strict=True))
        return [self.answer(chances.iloc[row], clip, store, row, name, source) for row, (clip, name) in rows]

    def answer(self, chance: pd.Series, clip: Clip, store: FeatureStore, row: int, file: str, source: str) -> Answer:
        """The answer about one clip, whose features are in this row of the store."""
        return Answer(
            file=file,
            text=store.texts[row],
            seconds=min(len(clip.wave) / SAMPLE_RATE, store.config.max_seconds),
            chance=chance,
            source=source,
            doubts=self._doubts(clip, store, row, source),
            start=clip.start,
            left_out=self.left_out,
        )

    def _doubts(self, clip: Clip, store: FeatureStore, row: int, source: str) -> tuple[str, ...]:
        """What makes an answer doubtful: of the clip, of its text, and of the voice."""
        wordless = {"heard": (NO_WORDS,), "given": (NOT_GIVEN,)} if not letters(store.texts[row]) else {}
        unknown = (UNKNOWN,) if all_unknown(store, row) else ()
        silent = [name for name, other in self._others if not other.spoken]
        left_out = tuple(f"{name} is left out as a clip of this person, {NO_SPEECH}" for name in silent)
        stranger = (STRANGER,) if self.bundle.voice and len(silent) == len(self._others) else ()
        loud = "audio" in self.bundle.recipe.model.reads and store.config.level == "recorded"
        of_model = left_out + stranger + ((AS_RECORDED,) if loud else ())
        of_text = wordless.get(source, ()) + unknown + store.cut_text(row, self.bundle.recipe.model.length)
        return clip.doubts + of_text + of_model


def check_texts(texts: Sequence | None, count: int, kind: str) -> None:
    """Raise PredictError where texts are given, but not one for each of so many files or sounds, or what is no text."""
    if texts is not None and len(texts) != count:
        raise PredictError(f"{len(texts)} texts for {count} {kind}s: give one text a {kind}")
    for number, text in enumerate(texts or (), start=1):
        if not isinstance(text, str):
            raise PredictError(f"text {number} is {text!r}: give a string, '' where nothing is said")
        if any("\ud800" <= c <= "\udfff" for c in text):  # what a shell could not decode
            raise PredictError(f"text {number} ({ascii(text)}) is no Unicode: give it as UTF-8")


def check_columns(bundle: Bundle, columns: Mapping[str, Sequence], files: int) -> None:
    """Raise PredictError where a modality of the model's own lacks what it is made of."""
    for name in bundle.recipe.model.reads:
        column = DESCRIBED[name].column
        if column not in ("audio", "text") and len(columns.get(column, ())) != files:
            raise PredictError(f"the model reads {name}: give columns={{{column!r}: …}} with one value for each file")


def _corpus(bundle: Bundle, files: list[str | bytes], texts: Sequence[str], columns: Mapping[str, Sequence]) -> Corpus:
    """The clips as a corpus."""
    ids = [str(number) for number in range(len(files))]
    sounds = pd.Series(files, dtype=object)  # a name may be no Unicode
    frame = pd.DataFrame(
        {"id": ids, "audio": sounds, "text": texts, "text_asr": texts, "speaker": ids, "emotion": bundle.labels[0]}
    )  # a batch must name an emotion; nothing reads it here. Nobody says that two files are of one person
    frame = frame.assign(**columns)
    if bundle.recipe.features.text not in ("text", "text_asr", *columns):  # an id or a name is no text
        raise PredictError(
            f"the model reads the column {bundle.recipe.features.text!r}, which no file has: train on text"
        )
    return Corpus("files", frame, language=bundle.language, labels=bundle.labels)
