"""Dropout that does not cost a third of a training step on a CPU."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def drop(x: Tensor, p: float) -> Tensor:
    """x with each value set to 0 with probability p and the others scaled up, so that the mean stays.

    torch draws one random number a value; on a CPU that is slow, so here eight values share one of 64 bits, and p is
    rounded to a 256th.
    """
    kept = 256 - round(256 * p)
    if kept == 256:
        return x
    if x.device.type != "cpu" or kept == 0:
        return F.dropout(x, p)
    words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
    numbers = words.view(torch.uint8)[: x.numel()].view(x.shape).to(x.dtype)
    return x * numbers.lt_(kept).mul_(256 / kept)  # compared as floats: torch's bool is four times as slow here


class Dropout(nn.Dropout):
    """`nn.Dropout` by `drop`."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same."""
        return drop(x, self.p) if self.training else x
