"""A model from Python in three lines, called as `transformers.pipeline("audio-classification")` is.

>>> emotion = Emotion.from_folder()  # doctest: +SKIP
>>> emotion("clip.wav", text="你怎么才来")  # doctest: +SKIP
[{'label': 'surprise', 'score': 0.53}, {'label': 'neutral', 'score': 0.19}, …]
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Any

import torch

from ..audio import Recogniser, whisper_asr
from .answer import Answer, Listener, PredictError, check_texts
from .bundle import Bundle, load_bundle
from .listening import clip_of_any, recording_of_any
from .model_folder import SHIPPED
from .prediction import what_is_said
from .recordings import follow
from .row_formats import row


class DoubtfulAnswer(UserWarning):
    """An answer, or all answers of a model, with what makes them doubtful."""


class Emotion:
    """A model that is called with sounds.

    Args:
        recogniser: what listens where no text is given; a model that reads no words needs none.
        classes: those it may answer with; empty: all.
        batch_size: utterances that go through the model together.
        enrolment: other recordings of the person who speaks, see `Listener`.
    """

    def __init__(
        self,
        bundle: Bundle,
        recogniser: Recogniser | None = None,
        classes: Sequence[str] = (),
        batch_size: int = 16,
        enrolment: Sequence[str | Path] = (),
    ):
        self.bundle, self.recogniser, self.batch_size = bundle, recogniser, max(batch_size, 1)
        self.listener = Listener(bundle, classes, enrolment)
        if self.listener.enrolment and not bundle.voice:
            unused = "the model takes no speaker's mean away: the enrolment changes nothing, and is not read"
            warnings.warn(unused, DoubtfulAnswer, stacklevel=2)
        if bundle.doubt:
            warnings.warn(f"doubtful model: {bundle.doubt}", DoubtfulAnswer, stacklevel=2)

    @classmethod
    def from_folder(
        cls, folder: str | Path = SHIPPED, device: str = "cpu", whisper: str = "", **options: Any
    ) -> "Emotion":
        """The model of a folder that `vcemo train` made; the one that ships where none is named.

        Args:
            device: where the model computes, as torch names it.
            whisper: name or file of Whisper weights on this machine, which listen where no text is given.
            options: `classes`, `batch_size` and `enrolment`.

        Raises:
            BundleError: no model folder, or a damaged one.
            PredictError: no such device here, or a class that the model does not have.
            AsrError: no such weights.
        """
        bundle = load_bundle(Path(folder))
        bundle = replace(bundle, model=bundle.model.to(_known_device(device)))
        recogniser = whisper_asr.load(whisper, language=bundle.language, instead="give texts") if whisper else None
        return cls(bundle, recogniser, **options)

    def __call__(
        self, sounds: Any, rate: int | None = None, text: str | Sequence[str] | None = None, top_k: int | None = None
    ) -> list[dict] | list[list[dict]]:
        """The classes of a sound with their probabilities, the likeliest first; of a list of sounds a list of these.

        Args:
            sounds: a path, the bytes of a file, an array or tensor (T,), (T, channels) or (channels, T), or what
                `datasets` has, {"array": …, "sampling_rate": …} or {"bytes": …, "path": …}, or a row with such an
                "audio"; or a list of these, as a column of a `Dataset` is.
            rate: samples a second of arrays.
            text: what is said, one for each sound; "" where that is not known and nobody listens.
            top_k: so many classes; None: all.

        Raises:
            AudioError: a sound that is none, or lasts more than a minute.
            PredictError: not one text a sound, nobody says what is said, or fewer than one class is asked for.
        """
        many = isinstance(sounds, Sequence) and not isinstance(sounds, str | bytes | bytearray | memoryview)
        sounds = list(sounds) if many else [sounds]
        if many and isinstance(text, str):
            raise PredictError(f"one text for a list of {len(sounds)} sounds: give a list of texts, one a sound")
        if isinstance(text, Mapping | Set):
            raise PredictError(f"the texts are a {type(text).__name__}, which has no order: give a list, one a sound")
        if not many and isinstance(text, Iterable) and not isinstance(text, str | bytes):
            kinds = f"a {type(sounds[0]).__name__} and the texts a {type(text).__name__}"
            raise PredictError(f"the sounds are {kinds}: give one sound and a string, or both as lists")
        if top_k is not None and (not isinstance(top_k, Integral) or isinstance(top_k, bool) or top_k < 1):
            raise PredictError(f"top_k is {top_k!r}: give 1 or more, or None for all classes")
        texts = None if text is None else list(text) if many else [text]
        self._check_texts(texts, len(sounds))
        names = [str(s) if isinstance(s, str | Path) else f"sound {n}" for n, s in enumerate(sounds, start=1)]
        emotions = []
        for start in range(0, len(sounds), self.batch_size):
            some = slice(start, start + self.batch_size)
            answers = self._batch(sounds[some], names[some], texts and texts[some], rate)
            emotions += [_ranked(answer, top_k) for answer in answers]
        return emotions if many else emotions[0]

    def segments(self, recording: Any, rate: int | None = None, text: str | None = None) -> Iterator[dict]:
        """A row of `row_formats.row` for each utterance of a recording of any length, as soon as it is found.

        Args:
            recording: a sound as of `__call__`, or blocks (n,) of one that is still coming in, at `rate` Hz.
            text: "" where a model that reads words is to go without, since nobody listens.

        Raises:
            AudioError: what is no sound, or damaged.
            VadError: the voice detector is not installed.
        """
        if text:
            raise PredictError("a recording has many utterances, and one text: leave it out, or give '' for no words")
        self._check_texts(None if text is None else [text], 1)
        source = recording_of_any(recording, rate)
        recogniser = self.recogniser if text is None else None
        return (row(answer) for answer in follow(self.listener, source, recogniser))

    def _check_texts(self, texts: Sequence[str] | None, sounds: int) -> None:
        if texts is None and self.bundle.reads_text and self.recogniser is None:
            raise PredictError(
                "nobody says what is said: give text=…, or text='' to go without words, or name Whisper weights"
            )
        check_texts(texts, sounds, "sound")

    def _batch(self, sounds: list, names: list[str], texts: list | None, rate: int | None) -> list[Answer]:
        longest = self.bundle.recipe.features.max_seconds
        clips = [clip_of_any(sound, rate, longest, name) for sound, name in zip(sounds, names, strict=True)]
        clips, said, source = what_is_said(self.listener, clips, texts, self.recogniser)
        answers = self.listener.answers(clips, names, said, source)
        if doubtful := [f"{answer.file}: {', '.join(answer.doubts)}" for answer in answers if answer.doubts]:
            warnings.warn("doubtful: " + "; ".join(doubtful), DoubtfulAnswer, stacklevel=3)
        return answers


def _known_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # which a device that only exists in name refuses
    except (RuntimeError, AssertionError, NotImplementedError, TypeError):
        raise PredictError(f"no device {name!r} on this machine: choose cpu, or cuda where there is a GPU") from None
    return device


def _ranked(answer: Answer, top_k: int | None) -> list[dict]:
    best = answer.chance.sort_values(ascending=False, kind="stable")[:top_k]
    return [{"label": str(name), "score": float(value)} for name, value in best.items()]
