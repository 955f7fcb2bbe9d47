"""How two sequences become one: co-attention, then addition or concatenation (Paper §3.3, Fig. 1–2)."""

from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from .attention import SA, CoAttention, masked_mean
from .encoders import adaptive_time_pool, zeroed


@dataclass(frozen=True)
class Sequence:
    """A sequence x (B, N, d), its mask (B, N), its name in attention maps; a vector has N = 1 and no time.

    maps: by name the attention maps by which it came about, where they are kept.
    """

    name: str
    x: Tensor
    mask: Tensor
    vector: bool = False
    maps: dict[str, Tensor] = field(default_factory=dict)

    def padded(self, length: int) -> tuple[Tensor, Tensor]:
        """x and mask of at least `length` positions; what is padding is zero."""
        missing = max(0, length - self.x.shape[1])
        return F.pad(zeroed(self.x, self.mask), (0, 0, 0, missing)), F.pad(self.mask, (0, missing))

    def along(self, other: "Sequence") -> "Sequence":
        """A vector repeated at every valid step of another sequence; a sequence as it is."""
        return replace(self, x=self.x.expand_as(other.x), mask=other.mask) if self.vector else self


class Fusion(nn.Module):
    """One fusion: co-attention between two sequences, then their sum or concatenation (Paper §3.3).

    Args:
        guide: "first", "second", or "both": each is guided by the other, in a co-attention of its own (A13).
        name: of what it gives.
    """

    def __init__(self, config: ModelConfig, join: str, guide: str, name: str = "fused"):
        super().__init__()
        self.join, self.guide, self.align, self.length = join, guide, config.align, config.length
        self.name = name
        sizes = (config.d, config.n_heads, config.d_ff, config.n_layers, config.dropout)
        self.coattention = CoAttention(*sizes, config.cascade, config.direction)
        if guide == "both":
            self.back = CoAttention(*sizes, config.cascade, config.direction)

    def forward(self, first: Sequence, second: Sequence, keep_maps: bool = False) -> Sequence:
        """Both as one, with the maps of both where they are kept."""
        if self.guide == "both":
            first_again = _guided(self.back, second, first, keep_maps)[1]
            second_again = _guided(self.coattention, first, second, keep_maps)[1]
            return self._joined(first_again, second_again)
        if self.guide == "second":
            second, first = _guided(self.coattention, second, first, keep_maps)
        else:
            first, second = _guided(self.coattention, first, second, keep_maps)
        return self._joined(first, second)

    def _joined(self, first: Sequence, second: Sequence) -> Sequence:
        x, mask = self._concatenated(first, second) if self.join == "concat" else self._added(first, second)
        return Sequence(self.name, x, mask, maps=first.maps | second.maps)

    def _concatenated(self, first: Sequence, second: Sequence) -> tuple[Tensor, Tensor]:
        """One after the other along time; the second begins at L, whatever the lengths in this batch."""
        x, mask = first.padded(1 if first.vector else self.length)
        return torch.cat([x, second.x], 1), torch.cat([mask, second.mask], 1)

    def _added(self, first: Sequence, second: Sequence) -> tuple[Tensor, Tensor]:
        """Position by position, with the union of the masks (A11)."""
        (x, x_mask), (y, y_mask) = self._aligned(first.along(second), second.along(first))
        return x + y, x_mask | y_mask

    def _aligned(self, *pair: Sequence) -> list[tuple[Tensor, Tensor]]:
        """Both with the same number of positions, what is padding zero (A11)."""
        if self.align == "stretch":
            return [adaptive_time_pool(s.x, s.mask, self.length) for s in pair]
        if self.align == "pool":
            return [(masked_mean(s.x, s.mask)[:, None], s.mask.any(1, keepdim=True)) for s in pair]
        n = max(self.length, *(s.x.shape[1] for s in pair))
        return [s.padded(n) for s in pair]


def _guided(layer: CoAttention, guide: Sequence, guided: Sequence, keep_maps: bool) -> tuple[Sequence, Sequence]:
    """Guide and guided after a co-attention; the maps of both go with the guided."""
    x, y, layer_maps = layer(guide.x, guided.x, guide.mask, guided.mask, keep_maps)
    asks, answers = (guided, guide) if layer.direction == "guided_asks" else (guide, guided)
    names = {"guide": guide.name, "guided": f"{asks.name}_by_{answers.name}"}
    maps = {names[kind]: attention for kind, attention in layer_maps.items()}
    return replace(guide, x=x), Sequence(guided.name, y, asks.mask, asks.vector, guided.maps | maps)


class Lone(nn.Module):
    """Takes the place of the first fusion when one is alone: a sequence goes through a stack of SA (A43).

    A vector has nothing to attend to and goes on as it is.
    """

    def __init__(self, config: ModelConfig, vector: bool = False):
        super().__init__()
        sizes = (config.d, config.n_heads, config.d_ff, config.dropout)
        self.units = nn.ModuleList(SA(*sizes) for _ in range(0 if vector else config.n_layers))

    def forward(self, lone: Sequence, keep_maps: bool = False) -> Sequence:
        """The sequence, as long as it was."""
        x, maps = lone.x, {}
        for unit in self.units:
            x, maps[lone.name] = unit(x, lone.mask, keep_maps)
        return replace(lone, name="fused", x=x, maps=maps if keep_maps else {})
