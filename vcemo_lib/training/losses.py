"""Supervised contrastive loss, with or without a queue, and its mixture with cross-entropy (Paper §3.4)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import VcemoError

REFERENCE_TEMPERATURE = 0.07  # the base temperature of Khosla et al.'s released code


class LossError(VcemoError):
    """What a loss, a queue or a momentum encoder was given does not fit together."""


def supcon_loss(
    z: Tensor,
    labels: Tensor,
    *,
    keys: Tensor | None = None,
    key_labels: Tensor | None = None,
    temperature: float = 1.0,
    exclude_self: bool = True,
    reduction: Literal["mean", "sum"] = "mean",
    own_ids: Tensor | None = None,
    key_ids: Tensor | None = None,
    reference_scale: bool = False,
) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020, L_out; Paper §3.4).

        L_i = −1/|P(i)| Σ_{p∈P(i)} [ s_ip − log Σ_{a∈A(i)} exp(s_ia) ],   s_ij = z_i·z_j / τ

    Anchors i are the rows of z; A(i) holds the other rows of z and the keys; P(i) those of A(i) with i's
    label. Rows are L2-normalised here (A22). An anchor without positives has no loss and does not count in
    the mean (A30).

    Args:
        z: (M, D) projections, all views stacked.
        labels: (M,) integers.
        keys: (K, D) further contrasts, such as a queue.
        key_labels: (K,); −1 marks an unfilled slot, which is in no numerator and no denominator.
        temperature: τ.
        exclude_self: whether row i of z is left out of A(i).
        reduction: over anchors (A21): "mean", or "sum" as the paper's formula has it.
        own_ids: (M,) utterance numbers of the anchors.
        key_ids: (K,) those of the keys; a key with the anchor's own number leaves A(i) (A29).
        reference_scale: multiply by τ/0.07, as the authors' released code does.

    Returns:
        A scalar; 0 when no anchor has a positive.

    Raises:
        LossError: shapes that do not fit, τ ≤ 0, another reduction.
    """
    _check(z, labels, keys, key_labels, own_ids, key_ids, temperature, reduction)
    contrasts, contrast_labels = z, labels
    if keys is not None:
        filled = key_labels != -1
        if not filled.all():
            keys, key_labels = keys[filled], key_labels[filled]
            key_ids = None if key_ids is None else key_ids[filled]
        contrasts, contrast_labels = torch.cat([z, keys.to(z.dtype)]), torch.cat([labels, key_labels])
    left_out = _left_out(len(z), len(contrasts), exclude_self, own_ids, key_ids, z.device)
    positive = (labels[:, None] == contrast_labels) & ~left_out
    with torch.autocast(z.device.type, enabled=False):  # half precision would round the log-sum
        losses = _anchor_losses(z, contrasts, positive, left_out, temperature)
    total = losses.sum() if reduction == "sum" else losses.sum() / max(len(losses), 1)
    return total * (temperature / REFERENCE_TEMPERATURE) if reference_scale else total


def cross_entropy(
    logits: Tensor, labels: Tensor, imbalance: str = "none", weights: Tensor | None = None, gamma: float = 2.0
) -> Tensor:
    """Mean cross-entropy of (B, C) logits, plain as in the paper, or with a remedy against rare classes (A35).

    Args:
        logits: (B, C).
        labels: (B,) class numbers.
        imbalance: "weights" weighs each class by weights (C,); "focal" by (1 − p)^γ, the less sure the more (Lin et
            al. 2017); anything else leaves the loss plain (a sampler acts on the batches, not here).
        weights: (C,) for "weights".
        gamma: γ of "focal".
    """
    if imbalance == "weights":
        return F.cross_entropy(logits, labels, weight=weights)
    losses = F.cross_entropy(logits, labels, reduction="none")
    if imbalance == "focal":
        losses = losses * (1 - torch.exp(-losses)) ** gamma
    return losses.mean()


def mixed_loss(ce: Tensor, supcon: Tensor, alpha: float) -> Tensor:
    """L = (L_CE + α · L_SupCon) / (1 + α)  (Paper §3.4): α = 0 is cross-entropy alone."""
    if alpha < 0:
        raise LossError(f"alpha={alpha} weights the contrastive loss: give 0 (off) or more.")
    return (ce + alpha * supcon) / (1 + alpha)


def _anchor_losses(z: Tensor, contrasts: Tensor, positive: Tensor, left_out: Tensor, temperature: float) -> Tensor:
    """The losses of the anchors that have a positive, (≤ M,). Nothing larger than (M, M + K) is built."""
    count = positive.sum(1)
    anchors = count > 0
    wide = torch.promote_types(z.dtype, torch.float32)
    z, contrasts = F.normalize(z[anchors].to(wide), dim=1), F.normalize(contrasts.to(wide), dim=1)
    s = z @ contrasts.T / temperature
    # Σ_p (s_ip − log Σ_a e^{s_ia}) / |P| = mean of s over positives − one log-sum per anchor
    mean_positive = s.masked_fill(~positive[anchors], 0).sum(1) / count[anchors]
    return s.masked_fill(left_out[anchors], float("-inf")).logsumexp(1) - mean_positive


def _left_out(
    m: int, n: int, exclude_self: bool, own_ids: Tensor | None, key_ids: Tensor | None, device: torch.device
) -> Tensor:
    """(M, M + K) bool: pairs that are not in A(i): the anchor itself and stale copies of its utterance."""
    left_out = torch.zeros(m, n, dtype=torch.bool, device=device)
    if exclude_self:
        left_out.fill_diagonal_(True)
    if own_ids is not None and key_ids is not None:
        left_out[:, m:] = own_ids[:, None] == key_ids
    return left_out


def _check(z, labels, keys, key_labels, own_ids, key_ids, temperature, reduction) -> None:
    if labels.shape != z.shape[:1]:
        raise LossError(f"z has {len(z)} rows, labels {tuple(labels.shape)}; give one label a row, views stacked.")
    if (keys is None) != (key_labels is None) or keys is not None and key_labels.shape != keys.shape[:1]:
        raise LossError("keys and key_labels go together, one label a key; mark unfilled slots with −1.")
    if own_ids is not None and own_ids.shape != labels.shape:
        raise LossError(f"own_ids has shape {tuple(own_ids.shape)}; give each of the {len(z)} rows of z a number.")
    if key_ids is not None and (keys is None or own_ids is None or key_ids.shape != key_labels.shape):
        raise LossError("key_ids needs keys, one number a key, and own_ids to compare with.")
    if temperature <= 0:
        raise LossError(f"temperature={temperature} divides the similarities: give more than 0, such as 0.1.")
    if reduction not in ("mean", "sum"):
        raise LossError(f"reduction={reduction!r} is unknown; use 'mean' or 'sum'.")
