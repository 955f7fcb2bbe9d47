"""VCEMO: three branches, two co-attention fusions, self-attention, projector and predictor (Paper §3, Fig.
1).

Every reading of an unclear sentence is a field of `ModelConfig`; the defaults are the recommended readings
(A10–A44).
"""

from dataclasses import dataclass, field, fields
from typing import Literal, get_args, get_origin

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import SA, AttFlat, CoAttention, masked_mean
from .batch import Batch
from .encoders import AudioEncoder, BertEncoder, WordEncoder

MODALITIES = ("audio", "words", "bert")


@dataclass(frozen=True)
class ModelConfig:
    """Sizes and readings of one model. Baselines read the sizes; what they make of them is in their
    docstrings.

    guide1    guides fusion 1: "words", or the other sequence, "audio" (A13; BERT under order="bert_first")
    guide2    guides fusion 2: the "fused" sequence, or the newcomer, "bert" (A13; audio under "bert_first")
    cascade   guided by the guide's final output, or by its output at the same depth (`CoAttention`)
    fuse1/2   how a fusion joins its sequences: "add" position by position, "concat" along time (A11, A16)
    order     "audio_first": audio + words, then BERT; "bert_first": words + BERT, then audio
    pooling   after the last self-attention: "attention" (AttFlat), "mean", or the "bert" position (A17)
    head      "series": predictor on the ReLU of the projection; "parallel": both on the pooled vector (A10)
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
    guide1: Literal["words", "audio"] = "words"
    guide2: Literal["fused", "bert"] = "fused"
    cascade: Literal["encoder_decoder", "stacking"] = "encoder_decoder"
    fuse1: Literal["add", "concat"] = "add"
    fuse2: Literal["concat", "add"] = "concat"
    order: Literal["audio_first", "bert_first"] = "audio_first"
    pooling: Literal["attention", "mean", "bert"] = "attention"
    head: Literal["series", "parallel"] = "series"
    d_proj: int = 128

    def __post_init__(self) -> None:
        for name in ("conv_channels", "modalities"):  # lists, when read back from JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for f in fields(self):
            allowed = get_args(f.type) if get_origin(f.type) is Literal else None
            if allowed and getattr(self, f.name) not in allowed:
                raise ValueError(f"{f.name}={getattr(self, f.name)!r} is unknown; use one of {allowed}.")
        unknown = set(self.modalities) - set(MODALITIES)
        if unknown or not self.modalities or len(set(self.modalities)) < len(self.modalities):
            raise ValueError(f"modalities={self.modalities}: give some of {MODALITIES}, each once.")
        if self.pooling == "bert" and not self._ends_with_bert():
            raise ValueError(
                "pooling='bert' reads the BERT position; there is none without 'bert' in modalities, "
                "order='audio_first' and fuse2='concat'. Use pooling='attention' or 'mean'."
            )

    def _ends_with_bert(self) -> bool:
        joined = self.order == "audio_first" and self.fuse2 == "concat" and "bert" in self.modalities
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


@dataclass
class Sequence:
    """A sequence x (B, N, d), its mask (B, N), its name in attention maps; a vector has N = 1 and no time."""

    name: str
    x: Tensor
    mask: Tensor
    vector: bool = False

    def padded(self, length: int) -> tuple[Tensor, Tensor]:
        """x and mask of at least `length` positions; what is padding is zero."""
        missing = max(0, length - self.x.shape[1])
        return F.pad(self.x * self.mask[..., None], (0, 0, 0, missing)), F.pad(self.mask, (0, missing))

    def along(self, other: "Sequence") -> "Sequence":
        """A vector repeated at every valid step of another sequence; a sequence as it is."""
        return Sequence(self.name, self.x.expand_as(other.x), other.mask) if self.vector else self


class Fusion(nn.Module):
    """One fusion: co-attention between two sequences, then their sum or concatenation (Paper §3.3)."""

    def __init__(self, config: ModelConfig, join: str, second_guides: bool):
        super().__init__()
        self.join, self.second_guides, self.length = join, second_guides, config.length
        self.coattention = CoAttention(
            config.d, config.n_heads, config.d_ff, config.n_layers, config.dropout, config.cascade
        )

    def forward(self, first: Sequence, second: Sequence, maps: dict[str, Tensor] | None) -> Sequence:
        guide, guided = (second, first) if self.second_guides else (first, second)
        keep = maps is not None
        guide.x, guided.x, found = self.coattention(guide.x, guided.x, guide.mask, guided.mask, keep)
        if keep:
            maps[guide.name], maps[f"{guided.name}_by_{guide.name}"] = found["guide"], found["guided"]
        return self._joined(first, second)

    def _joined(self, first: Sequence, second: Sequence) -> Sequence:
        if self.join == "concat":  # the second begins at L, whatever the lengths in this batch
            x, mask = first.padded(1 if first.vector else self.length)
            return Sequence("fused", torch.cat([x, second.x], 1), torch.cat([mask, second.mask], 1))
        first, second = first.along(second), second.along(first)
        n = max(self.length, first.x.shape[1], second.x.shape[1])
        (x, x_mask), (y, y_mask) = first.padded(n), second.padded(n)
        return Sequence("fused", x + y, x_mask | y_mask)  # union of the masks (A11)


class Lone(nn.Module):
    """Takes the place of a fusion when only one sequence is there: a stack of SA (A43)."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        sizes = (config.d, config.n_heads, config.d_ff, config.dropout)
        self.units = nn.ModuleList(SA(*sizes) for _ in range(config.n_layers))

    def forward(self, lone: Sequence, maps: dict[str, Tensor] | None) -> Sequence:
        for unit in self.units:
            lone.x, own = unit(lone.x, lone.mask, maps is not None)
        if maps is not None:
            maps[lone.name] = own
        return Sequence("fused", lone.x, lone.mask)


class Head(nn.Module):
    """Projector Linear(d → d_proj) for SupCon and predictor → C for cross-entropy (Paper §3.3–3.4; A10)."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.series = config.head == "series"
        self.projector = nn.Linear(config.d, config.d_proj)
        self.predictor = nn.Linear(config.d_proj if self.series else config.d, config.n_classes)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        h = self.projector(pooled)
        return self.predictor(F.relu(h) if self.series else pooled), h


class VcemoModel(nn.Module):
    """The paper's model, with any non-empty subset of its modalities (A43).

    audio, words → co-attention 1 → join → F1;  F1, BERT → co-attention 2 → join → F2;  SA(F2) → pool → heads.
    A fusion whose partner is missing falls away: one audio or word sequence gets a stack of SA instead of
    fusion 1, BERT alone goes straight to the last self-attention.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.encoders = nn.ModuleDict(
            {name: _encoder(name, config) for name in MODALITIES if name in config.modalities}
        )
        early = ("words", "audio") if config.order == "audio_first" else ("words", "bert")
        late = "bert" if config.order == "audio_first" else "audio"
        self.early = [name for name in early if name in self.encoders]
        self.late = late if late in self.encoders else None
        if len(self.early) == 2:
            self.fusion1 = Fusion(config, config.fuse1, second_guides=config.guide1 == "audio")
        if self.early and self.late:
            self.fusion2 = Fusion(config, config.fuse2, second_guides=config.guide2 == "bert")
        if self._alone() not in (None, "bert"):
            self.lone = Lone(config)
        self.final = SA(config.d, config.n_heads, config.d_ff, config.dropout)
        if config.pooling == "attention":
            self.pool = AttFlat(config.d, config.d, config.d, 1, config.dropout)
        self.head = Head(config)

    def _alone(self) -> str | None:
        """The sequence that fusion 1 would have joined to another, if it has none."""
        return self.early[0] if len(self.early) == 1 else None if self.early else self.late

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C) and h (B, d_proj); with keep_attention also the last maps of each stack.

        Maps are (B, H, queries, keys), by name "words", "audio_by_words", "fused", "bert_by_fused" and
        "final"; "pool" is (B, positions). A sequence of F1 has the L positions of the addition.
        """
        maps = {} if keep_attention else None
        fused = self._fuse({name: self._encode(name, batch) for name in self.encoders}, maps)
        x, own = self.final(fused.x, fused.mask, keep_attention)
        if maps is not None:
            maps["final"] = own
        logits, h = self.head(self._pool(x, fused.mask, maps))
        return Output(logits, h, maps or {})

    def _encode(self, name: str, batch: Batch) -> Sequence:
        if name == "bert":
            return Sequence(name, *self.encoders[name](batch.bert), vector=True)
        inputs = (batch.mel, batch.mel_mask) if name == "audio" else (batch.words, batch.words_mask)
        return Sequence(name, *self.encoders[name](*inputs))

    def _fuse(self, sequences: dict[str, Sequence], maps: dict[str, Tensor] | None) -> Sequence:
        alone = self._alone()
        if alone is None:
            fused = self.fusion1(*(sequences[name] for name in self.early), maps)
        else:
            fused = sequences[alone] if alone == "bert" else self.lone(sequences[alone], maps)
        if self.early and self.late:
            fused.name = "fused"
            fused = self.fusion2(fused, sequences[self.late], maps)
        return fused

    def _pool(self, x: Tensor, mask: Tensor, maps: dict[str, Tensor] | None) -> Tensor:
        if self.config.pooling == "mean":
            return masked_mean(x, mask)
        if self.config.pooling == "bert":
            return x[:, -1]  # BERT is the last position of the concatenation
        pooled, attention = self.pool(x, mask)
        if maps is not None:
            maps["pool"] = attention[:, 0]
        return pooled


def _encoder(name: str, config: ModelConfig) -> nn.Module:
    if name == "audio":
        return AudioEncoder(config.n_mels, config.conv_channels, config.d, config.length)
    if name == "words":
        return WordEncoder(config.word_dim, config.d, config.length)
    return BertEncoder(config.bert_dim, config.d)
