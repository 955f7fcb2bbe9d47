"""Several processes that train one model, each on its share of every batch, as `accelerate launch` starts them.

A batch is drawn alike in each process, and process r of W computes its rows r, r + W, …. What needs the whole batch,
the losses and the statistics of BatchNorm, is computed from the rows or sums of all. So loss and gradients are those of
one process on the whole batch. With one process nothing here does anything.
"""

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from ..data.batch import Batch
from ..errors import VcemoError
from .output import Output


class ShareError(VcemoError):
    """A batch that the processes cannot share."""


def join():
    """This process' Accelerator, in one group with those that a launcher started beside it.

    Without a GPU they speak by gloo; accelerate alone would leave each of them to itself.
    """
    from accelerate import Accelerator, InitProcessGroupKwargs  # only here: to ask a model takes no launcher

    launched = int(os.environ.get("WORLD_SIZE", 1)) > 1
    patience = InitProcessGroupKwargs(timeout=timedelta(hours=2))  # one machine makes features that another has
    return Accelerator(cpu=launched and not torch.cuda.is_available(), kwargs_handlers=[patience])


def count() -> int:
    """How many processes train together, W."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is, 0 to W − 1."""
    return dist.get_rank() if count() > 1 else 0


def wait() -> None:
    """Go on when each process has come here."""
    if count() > 1:
        dist.barrier()


def broadcast(value: Any) -> Any:
    """What the first process gives, in each."""
    told = [value]
    if count() > 1:
        dist.broadcast_object_list(told)
    return told[0]


def check_share(rows: int) -> None:
    """Raise ShareError where the processes cannot share batches of so many rows."""
    if rows % count():
        raise ShareError(
            f"{count()} processes cannot share batches of {rows} evenly: give a batch_size that {count()} divides"
        )


def summed(x: Tensor) -> Tensor:
    """The sum of a tensor over the processes; no gradient."""
    if count() > 1:
        x = x.contiguous().clone()
        dist.all_reduce(x)
    return x


def total(n: int, device: torch.device) -> int:
    """The sum of a number over the processes."""
    return int(summed(torch.tensor(n, device=device))) if count() > 1 else n


def draw_own(seed: int, epoch: int) -> None:
    """Let each process drop out its own values from here on, whatever was drawn before and by how many processes."""
    if count() > 1:
        torch.manual_seed(int(np.random.SeedSequence([seed, epoch, rank()]).generate_state(1)[0]))


def whole_output(model: nn.Module, batch: Batch) -> Output:
    """Logits and h of a whole batch, in float32, of which this process computes its share."""
    output = model(batch.share(rank(), count()) if count() > 1 else batch)
    return Output(*(None if x is None else joined(x.float()) for x in (output.logits, output.h)))


def joined(x: Tensor) -> Tensor:
    """Rows (B / W, …) of each process → (B, …) in the batch's order; a row's gradient goes to its own process."""
    return _Joined.apply(x) if count() > 1 else x


class _Joined(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        gathered = [torch.empty_like(x, memory_format=torch.contiguous_format) for _ in range(count())]
        dist.all_gather(gathered, x.contiguous())
        return torch.stack(gathered, 1).flatten(0, 1)

    @staticmethod
    def backward(ctx, upstream: Tensor) -> Tensor:
        return upstream[rank() :: count()]  # the loss of the whole batch is the same in each process


def sum_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Each parameter's gradient becomes that of the whole batch, in one message."""
    if count() == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    whole = summed(torch.cat([gradient.flatten() for gradient in gradients]))
    for gradient, total in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(total.view_as(gradient))
