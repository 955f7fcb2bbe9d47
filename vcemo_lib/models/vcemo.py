"""VCEMO: three branches, two co-attention fusions, self-attention, projector and predictor (Paper §3, Fig. 1)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ..config import MODALITIES, ModelConfig
from ..data.batch import Batch
from .attention import SA, AttFlat, masked_mean
from .encoders import AudioEncoder, BertEncoder, FrameEncoder, WordEncoder
from .fusion import Fusion, Lone, Sequence
from .output import Output

__all__ = ["MODALITIES", "Fusion", "Lone", "ModelConfig", "Output", "Sequence", "VcemoModel"]


class Head(nn.Module):
    """Projector Linear(d → d_proj) for SupCon and predictor → C for cross-entropy (Paper §3.3–3.4; A10)."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.series = config.head == "series"
        self.projector = nn.Linear(config.d, config.d_proj)
        if config.head == "two_layer":
            hidden = nn.Linear(config.d, config.d)
            self.predictor = nn.Sequential(hidden, nn.ReLU(), nn.Linear(config.d, config.n_classes))
        else:
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
            guide = {"words": "first", "audio": "second", "both": "both"}[config.guide1]
            self.fusion1 = Fusion(config, config.fuse1, guide)
        if self.early and self.late:
            self.fusion2 = Fusion(config, config.fuse2, "second" if config.guide2 == "bert" else "first")
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
    if name == "audio" and config.speech_dim:
        return FrameEncoder(config.speech_dim, config.d, config.length, config.dropout)
    if name == "audio":
        return AudioEncoder(config.n_mels, config.conv_channels, config.d, config.length)
    if name == "words":
        return WordEncoder(config.word_dim, config.d, config.length)
    return BertEncoder(config.bert_dim, config.d)
