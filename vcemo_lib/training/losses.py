"""Supervised contrastive loss, with or without a queue, and its mixture with cross-entropy (Paper §3.4)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import VcemoError

REMEDIES = ("none", "sampler", "weights", "focal")  # against rare classes (A35)
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
        keys: (K, D) further contrasts, such as a queue; no gradient goes to them.
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
    if keys is not None:
        filled = key_labels != -1
        if not filled.all():
            keys, key_labels = keys[filled], key_labels[filled]
            key_ids = None if key_ids is None else key_ids[filled]
    with torch.autocast(z.device.type, enabled=False):  # half precision would round the log-sum
        z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)), dim=1)
        log_sum, positives, count = _among_rows(z, labels, exclude_self, temperature)
        if keys is not None and len(keys):
            keys = keys.detach().to(z.dtype)
            scale = 1 / keys.norm(dim=1).clamp(min=1e-12)  # no copy of the whole queue
            stale = None if own_ids is None or key_ids is None else own_ids[:, None] == key_ids  # (M, K)
            log_sum = torch.logaddexp(log_sum, _KeyLogSum.apply(z, keys, scale, temperature, stale))
            more, number = _positive_sums(labels, keys, key_labels, scale, stale)
            positives, count = positives + more, count + number
        # Σ_p (s_ip − log Σ_a e^{s_ia}) / |P| = z_i · (sum of the positives) / (τ |P|) − one log-sum per anchor
        losses = (log_sum - (z * positives).sum(1) / (temperature * count.clamp(min=1)))[count > 0]
    total = losses.sum() if reduction == "sum" else losses.sum() / max(len(losses), 1)
    return total * (temperature / REFERENCE_TEMPERATURE) if reference_scale else total


def cross_entropy(
    logits: Tensor,
    labels: Tensor,
    imbalance: str = "none",
    weights: Tensor | None = None,
    smoothing: float = 0.0,
) -> Tensor:
    """Mean cross-entropy of (B, C) logits, plain as in the paper, or with a remedy against rare classes (A35).

    Args:
        labels: (B,) class numbers.
        imbalance: "weights" weighs each class by weights (C,); "focal" by (1 − p)², the less sure the more (Lin et
            al. 2017); "none" leaves the loss plain, and so does "sampler", which acts on the batches.
        smoothing: this share of the truth is spread over all classes (Szegedy et al. 2016), so that no answer is
            learnt by heart to certainty.

    Raises:
        LossError: another remedy.
    """
    if imbalance not in REMEDIES:
        raise LossError(f"imbalance={imbalance!r} is unknown; use one of {REMEDIES}.")
    if imbalance == "weights":
        return F.cross_entropy(logits, labels, weight=weights, label_smoothing=smoothing)
    losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    if imbalance == "focal":
        losses = losses * (1 - torch.exp(-losses)) ** 2
    return losses.mean()


def mixed_loss(ce: Tensor, supcon: Tensor, alpha: float) -> Tensor:
    """L = (L_CE + α · L_SupCon) / (1 + α)  (Paper §3.4): α = 0 is cross-entropy alone; LossError below 0."""
    if alpha < 0:
        raise LossError(f"alpha={alpha} weights the contrastive loss: give 0 (off) or more.")
    return (ce + alpha * supcon) / (1 + alpha)


def _among_rows(z: Tensor, labels: Tensor, exclude_self: bool, temperature: float) -> tuple[Tensor, Tensor, Tensor]:
    """Unit rows z (M, D) → log Σ_a e^{s_ia} (M,), sum (M, D) and number (M,) of the positives, among the rows alone."""
    positives, count = _positive_sums(labels, z, labels)
    s = z @ z.T / temperature
    if exclude_self:
        positives, count = positives - z, count - 1
        s = s.masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), torch.finfo(z.dtype).min)
    return s.logsumexp(1), positives, count


def _positive_sums(
    labels: Tensor, x: Tensor, x_labels: Tensor, scale: Tensor | None = None, stale: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Sum (M, D) and number (M,) of the rows of x (N, D), times scale (N,), with each anchor's label: a sum a class."""
    classes, index = labels.unique(return_inverse=True)
    scale = torch.ones_like(x[:, 0]) if scale is None else scale
    member = (classes[:, None] == x_labels).to(x.dtype)  # (C, N)
    sums, count = ((member * scale) @ x)[index], member.sum(1)[index]
    if stale is not None:  # few pairs: taken away again
        i, j = (stale & (labels[:, None] == x_labels)).nonzero(as_tuple=True)
        sums = sums.index_add(0, i, -x[j] * scale[j, None])
        count = count.index_add(0, i, -torch.ones_like(count[i]))
    return sums, count


class _KeyLogSum(torch.autograd.Function):
    """log Σ_k e^{z_i·k/τ} over keys without gradient; its gradient, Σ_k softmax_k · k / τ, is made on the way.

    Keys go some at a time, so that their similarities fit into a processor's cache. What was summed before is faded to
    the largest similarity so far (Milakov & Gimelshein 2018, "Online normalizer calculation for softmax").
    """

    SIMILARITIES = 2**17  # at a time on a CPU: half a MB

    @staticmethod
    def forward(ctx, z: Tensor, keys: Tensor, scale: Tensor, temperature: float, stale: Tensor | None) -> Tensor:
        """z (M, D), keys (K, D) to be scaled by scale (K,), stale (M, K) the pairs to be left out → (M,)."""
        top = z.new_full((len(z), 1), -torch.inf)
        total, slope, query = torch.zeros_like(top), torch.zeros_like(z), z / temperature
        step = max((128 if z.is_cuda else 1) * _KeyLogSum.SIMILARITIES // len(z), 64)
        for first in range(0, len(keys), step):
            chunk = slice(first, first + step)
            some = keys[chunk] * scale[chunk, None]
            s = query @ some.T
            if stale is not None:
                s.masked_fill_(stale[:, chunk], torch.finfo(z.dtype).min)
            higher = torch.maximum(top, s.amax(1, keepdim=True))
            fade, top = (top - higher).exp_(), higher
            s.sub_(top).exp_()
            total = total * fade + s.sum(1, keepdim=True)
            slope = torch.addmm(slope * fade, s, some)
        ctx.save_for_backward(slope / (total * temperature))
        return (top + total.log())[:, 0]

    @staticmethod
    def backward(ctx, upstream: Tensor):
        return upstream[:, None] * ctx.saved_tensors[0], None, None, None, None


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
