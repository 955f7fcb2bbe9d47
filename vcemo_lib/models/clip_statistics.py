"""What a clip sounds like on the whole: statistics over time of linear mixtures of its bands. Beyond the paper.

Statistics pooling is that of x-vectors (Snyder et al., *X-Vectors: Robust DNN Embeddings for Speaker Recognition*,
ICASSP 2018), here right on the frames: on a few hundred clips it learns what an SVM on MFCC statistics does, where
convolutions and LSTM learn the clips by heart (results/TRIALS.md). The mixtures take the place of the cosine transform.
"""

import torch
from torch import Tensor, nn

from .batch_norm import masked_norm
from .dropout import Dropout
from .encoders import zeroed

FLOOR = 1e-4  # added to variances: at 0 a root has no gradient


class ClipStatistics(nn.Module):
    """m = W·frame + b;  [mean of m, its deviation, root mean square of its steps, frames] → BatchNorm → Linear → ReLU.

    BatchNorm gives each statistic mean 0 and variance 1 over the clips, as a scaler before an SVM does.
    """

    def __init__(self, n_in: int, mixtures: int, d: int, dropout: float):
        super().__init__()
        self.mix = nn.Linear(n_in, mixtures)
        self.scale = nn.BatchNorm1d(3 * mixtures + 1, affine=False)
        self.linear, self.dropout = nn.Linear(3 * mixtures + 1, d), Dropout(dropout)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """frames (B, T, n_in), mask (B, T), any T ≥ 1 → (B, d)."""
        statistics = moments(self.mix(zeroed(frames, mask)).float(), mask)[:, None]
        clips = torch.ones_like(mask[:, :1])  # each is one step that is there
        return self.dropout(self.linear(masked_norm(self.scale, statistics, clips, relu=False)[:, 0]).relu())


def moments(x: Tensor, mask: Tensor) -> Tensor:
    """x (B, T, D), mask (B, T) → (B, 3D + 1): means, deviations, how far the steps reach, and how many frames."""
    x, n = zeroed(x, mask), mask.sum(1, keepdim=True).to(x.dtype)  # (B, 1)
    mean = x.sum(1) / n.clamp(min=1)
    variance = zeroed(x - mean[:, None], mask).square().sum(1) / n.clamp(min=1)
    steps = zeroed(x[:, 1:] - x[:, :-1], mask[:, 1:]).square().sum(1) / (n - 1).clamp(min=1)
    return torch.cat([mean, (variance + FLOOR).sqrt(), (steps + FLOOR).sqrt(), n], 1)
