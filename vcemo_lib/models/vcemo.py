"""VCEMO: three branches, two co-attention fusions, self-attention, projector and predictor (Paper §3, Fig. 1)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..data import DESCRIBED, Batch
from .attention import SA, AttFlat, masked_mean
from .encoders import ClipStatistics
from .fusion import Fusion, Lone
from .modalities import ENCODERS, encode
from .output import Output


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
        """The pooled vector (B, d) → logits (B, C) and h (B, d_proj)."""
        h = self.projector(pooled)
        return self.predictor(F.relu(h) if self.series else pooled), h


class VcemoModel(nn.Module):
    """The paper's model, with any non-empty subset of its modalities, and others (A43).

    words, audio → co-attention 1 → join → F1;  F1, BERT → co-attention 2 → join → F2;  SA(F2) → pool → heads.
    `meeting` says who meets whom in its readings and ablations, and `Lone` takes the place of fusion 1 where there is
    nobody to meet. With `statistics` those of the sound are added to the pooled vector.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.encoders = nn.ModuleDict({name: ENCODERS[name](config) for name in config.reads})
        self.first, self.later = meeting(config)
        if len(self.first) == 2:
            guide = {"words": "first", "audio": "second", "both": "both"}[config.guide1]
            self.fusion1 = Fusion(config, config.fuse1, guide)
        for k in range(2, 2 + len(self.later)):
            guide = "second" if config.guide2 == "bert" else "first"
            self.add_module(f"fusion{k}", Fusion(config, config.fuse2, guide, f"fused{k}"))
        if len(self.first) == 1:
            self.lone = Lone(config, vector=not DESCRIBED[self.first[0]].is_sequence)
        self.final = SA(config.d, config.n_heads, config.d_ff, config.dropout)
        self.pool = AttFlat(config.d, config.d, config.d, 1, config.dropout) if config.pooling == "attention" else None
        self.head = Head(config)
        sizes = (config.frame_dim, config.statistics, config.d, config.dropout)
        self.statistics = ClipStatistics(*sizes) if config.statistics and "audio" in config.reads else None

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C) and h (B, d_proj); with keep_attention also the last maps of each stack.

        Maps are (B, H, queries, keys), by name "words", "audio_by_words", "fused", "bert_by_fused" and
        "final"; "pool" is (B, positions). A sequence of F1 has the L positions of the addition.
        """
        branch = {name: encode(name, encoder, batch) for name, encoder in self.encoders.items()}
        begin = self.fusion1 if len(self.first) == 2 else self.lone
        fused = begin(*(branch[name] for name in self.first), keep_maps=keep_attention)  # F1
        for k, name in enumerate(self.later, start=2):
            fused = self.get_submodule(f"fusion{k}")(fused, branch[name], keep_attention)  # F2
        x, attention = self.final(fused.x, fused.mask, keep_attention)
        pooled, weights = self._pooled(x, fused.mask)
        if self.statistics is not None:
            pooled = pooled + self.statistics(batch.mel, batch.mel_mask)
        return Output(*self.head(pooled), fused.maps | {"final": attention} | weights if keep_attention else {})

    def _pooled(self, x: Tensor, mask: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """x (B, N, d), mask (B, N) → (B, d), and by name what weights (B, N) it took the positions with (A17)."""
        if self.pool is not None:
            pooled, weights = self.pool(x, mask)
            return pooled, {"pool": weights[:, 0]}
        return masked_mean(x, mask) if self.config.pooling == "mean" else x[:, -1], {}  # BERT's position is the last


def meeting(config: ModelConfig) -> tuple[list[str], list[str]]:
    """Who meets first, two or one, and who joins them after, each in a fusion of its own.

    >>> meeting(ModelConfig())
    (['words', 'audio'], ['bert'])
    >>> meeting(ModelConfig(modalities=("audio", "bert")))
    (['audio'], ['bert'])
    """
    order = ["words", "audio", "bert"] if config.order == "audio_first" else ["words", "bert", "audio"]
    present = [name for name in order + [n for n in config.reads if n not in order] if name in config.reads]
    first = 2 if present[:2] == order[:2] else 1
    return present[:first], present[first:]
