"""What a model can read of an utterance, each described once: what it is made of, and its place in a batch.

The encoder of each stands in `models.modalities`, whose `add_modality` takes a new one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..config import FeatureConfig, ModelConfig
from ..digests import sha256
from ..text.word_vectors import WordVectors
from .feature_encoders import FeatureEncoders

if TYPE_CHECKING:
    from .features import FeatureStore


@dataclass(frozen=True)
class Modality:
    """One thing that a model can read.

    Args:
        name: as a recipe names it.
        inputs: its tensors in a `Batch`. Of a sequence the values (B, N, width) and their mask (B, N), of a vector the
            values (B, width) alone.
        width: a number, or the attribute of `ModelConfig` that holds it.
        features: the values of every utterance of a store, (n, width) or (width,).
        column: what a corpus must bring: "audio", "text", or a column of its own.
        read: (store, utterance, copy) → what a batch holds, where that is not the features as they are.
        unread: (store, row) → what a batch holds where nothing reads it, for the modalities that are fields of `Batch`.
        made_by: name and fingerprint of each encoder that makes the features; a bundle fits no others.
        silence: values → what stands in for them when the modality is taken away from a model that reads it.
        padded: whether the sequence is an ONNX input of L positions with its mask; else of any length, all real.
    """

    name: str
    inputs: tuple[str, ...]
    width: int | str
    features: Callable[["FeatureStore"], Sequence[np.ndarray]]
    column: str
    read: Callable[["FeatureStore", str, int], np.ndarray] | None = None
    unread: Callable[["FeatureStore", int], np.ndarray] | None = None
    made_by: Callable[[FeatureConfig], dict[str, str]] = lambda _: {}
    silence: Callable[[Tensor], Tensor] = torch.zeros_like
    padded: bool = False

    @property
    def is_sequence(self) -> bool:
        """Whether it has steps and a mask; else it is one vector an utterance."""
        return len(self.inputs) == 2

    def width_in(self, config: ModelConfig) -> int:
        """The width that a model expects."""
        return getattr(config, self.width) if isinstance(self.width, str) else self.width

    def collate(self, arrays: Sequence[np.ndarray]) -> dict[str, Tensor]:
        """The tensors of a batch from the values of its utterances."""
        if not self.is_sequence:
            return {self.inputs[0]: torch.from_numpy(np.stack(arrays, dtype=np.float32, casting="same_kind"))}
        lengths = np.array([len(array) for array in arrays])
        padded = np.zeros((len(arrays), lengths.max(), *np.shape(arrays[0])[1:]), np.float32)
        for row, array in zip(padded, arrays, strict=True):
            row[: len(array)] = array
        mask = np.arange(padded.shape[1]) < lengths[:, None]
        return dict(zip(self.inputs, map(torch.from_numpy, (padded, mask)), strict=True))


def _speech(config: FeatureConfig) -> dict[str, str]:
    speech = FeatureEncoders(config).speech
    return {"speech": f"{config.speech} {speech.fingerprint}"} if speech else {}


def _vectors(config: FeatureConfig) -> dict[str, str]:
    vectors = WordVectors.load(config.vectors)
    digest = sha256("\n".join(vectors.words).encode() + vectors.table.tobytes())[:16]
    return {"vectors": f"{config.vectors} {digest}"}


def _bert(config: FeatureConfig) -> dict[str, str]:
    return {"bert": f"{config.bert} {FeatureEncoders(config).sentence_fingerprint}"}


AUDIO = Modality(
    "audio",
    ("mel", "mel_mask"),
    "frame_dim",
    lambda store: store.mel,
    "audio",
    read=lambda store, utterance, copy: store.sound.normalised(utterance, copy),
    unread=lambda store, row: np.zeros((store.lengths[row], store.config.mel.n_mels)),
    made_by=_speech,
)
WORDS = Modality(
    "words",
    ("words", "words_mask"),
    "word_dim",
    lambda store: store.words,
    "text",
    unread=lambda store, row: np.zeros((max(len(store.tokens[row]) if store.has_text else 0, 1), 0)),
    made_by=_vectors,
    padded=True,
)
BERT = Modality(
    "bert",
    ("bert",),
    "bert_dim",
    lambda store: store.bert.values,
    "text",
    unread=lambda store, row: np.zeros(0),
    made_by=_bert,
)
DESCRIBED = {modality.name: modality for modality in (AUDIO, WORDS, BERT)}


def reads_text(names: Iterable[str]) -> bool:
    """Whether one of these modalities is made of the text."""
    return any(DESCRIBED[name].column == "text" for name in names)
