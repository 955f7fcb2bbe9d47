"""How two sequences become one: co-attention, then addition or concatenation (Paper §3.3, Fig. 1–2)."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from .attention import SA, CoAttention, masked_mean
from .encoders import adaptive_time_pool


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
    """One fusion: co-attention between two sequences, then their sum or concatenation (Paper §3.3).

    Args:
        guide: "first", "second", or "both": each is guided by the other, in a co-attention of its own (A13).
    """

    def __init__(self, config: ModelConfig, join: str, guide: str):
        super().__init__()
        self.join, self.guide, self.align, self.length = join, guide, config.align, config.length
        self.coattention = _coattention(config)
        if guide == "both":
            self.back = _coattention(config)

    def forward(self, first: Sequence, second: Sequence, maps: dict[str, Tensor] | None) -> Sequence:
        if self.guide == "both":
            guided = _guided(self.back, second, first, maps)[1], _guided(self.coattention, first, second, maps)[1]
            return self._joined(*guided)
        if self.guide == "second":
            second, first = _guided(self.coattention, second, first, maps)
        else:
            first, second = _guided(self.coattention, first, second, maps)
        return self._joined(first, second)

    def _joined(self, first: Sequence, second: Sequence) -> Sequence:
        if self.join == "concat":  # the second begins at L, whatever the lengths in this batch
            x, mask = first.padded(1 if first.vector else self.length)
            return Sequence("fused", torch.cat([x, second.x], 1), torch.cat([mask, second.mask], 1))
        first, second = first.along(second), second.along(first)
        (x, x_mask), (y, y_mask) = self._aligned(first, second)
        return Sequence("fused", x + y, x_mask | y_mask)  # union of the masks (A11)

    def _aligned(self, *pair: Sequence) -> list[tuple[Tensor, Tensor]]:
        """Both with the same number of positions, what is padding zero (A11)."""
        if self.align == "stretch":
            return [adaptive_time_pool(s.x, s.mask, self.length) for s in pair]
        if self.align == "pool":
            return [(masked_mean(s.x, s.mask)[:, None], s.mask.any(1, keepdim=True)) for s in pair]
        n = max(self.length, *(s.x.shape[1] for s in pair))
        return [s.padded(n) for s in pair]


def _coattention(config: ModelConfig) -> CoAttention:
    return CoAttention(
        config.d, config.n_heads, config.d_ff, config.n_layers, config.dropout, config.cascade, config.direction
    )


def _guided(layer: CoAttention, guide: Sequence, guided: Sequence, maps) -> tuple[Sequence, Sequence]:
    """Guide and guided after a co-attention; its maps are noted where they are kept."""
    x, y, found = layer(guide.x, guided.x, guide.mask, guided.mask, maps is not None)
    asks, answers = (guided, guide) if layer.direction == "guided_asks" else (guide, guided)
    if maps is not None:
        maps[guide.name], maps[f"{asks.name}_by_{answers.name}"] = found["guide"], found["guided"]
    return replace(guide, x=x), Sequence(guided.name, y, asks.mask, asks.vector)


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
