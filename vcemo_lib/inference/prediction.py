"""One's own voice: what was said, the probabilities, where the model looked, and what it says without each modality."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from ..audio.signal import AudioError, read, to_16k
from ..audio.whisper_asr import Recogniser, transcribe
from ..config import SAMPLE_RATE
from ..data.batch import Batch
from ..data.corpus import Corpus
from ..data.features import FeatureStore
from ..data.modalities import DESCRIBED
from ..data.voices import enrolled
from ..errors import VcemoError
from .bundle import Bundle
from .listening import NO_WORDS, Clip, read_clip

AS_RECORDED = "the model hears how loud a clip was recorded: the same clip louder or quieter may have another answer"
STRANGER = "no other clip of this person is known, so an average voice was taken from the sound"


class PredictError(VcemoError):
    """Files that a model cannot be asked about; the message says what to do."""


@dataclass(frozen=True)
class Prediction:
    """What the model makes of one file.

    Args:
        text: what was heard, or what was given; "" where the model reads no text.
        source: "heard", "given", or "" likewise.
        chance: probability of each emotion.
        seconds: how much of the clip was read.
        without: the same with one modality's input silenced, a row a modality.
        sound: weights over equal stretches of the clip, adding to 1; None where the model has no such attention.
        words: weight of each word, adding to 1; None likewise.
        mel: (T, 80), as the model reads it; None where it reads no sound.
        doubts: what makes the answer doubtful, each in a few words.
        start: seconds into the file where what was read begins: after a long silence.
    """

    file: str
    text: str
    seconds: float
    chance: pd.Series
    without: pd.DataFrame
    sound: np.ndarray | None
    words: pd.Series | None
    mel: np.ndarray | None
    source: str = "heard"
    doubts: tuple[str, ...] = ()
    start: float = 0.0

    @property
    def emotion(self) -> str:
        """The likeliest emotion."""
        return str(self.chance.idxmax())

    def at_least(self, confidence: float) -> str:
        """The likeliest emotion where its probability is at least this, else "uncertain"."""
        return self.emotion if self.chance.max() >= confidence else "uncertain"


def predict(
    bundle: Bundle,
    files: Sequence[str | Path],
    texts: Sequence[str] | None = None,
    recogniser: Recogniser | None = None,
    columns: Mapping[str, Sequence] | None = None,
    enrolment: Sequence[str | Path] = (),
    keep: bool = False,
) -> tuple[list[Prediction], dict[str, str]]:
    """Ask a model about files.

    Args:
        texts: what is said in each; None: `recogniser` listens.
        recogniser: needed where no texts are given; a model that reads no text needs neither.
        columns: of a model with modalities of its own, the columns they are made of, one value a file.
        enrolment: other recordings of the person in the files, whatever is felt in them, from which a model that takes
            each speaker's mean away learns the voice; it needs no labels.
        keep: whether what was computed of the sound and the words stays in the cache; else nothing of a speaker does.

    Returns:
        The predictions, and file → problem for those that could not be read; one bad file does not stop the others.

    Raises:
        PredictError: neither texts nor a recogniser, not one text a file, a text that is none, or a column is missing.
    """
    if not bundle.reads_text:
        texts, source = [""] * len(files), ""
    else:
        source = "heard" if texts is None else "given"
    if texts is None and recogniser is None:
        raise PredictError("nobody says what is said in the files: give texts, or Whisper weights to listen with")
    if texts is not None and len(texts) != len(files):
        raise PredictError(f"{len(texts)} texts for {len(files)} files: give one text a file")
    for number, text in enumerate(texts or (), start=1):
        if any("\ud800" <= c <= "\udfff" for c in text):  # what the shell could not decode
            raise PredictError(f"text {number} ({ascii(text)}) is no Unicode: give it as UTF-8")
    _check_columns(bundle, columns or {}, len(files))
    clips, problems = {}, {}
    for number, file in enumerate(files):
        try:
            clips[number] = read_clip(file, bundle.recipe.features.max_seconds)
        except AudioError as error:
            problems[str(file)] = str(error)
    if not clips:
        return [], problems
    said = [texts[n] for n in clips] if texts is not None else _heard(recogniser, clips.values())
    own = {name: [values[n] for n in clips] for name, values in (columns or {}).items()}
    store = FeatureStore(
        _corpus(bundle, [clip.audio for clip in clips.values()], said, own),
        bundle.recipe.features,
        bundle.recipe.model.reads,
        keep,
    )
    if bundle.voice:
        enrol(bundle, store, enrolment)
    of_model = (STRANGER,) if bundle.voice and not enrolment else ()
    if "audio" in bundle.recipe.model.reads and bundle.recipe.features.level == "recorded":
        of_model += (AS_RECORDED,)
    found = []
    for row, (number, clip) in enumerate(clips.items()):
        one = _one(bundle, store, str(row), str(files[number]), len(clip.wave) / SAMPLE_RATE)
        doubts = clip.doubts + ((NO_WORDS,) if source == "heard" and not one.text else ()) + store.cut_text(row)
        found.append(replace(one, source=source, doubts=doubts + of_model, start=clip.start))
    return found, problems


def _heard(recogniser: Recogniser, clips: Collection[Clip]) -> list[str]:
    """What Whisper hears in each clip with speech; in the others it would make something up."""
    texts = iter(transcribe(recogniser, [clip.wave for clip in clips if clip.spoken]))
    return [next(texts) if clip.spoken else "" for clip in clips]


def enrol(bundle: Bundle, store: FeatureStore, files: Sequence[str | Path]) -> None:
    """Give each recording of a store the voice of its speaker: of itself, of these files, and of the average speaker.

    Raises:
        AudioError: a file of the person cannot be read.
    """
    sound = store.sound
    longest = int(store.config.max_seconds * SAMPLE_RATE)
    known = [sound.frames_of(to_16k(*read(file))[:longest]) for file in files]
    rate = sound.frames_per_second
    sound.enrol(
        {i: enrolled([sound.recordings[row], *known], bundle.voice, rate) for row, i in enumerate(store.corpus.ids)}
    )


def _check_columns(bundle: Bundle, columns: Mapping[str, Sequence], files: int) -> None:
    for name in bundle.recipe.model.reads:
        column = DESCRIBED[name].column
        if column not in ("audio", "text") and len(columns.get(column, ())) != files:
            raise PredictError(f"the model reads {name}: give columns={{{column!r}: …}} with one value for each file")


def _corpus(bundle: Bundle, files: list[str | bytes], texts: list[str], columns: dict[str, list]) -> Corpus:
    """The files as a corpus, so that their features are made by the very code that made the training features."""
    ids = [str(number) for number in range(len(files))]
    frame = pd.DataFrame(
        {"id": ids, "audio": files, "text": texts, "text_asr": texts, "speaker": ids, "emotion": bundle.labels[0]}
    )  # a batch must name an emotion; nothing reads it here. Nobody says that two files are of one person
    frame = frame.assign(**columns)
    if bundle.recipe.features.text not in frame:
        raise PredictError(
            f"the model reads the column {bundle.recipe.features.text!r}, which no file has: train on text"
        )
    return Corpus("files", frame, language=bundle.language, labels=bundle.labels)


def _one(bundle: Bundle, store: FeatureStore, row: str, file: str, seconds: float) -> Prediction:
    batch = store.batch([row], bundle.labels)
    chance, maps = _chance(bundle, batch, keep_attention=True)
    without = {f"without {name}": _chance(bundle, silenced(batch, name))[0] for name in bundle.recipe.model.modalities}
    sound, words = looked_at(maps, bundle.recipe.model.length, store.tokens[int(row)])
    return Prediction(
        file,
        store.texts[int(row)],
        min(seconds, store.config.max_seconds),
        chance,
        pd.DataFrame(without).T,
        sound,
        words,
        batch.mel[0].numpy() if "audio" in store.modalities else None,
    )


def silenced(batch: Batch, modality: str) -> Batch:
    """The batch without what this modality says: its silence stands in, as long as it is."""
    values = DESCRIBED[modality].inputs[0]
    return batch.but(**{values: DESCRIBED[modality].silence(batch[values])})


@torch.no_grad()
def _chance(bundle: Bundle, batch: Batch, keep_attention: bool = False) -> tuple[pd.Series, dict]:
    output = bundle.model(batch, keep_attention=keep_attention)
    if not output.logits.isfinite().all():
        raise PredictError("the model's answer is no number: its weights are damaged, train it again")
    return pd.Series(
        (output.logits[0] / bundle.temperature).softmax(-1).numpy().astype(float), index=bundle.labels
    ), output.attention


def looked_at(
    maps: dict[str, torch.Tensor], length: int, tokens: Sequence[str]
) -> tuple[np.ndarray | None, pd.Series | None]:
    """Weights of the L stretches of sound and of the words, from the attention maps of one utterance.

    Sound: the pooling's weights of the L positions of F1. Words: what the sound took from each word in the first
    fusion, averaged over the heads and over the stretches by those weights. Where a model looks is not why it answers.
    """
    if "pool" not in maps or "audio_by_words" not in maps:
        return None, None
    pool = maps["pool"][0, :length]
    sound = (pool / pool.sum().clamp_min(1e-12)).numpy()
    taken = maps["audio_by_words"][0].mean(0)  # (stretches, words)
    weight = torch.from_numpy(sound)[: len(taken)] @ taken[:, : max(len(tokens), 1)]
    if not tokens:
        return sound, None
    weight = (weight / weight.sum().clamp_min(1e-12)).numpy()
    return sound, pd.Series(weight, index=list(tokens[: len(weight)]))
