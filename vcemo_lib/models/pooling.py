"""From the last sequence to one vector: attention pooling, the mean, or the position of BERT (A17)."""

from torch import Tensor, nn

from ..config import ModelConfig
from .attention import AttFlat, masked_mean


class AttentionPool(AttFlat):
    """`AttFlat` with one glimpse, of width d."""

    def __init__(self, d: int, dropout: float):
        super().__init__(d, d, d, 1, dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """x (B, N, d), mask (B, N) → (B, d), and by name what weights (B, N) it took the positions with."""
        pooled, weights = super().forward(x, mask)
        return pooled, {"pool": weights[:, 0]}


class MeanPool(nn.Module):
    """The mean over the valid positions."""

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """x (B, N, d), mask (B, N) → (B, d), and no weights."""
        return masked_mean(x, mask), {}


class LastPool(nn.Module):
    """The last position: that of BERT, which is put there by the concatenation."""

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """x (B, N, d) → (B, d), and no weights."""
        return x[:, -1], {}


def build_pool(config: ModelConfig) -> nn.Module:
    """The pooling that a configuration names."""
    if config.pooling == "attention":
        return AttentionPool(config.d, config.dropout)
    return MeanPool() if config.pooling == "mean" else LastPool()
