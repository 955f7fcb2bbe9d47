"""A small network with statistics pooling, with per-speaker normalisation of what it pools. Beyond the paper.

For corpora of few speakers: what is constant in a speaker cannot tell a new speaker's emotion. It is normalised away
twice, in the frames (`normalise="speaker"`) and in the pooled features. Chapter 05 measures the gain.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .batch_norm import masked_norm

CLIPS, SPEAKERS = 16, 3  # a batch: up to 16 clips of a speaker, of as many speakers as make 48


class StatsNet(nn.Module):
    """Linear(d) → 3 × (Conv1d k=5 → BatchNorm → ReLU) → statistics pooling → `normalise_by_speaker` → Linear.

    Statistics pooling is mean and deviation over time, as in x-vectors (Snyder et al., ICASSP 2018).
    """

    def __init__(self, n_in: int, n_classes: int, d: int = 64, dropout: float = 0.3):
        super().__init__()
        self.dropout, self.inward = nn.Dropout(dropout), nn.Linear(n_in, d)
        self.convs = nn.ModuleList(nn.Conv1d(d, d, 5, padding=2, bias=False) for _ in range(3))
        self.norms = nn.ModuleList(nn.BatchNorm1d(d) for _ in self.convs)
        self.out = nn.Linear(2 * d, n_classes)

    def pooled(self, frames: Tensor, mask: Tensor) -> Tensor:
        """frames (B, T, n_in), mask (B, T) → (B, 2·d): mean and deviation of the valid steps."""
        x = self.inward(self.dropout(frames)) * mask[..., None]
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = masked_norm(norm, conv(x.transpose(1, 2)).transpose(1, 2), mask)
        share = (mask / mask.sum(1, keepdim=True))[..., None]
        mean = (x * share).sum(1)
        variance = ((x - mean[:, None]) ** 2 * share).sum(1)
        return torch.cat([mean, variance.clamp(min=1e-5).sqrt()], 1)

    def forward(self, frames: Tensor, mask: Tensor, speaker: Tensor) -> Tensor:
        """frames (B, T, n_in), mask (B, T), speaker (B,) int → logits (B, C)."""
        return self.out(self.dropout(normalise_by_speaker(self.pooled(frames, mask), speaker)))


def normalise_by_speaker(h: Tensor, speaker: Tensor) -> Tensor:
    """h (B, D) less its speaker's mean, over its speaker's deviation; speaker (B,) int.

    A tenth of the deviation over all rows is added to the speaker's, so that a dimension which hardly varies within one
    speaker stays small.
    """
    result = torch.empty_like(h)
    least = 0.1 * h.std(0, correction=0) + 1e-3
    for one in speaker.unique():
        of = speaker == one
        result[of] = (h[of] - h[of].mean(0)) / (h[of].std(0, correction=0) + least)
    return result


def answers(
    frames: Tensor,
    mask: Tensor,
    y: Tensor,
    speaker: Tensor,
    seen: np.ndarray,
    asked: np.ndarray,
    n_classes: int,
    seed: int = 0,
    updates: int = 420,
) -> np.ndarray:
    """Train on the clips `seen` and predict the clips `asked`: probabilities (N, C) float32.

    The labels of other clips than the seen ones are never read; but a speaker's mean and deviation are those of all
    their clips here, without labels.

    Args:
        frames: (all, T, n_in), normalised per speaker.
        mask: (all, T).
        y: (all,) class numbers.
        speaker: (all,) int.
        seen: rows of the training clips.
        asked: rows of the clips to predict.
        n_classes: C.
        seed: of the weights and the batches.
        updates: optimiser steps.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = StatsNet(frames.shape[2], n_classes)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, updates)
    for _ in range(updates):
        at = _batch_of(rng, speaker.numpy(), seen)
        valid = mask[at]
        longest = int(valid.sum(1).max())
        x, valid = _masked(rng, frames[at, :longest], valid), valid[:, :longest]
        loss = F.cross_entropy(net(x, valid, speaker[at]), y[at], label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    net.eval()
    with torch.no_grad():
        h = torch.cat([net.pooled(x, valid) for x, valid in zip(frames.split(64), mask.split(64), strict=True)])
        return net.out(normalise_by_speaker(h, speaker)[asked]).softmax(1).numpy()


def _batch_of(rng: np.random.Generator, speaker: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Rows of a batch: several clips of each speaker in it, since a speaker's mean needs more than one."""
    chosen: list[int] = []
    for one in rng.permutation(np.unique(speaker[seen])):
        chosen += list(rng.permutation(seen[speaker[seen] == one])[:CLIPS])
        if len(chosen) >= CLIPS * SPEAKERS:
            break
    return np.array(chosen)


def _masked(rng: np.random.Generator, x: Tensor, mask: Tensor, longest: int = 10) -> Tensor:
    """x (B, T, D) with two stretches of up to ten frames of each clip set to 0, their mean."""
    x = x.clone()
    for clip, n in enumerate(mask.sum(1).tolist()):
        for width in rng.integers(0, longest + 1, 2):
            start = rng.integers(0, max(1, n - width))
            x[clip, start : start + width] = 0
    return x
