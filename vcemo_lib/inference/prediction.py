"""One's own voice: what was said, the probabilities, where the model looked, and what it says without each modality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from ..audio import AudioError, Recogniser, transcribe
from ..data import DESCRIBED, Batch, FeatureStore
from .answer import Answer, Listener, PredictError, check_columns, check_texts
from .bundle import Bundle
from .listening import Clip, read_clip

OTHER_LANGUAGE = "it sounds like {}, and was heard as another language: the words are made up"


@dataclass(frozen=True, kw_only=True)
class Prediction(Answer):
    """An answer about one file, and what it hangs on."""

    without: pd.DataFrame  # the probabilities with one modality's input silenced, a row a modality
    sound: np.ndarray | None  # weights over equal stretches, adding to 1; None where the model has no such attention
    words: pd.Series | None  # weight of each word, adding to 1; None likewise
    mel: np.ndarray | None  # (T, n_mels), as the model reads it; None where it reads no sound


def predict(
    bundle: Bundle,
    files: Sequence[str | Path],
    texts: Sequence[str] | None = None,
    recogniser: Recogniser | None = None,
    columns: Mapping[str, Sequence] | None = None,
    enrolment: Sequence[str | Path] = (),
    classes: Sequence[str] = (),
    keep: bool = False,
) -> tuple[list[Prediction], dict[str, str]]:
    """Ask a model about files.

    Args:
        texts: what is said in each; None: `recogniser` listens.
        recogniser: needed where no texts are given; a model that reads no text needs neither.
        columns: of a model with modalities of its own, the columns they are made of, one value a file.
        enrolment, classes, keep: see `Listener`.

    Returns:
        The predictions, and file → problem for those that could not be read; one bad file does not stop the others.

    Raises:
        PredictError: neither texts nor a recogniser, not one text a file, a text that is none, a column is missing, or
            a class that the model does not have.
    """
    return predictions(Listener(bundle, classes, enrolment, keep), files, texts, recogniser, columns)


def predictions(
    listener: Listener,
    files: Sequence[str | Path],
    texts: Sequence[str] | None = None,
    recogniser: Recogniser | None = None,
    columns: Mapping[str, Sequence] | None = None,
) -> tuple[list[Prediction], dict[str, str]]:
    """`predict`, of a model that is asked several times.

    Raises:
        PredictError: nobody says what is said, or texts or columns do not fit the files.
    """
    bundle = listener.bundle
    if bundle.reads_text:
        if texts is None and recogniser is None:
            raise PredictError("nobody says what is said in the files: give texts, or Whisper weights to listen with")
        check_texts(texts, len(files), "file")
    check_columns(bundle, columns or {}, len(files))
    clips, problems = {}, {}
    for number, file in enumerate(files):
        try:
            clips[number] = read_clip(file, bundle.recipe.features.max_seconds)
        except AudioError as error:
            problems[str(file)] = str(error)
    if not clips:
        return [], problems
    own = {name: [values[n] for n in clips] for name, values in (columns or {}).items()}
    given = None if texts is None else [texts[n] for n in clips]
    read, said, source = what_is_said(listener, list(clips.values()), given, recogniser)
    store = listener.store(read, said, own)
    each = enumerate(zip(read, clips, strict=True))
    return [_one(listener, store, row, clip, str(files[n]), source) for row, (clip, n) in each], problems


def what_is_said(
    listener: Listener, clips: list[Clip], texts: list[str] | None, recogniser: Recogniser | None
) -> tuple[list[Clip], list[str], str]:
    """The clips, with a doubt where another language is heard, what is said in each, and its source as `Answer` has it.

    Args:
        texts: what was given; None: `recogniser` listens. A model that reads no text is given none.
    """
    if not listener.bundle.reads_text:
        return clips, [""] * len(clips), ""
    return (clips, texts, "given") if texts is not None else (*heard(recogniser, clips), "heard")


def heard(recogniser: Recogniser, clips: Sequence[Clip]) -> tuple[list[Clip], list[str]]:
    """What Whisper hears in each clip with speech, "" in the others, where it would make something up.

    Returns: the clips, with a doubt where another language is spoken, and the texts.
    """
    texts = iter(transcribe(recogniser, [clip.wave for clip in clips if clip.spoken]))
    said = [next(texts) if clip.spoken else "" for clip in clips]
    other = [text and recogniser.other_language(clip.wave) for clip, text in zip(clips, said, strict=True)]
    doubts = [(OTHER_LANGUAGE.format(language),) if language else () for language in other]
    return [replace(clip, doubts=clip.doubts + new) for clip, new in zip(clips, doubts, strict=True)], said


def _one(listener: Listener, store: FeatureStore, row: int, clip: Clip, file: str, source: str) -> Prediction:
    model, tokens = listener.bundle.recipe.model, store.tokens[row]
    batch = store.batch([str(row)], listener.bundle.labels)
    chances, maps = listener.chances(batch, keep_attention=True)
    without = {f"without {name}": listener.chances(silenced(batch, name))[0].iloc[0] for name in model.modalities}
    sound, words = looked_at(maps, model.length, tokens)
    return Prediction(
        **vars(listener.answer(chances.iloc[0], clip, store, row, file, source)),
        without=pd.DataFrame(without).T,
        sound=sound,
        words=words,
        mel=batch.mel[0].numpy() if "audio" in store.modalities else None,
    )


def silenced(batch: Batch, modality: str) -> Batch:
    """The batch without what this modality says: its silence stands in, as long as it is."""
    values = DESCRIBED[modality].inputs[0]
    return batch.but(**{values: DESCRIBED[modality].silence(batch[values])})


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
