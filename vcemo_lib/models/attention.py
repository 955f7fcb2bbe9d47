"""Attention units of the co-attention layer: self-attention, guided attention, their stack, pooling.

All sequences are batch-first (B, N, D); masks are (B, N) bool, True = keep. The units are those of Yu et
al. 2019, "Deep Modular Co-Attention Networks" (CVPR), which the paper builds on (Paper §3.3, Fig. 2).
"""

import math
from typing import get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import Cascade, Direction
from ..errors import VcemoError
from .dropout import Dropout, drop


class ModelError(VcemoError):
    """A model, or a layer of one, that cannot be built from these settings."""


class MultiHeadAttention(nn.Module):
    """softmax(q kᵀ / √(D/H)) v with H heads (Paper §3.3, Eqs. 1–3; bias in each of the four linear maps).

    A query that has no key to look at receives zeros. Dropout acts on the attention map.

    Raises:
        ModelError: the width does not split into so many heads.
    """

    def __init__(self, d: int, n_heads: int, dropout: float = 0.1):
        super().__init__()
        if d % n_heads:
            raise ModelError(f"Width d={d} does not split into n_heads={n_heads} heads; choose a divisor of d.")
        self.n_heads, self.dropout = n_heads, dropout
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))

    def forward(
        self, query: Tensor, source: Tensor, mask: Tensor | None = None, keep_map: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Queries (B, Q, D) look at source (B, N, D) with its mask (B, N).

        Returns (B, Q, D) and, when kept, the map (B, H, Q, N) before dropout.
        """
        q, k, v = map(self._split, self._projected(query, source))
        if mask is None:
            mixed, attention = self._mix(q, k, v, None, keep_map)
            return self._joined(mixed), attention if keep_map else None
        seen = mask.any(1)[:, None, None]
        closed = ~mask[:, None, None] & seen[:, None]  # (B, 1, 1, N); without any key: opened, zeroed below
        closed = torch.zeros_like(closed, dtype=q.dtype).masked_fill(closed, -math.inf)
        seen = seen.to(q.dtype)  # numbers, as torch is slow where a bool meets a float
        mixed, attention = self._mix(q, k, v, closed, keep_map)
        return self._joined(mixed) * seen, attention * seen[:, None] if keep_map else None

    def _projected(self, query: Tensor, source: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values before they are split; what comes from one sequence in one product."""
        if query is source:
            return _linear(source, self.query, self.key, self.value)
        return self.query(query), *_linear(source, self.key, self.value)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (B, N, D) -> (B, H, N, D/H)

    def _joined(self, mixed: Tensor) -> Tensor:
        return self.out(mixed.transpose(1, 2).flatten(2))  # (B, H, N, D/H) -> (B, N, D)

    def _mix(self, q: Tensor, k: Tensor, v: Tensor, closed: Tensor | None, keep_map: bool):
        """softmax(q kᵀ / √(D/H) + closed) v, closed being −∞ at keys that nobody may look at, else 0."""
        dropout = self.dropout if self.training else 0.0
        if not keep_map and (q.is_cuda or dropout == 0):  # the same formula, fused; it cannot return the map
            return F.scaled_dot_product_attention(q, k, v, attn_mask=closed, dropout_p=dropout), None
        scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
        attention = (scores if closed is None else scores + closed).softmax(-1)
        return drop(attention, dropout) @ v, attention


def _linear(x: Tensor, *maps: nn.Linear) -> tuple[Tensor, ...]:
    """What each linear map of one width makes of x, by a single product."""
    weight, bias = torch.cat([linear.weight for linear in maps]), torch.cat([linear.bias for linear in maps])
    return F.linear(x, weight, bias).chunk(len(maps), -1)


class FeedForward(nn.Sequential):
    """Linear(d, d_ff) → ReLU → Dropout → Linear(d_ff, d), at each position alone."""

    def __init__(self, d: int, d_ff: int, dropout: float = 0.1):
        super().__init__(nn.Linear(d, d_ff), nn.ReLU(), Dropout(dropout), nn.Linear(d_ff, d))


class Residual(nn.Module):
    """x ← LayerNorm(x + Dropout(change)): the post-norm step that ends every sub-layer.

    LayerNorm is torch's, (x − mean) / √(var + ε) with the biased variance and ε = 1e-5. The released code of MCAN, and
    of UMONS after it, divides by (s + 1e-6), s the unbiased deviation: at d = 512 the two differ by a factor of 1.001.
    With that LayerNorm in place of `norm` the units equal MCAN's to rounding (tests/models/test_mcan.py).
    """

    def __init__(self, d: int, dropout: float = 0.1):
        super().__init__()
        self.norm, self.dropout = nn.LayerNorm(d), Dropout(dropout)

    def forward(self, x: Tensor, change: Tensor) -> Tensor:
        """x and the sub-layer's output, (…, d) → (…, d)."""
        return self.norm(x + self.dropout(change))


class SA(nn.Module):
    """Self-attention unit: x ← LN(x + Drop(MHA(x, x, x))); x ← LN(x + Drop(FFN(x)))  (Fig. 2, left)."""

    def __init__(self, d: int, n_heads: int, d_ff: int, dropout: float = 0.1):
        super().__init__()
        self.attend, self.feed = MultiHeadAttention(d, n_heads, dropout), FeedForward(d, d_ff, dropout)
        self.add1, self.add2 = Residual(d, dropout), Residual(d, dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None, keep_map: bool = False) -> tuple[Tensor, Tensor | None]:
        """x (B, N, D), mask (B, N) → (B, N, D) and, when kept, the map (B, H, N, N)."""
        change, attention = self.attend(x, x, mask, keep_map)
        x = self.add1(x, change)
        return self.add2(x, self.feed(x)), attention


class SGA(nn.Module):
    """Guided unit: y attends to itself, then to its guide, then one FFN  (Fig. 2, right; A12, A44).

    y ← LN(y + Drop(MHA(q=y, k=v=y))); y ← LN(y + Drop(MHA(q=y, k=v=guide))); y ← LN(y + Drop(FFN(y)))

    direction "guide_asks" is the other reading of A12: the second step is LN(guide + Drop(MHA(q=guide, k=v=y))).
    The answer is as long as the guide, so the residual can only be the guide's.
    """

    def __init__(self, d: int, n_heads: int, d_ff: int, dropout: float = 0.1, direction: Direction = "guided_asks"):
        super().__init__()
        self.guide_asks = direction == "guide_asks"
        self.attend, self.look = (MultiHeadAttention(d, n_heads, dropout) for _ in range(2))
        self.feed = FeedForward(d, d_ff, dropout)
        self.add1, self.add2, self.add3 = (Residual(d, dropout) for _ in range(3))

    def forward(
        self,
        y: Tensor,
        guide: Tensor,
        mask: Tensor | None = None,
        guide_mask: Tensor | None = None,
        keep_map: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """y (B, M, D) guided by guide (B, N, D) → (B, M, D) and, when kept, the guided map (B, H, M, N).

        When the guide asks: (B, N, D) and (B, H, N, M).
        """
        y = self.add1(y, self.attend(y, y, mask)[0])
        asks, answers, answer_mask = (guide, y, mask) if self.guide_asks else (y, guide, guide_mask)
        change, attention = self.look(asks, answers, answer_mask, keep_map)
        y = self.add2(asks, change)
        return self.add3(y, self.feed(y)), attention


class CoAttention(nn.Module):
    """N SA units on the guide, N SGA units on the guided sequence (Paper §3.3).

    cascade "encoder_decoder": every SGA is guided by the guide's final output, as the paper prefers;
    "stacking": the SGA of layer n is guided by the guide's output of layer n.

    Raises:
        ModelError: no such cascade or direction.
    """

    def __init__(
        self,
        d: int,
        n_heads: int,
        d_ff: int,
        n_layers: int,
        dropout: float = 0.1,
        cascade: Cascade = "encoder_decoder",
        direction: Direction = "guided_asks",
    ):
        super().__init__()
        for name, value, known in (("cascade", cascade, Cascade), ("direction", direction, Direction)):
            if value not in get_args(known):
                raise ModelError(f"{name}={value!r} is unknown; use one of {', '.join(get_args(known))}.")
        self.cascade, self.direction = cascade, direction
        self.guide_units = nn.ModuleList(SA(d, n_heads, d_ff, dropout) for _ in range(n_layers))
        self.guided_units = nn.ModuleList(SGA(d, n_heads, d_ff, dropout, direction) for _ in range(n_layers))

    def forward(
        self,
        guide: Tensor,
        guided: Tensor,
        guide_mask: Tensor | None = None,
        guided_mask: Tensor | None = None,
        keep_map: bool = False,
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """guide (B, N, D), guided (B, M, D) → both, same shapes, and the maps of the last layer.

        When the guide asks, what was guided takes the guide's length, and its mask holds from then on.
        Maps: "guide" (B, H, N, N) and "guided" (B, H, M, N); none when they are not kept, or no layer is there.
        """
        depths, maps = [], {}
        for unit in self.guide_units:
            guide, maps["guide"] = unit(guide, guide_mask, keep_map)
            depths.append(guide)
        for n, unit in enumerate(self.guided_units):
            source = depths[n] if self.cascade == "stacking" else guide
            guided, maps["guided"] = unit(guided, source, guided_mask, guide_mask, keep_map)
            guided_mask = guide_mask if self.direction == "guide_asks" else guided_mask
        return guide, guided, maps if keep_map else {}


class AttFlat(nn.Module):
    """Attention pooling: α = softmax over positions of MLP(x); each glimpse is Σ α x (A17).

    Linear(d, hidden) → ReLU → Dropout → Linear(hidden, G); with `out` the G glimpses are concatenated and
    mapped by Linear(G·d, out) to (B, out), without it they are returned as (B, G, d).
    """

    def __init__(self, d: int, hidden: int, out: int | None, glimpses: int = 1, dropout: float = 0.1):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), Dropout(dropout), nn.Linear(hidden, glimpses))
        self.merge = nn.Linear(glimpses * d, out) if out else None

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (B, N, d), mask (B, N) → pooled and its weights (B, G, N), zeros if no position is valid."""
        attention = masked_softmax(self.score(x).transpose(1, 2), None if mask is None else mask[:, None])
        glimpses = attention @ x
        return (self.merge(glimpses.flatten(1)) if self.merge else glimpses), attention


def masked_softmax(scores: Tensor, mask: Tensor | None) -> Tensor:
    """Softmax over the last axis of the positions whose mask is True; a row without any gives zeros, not NaN."""
    if mask is None:
        return scores.softmax(-1)
    seen = mask.any(-1, keepdim=True)
    return scores.masked_fill(~mask & seen, float("-inf")).softmax(-1) * seen


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """Mean over the valid positions of x (B, N, D), mask (B, N) → (B, D); zeros where there is none."""
    weights = mask.to(x.dtype)
    return (weights[:, None] @ x)[:, 0] / weights.sum(1, keepdim=True).clamp(min=1)


def masked_max(x: Tensor, mask: Tensor) -> Tensor:
    """Maximum over the valid positions of x (B, N, D), mask (B, N) → (B, D); zeros where there is none."""
    best = x.masked_fill(~mask[..., None], float("-inf")).amax(1)
    return best.masked_fill(~mask.any(1, keepdim=True), 0.0)
