"""Sizes and readings of a model, and what every model returns.

Every reading of an unclear sentence of the paper is a field of `ModelConfig`; the defaults are the recommended
readings (A10–A44; `readings.py` lists them all).
"""

from dataclasses import dataclass, field, fields
from typing import Literal, get_args, get_origin

from torch import Tensor

MODALITIES = ("audio", "words", "bert")


def check_choices(settings) -> None:
    """Raise ValueError where a `Literal` field of a dataclass holds something else than its choices."""
    for f in fields(settings):
        allowed = get_args(f.type) if get_origin(f.type) is Literal else None
        if allowed and getattr(settings, f.name) not in allowed:
            raise ValueError(f"{f.name}={getattr(settings, f.name)!r} is unknown; use one of {allowed}.")


@dataclass(frozen=True)
class ModelConfig:
    """Sizes and readings of one model. Baselines read the sizes; what they make of them is in their
    docstrings.

    guide1    guides fusion 1: "words", or the other sequence, "audio" (BERT under order="bert_first"), or each
              the other, "both" (A13)
    guide2    guides fusion 2: the "fused" sequence, or the newcomer, "bert" (A13; audio under "bert_first")
    direction the guided sequence asks and the guide answers, "guided_asks", or the guide asks, "guide_asks":
              then the answer is as long as the guide and is added to the guide (A12)
    cascade   guided by the guide's final output, or by its output at the same depth (`CoAttention`)
    fuse1/2   how a fusion joins its sequences: "add" position by position, "concat" along time (A11, A16)
    align     how two lengths are made one before adding: the shorter is padded, "pad", both are spread over the
              L positions, "stretch", or each is averaged to one vector, "pool" (A11)
    order     "audio_first": audio + words, then BERT; "bert_first": words + BERT, then audio
    pooling   after the last self-attention: "attention" (AttFlat), "mean", or the "bert" position (A17)
    head      "series": predictor on the ReLU of the projection; "parallel": both on the pooled vector;
              "two_layer": as parallel, with a predictor of two layers (A10)
    """

    system: str = "vcemo"
    n_classes: int = 6
    n_mels: int = 80
    word_dim: int = 300
    bert_dim: int = 768
    d: int = 512
    n_layers: int = 3
    n_heads: int = 4
    d_ff: int = 1024
    dropout: float = 0.1
    length: int = 60
    conv_channels: tuple[int, ...] = (32, 64, 128)
    modalities: tuple[str, ...] = MODALITIES
    guide1: Literal["words", "audio", "both"] = "words"
    guide2: Literal["fused", "bert"] = "fused"
    direction: Literal["guided_asks", "guide_asks"] = "guided_asks"
    cascade: Literal["encoder_decoder", "stacking"] = "encoder_decoder"
    fuse1: Literal["add", "concat"] = "add"
    fuse2: Literal["concat", "add"] = "concat"
    align: Literal["pad", "stretch", "pool"] = "pad"
    order: Literal["audio_first", "bert_first"] = "audio_first"
    pooling: Literal["attention", "mean", "bert"] = "attention"
    head: Literal["series", "parallel", "two_layer"] = "series"
    d_proj: int = 128
    speech_dim: int | None = None  # width of a speech model's frames, which then stand in place of mel and convolutions

    @property
    def frame_dim(self) -> int:
        """Width of what stands for the sound, frame by frame."""
        return self.speech_dim or self.n_mels

    def __post_init__(self) -> None:
        for name in ("conv_channels", "modalities"):  # lists, when read back from JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_choices(self)
        unknown = set(self.modalities) - set(MODALITIES)
        if unknown or not self.modalities or len(set(self.modalities)) < len(self.modalities):
            raise ValueError(f"modalities={self.modalities}: give some of {MODALITIES}, each once.")
        if self.pooling == "bert" and not self._ends_with_bert():
            raise ValueError(
                "pooling='bert' reads the BERT position; there is none without 'bert' in modalities, "
                "order='audio_first', fuse2='concat' and direction='guided_asks'. Use pooling='attention' or 'mean'."
            )

    def _ends_with_bert(self) -> bool:
        kept = self.direction == "guided_asks" or self.guide2 == "bert"  # else its answer is as long as its guide
        joined = self.order == "audio_first" and self.fuse2 == "concat" and "bert" in self.modalities and kept
        return joined or self.modalities == ("bert",)


@dataclass
class Output:
    """What every model returns.

    logits (B, C) · h (B, d_proj) the projector's output before normalisation, None in a baseline · attention
    the named maps, if they were asked for.
    """

    logits: Tensor
    h: Tensor | None = None
    attention: dict[str, Tensor] = field(default_factory=dict)
