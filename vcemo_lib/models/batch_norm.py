"""BatchNorm that counts real steps only (Ioffe & Szegedy 2015), without taking them out of the padded batch."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import VcemoError
from .processes import summed, total


def masked_norm(norm: nn.BatchNorm1d, x: Tensor, mask: Tensor, relu: bool = True) -> Tensor:
    """BatchNorm over the valid steps of x (B, T, …, C), mask (B, T), then ReLU if wanted; the other steps become zero.

    While training, x itself is overwritten, which saves a copy: give it a tensor that nobody else reads.
    """
    rows = x.flatten(0, 1).flatten(1, -2) if x.ndim > 3 else x.flatten(0, 1)[:, None]  # (B·T, F, C)
    if norm.training:
        padding = (~mask.flatten()).nonzero()[:, 0]
        rows = rows.to(norm.running_mean.dtype)  # from half precision
        n = total((len(rows) - len(padding)) * rows.shape[1], rows.device)
        y, mean, var = _MaskedNorm.apply(rows, padding, n, norm.weight, norm.bias, norm.eps, relu)
        _follow(norm, mean, var, n)
    else:
        y = norm(rows.flatten(0, 1)).view(rows.shape) * mask.flatten()[:, None, None]
        y = F.relu(y) if relu else y
    return y.view(x.shape).to(x.dtype)


@torch.no_grad()
def _follow(norm: nn.BatchNorm1d, mean: Tensor, var: Tensor, n: int) -> None:
    """The running statistics go a step towards those of this batch of n values, as nn.BatchNorm1d's do."""
    norm.running_mean.lerp_(mean, norm.momentum)
    norm.running_var.lerp_(var * n / (n - 1), norm.momentum)
    norm.num_batches_tracked += 1


class _MaskedNorm(torch.autograd.Function):
    """y = max(0, γ·x̂ + β), x̂ = (x − μ) / √(σ² + ε), with μ and σ² over the n values of each channel in valid rows.

    With δ the gradient of γ·x̂ + β:  ∂β = Σ δ,  ∂γ = Σ δ·x̂,  ∂x = γ / √(σ² + ε) · (δ − (∂β + x̂·∂γ) / n).
    The two sums and the statistics are those of all processes that share the batch.
    Torch's sums run over all N values of a channel, so padded rows are made zero in x − μ, in δ and in the results.
    """

    @staticmethod
    def forward(ctx, x: Tensor, padding: Tensor, n: int, weight: Tensor | None, bias: Tensor | None, eps, relu):
        """Rows x (R, F, C), numbers of the padded ones (P,) → y (R, F, C), μ (C,), σ² (C,)."""
        if n < 2:
            raise VcemoError(f"BatchNorm has {n} values of a channel to learn from: give a batch of 2 or more.")
        mean = summed(x.index_fill_(0, padding, 0).sum(0).sum(0)) / n
        flat = x.sub_(mean).index_fill_(0, padding, 0).flatten(0, 1)  # x − μ from here on
        centre, var = torch.batch_norm_update_stats(flat, None, None, 0.0)  # 0 where one process has the whole batch
        var = summed((var + centre.square()) * (len(flat) / n))
        y = F.batch_norm(flat, torch.zeros_like(mean), var, weight, bias, False, 0.0, eps).view(x.shape)
        y = (y.relu_() if relu else y).index_fill_(0, padding, 0)
        ctx.save_for_backward(x, y if relu else None, padding, weight, var)
        ctx.n, ctx.eps = n, eps
        ctx.mark_non_differentiable(mean, var)
        return y, mean, var

    @staticmethod
    def backward(ctx, dy: Tensor, *_):
        x, y, padding, weight, var = ctx.saved_tensors
        dy = dy.contiguous()
        delta = dy.index_fill(0, padding, 0) if y is None else torch.ops.aten.threshold_backward(dy, y, 0)
        root = (var + ctx.eps).rsqrt()
        rows, wanted = (delta.flatten(0, 1), x.flatten(0, 1)), [False, True, True]  # the two sums, in one pass
        sums = torch.ops.aten.native_batch_norm_backward
        _, d_weight, d_bias = sums(*rows, None, None, None, torch.zeros_like(var), root, True, 0.0, wanted)
        scale = root if weight is None else root * weight
        all_bias, all_weight = summed(torch.stack([d_bias, d_weight])) / ctx.n
        # In place: on a CPU new memory costs more than arithmetic. x is x − μ here.
        dx = delta.sub_(all_bias).addcmul_(x, -root * all_weight).mul_(scale).index_fill_(0, padding, 0)
        return dx, None, None, None if weight is None else d_weight, None if weight is None else d_bias, None, None
