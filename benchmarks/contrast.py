"""SupCon with a labelled queue, loss and gradient of the anchors (Paper §3.4–3.5)."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from vcemo_lib.training.losses import supcon_loss

from .timing import Case, not_there

TAU, DIM, PML = 0.1, 128, "pytorch_metric_learning"


def cases(short: bool = False) -> Iterator[Case]:
    """256 and 512 anchors against the paper's queue of 16,384."""
    for anchors, keys in ((128, 8192),) if short else ((256, 16_384), (512, 16_384)):
        yield _case(anchors, keys)


def _case(anchors: int, n_keys: int) -> Case:
    draw = torch.Generator().manual_seed(0)
    z = torch.randn(anchors, DIM, generator=draw).requires_grad_()
    keys = F.normalize(torch.randn(n_keys, DIM, generator=draw), dim=1)
    labels, key_labels = (torch.randint(0, 6, (n,), generator=draw) for n in (anchors, n_keys))
    losses = {PML: _metric_learning} if not not_there(PML) else {}
    losses |= {"dense mask": dense_supcon, "ours": _ours}
    with_gradient = {name: partial(_step, loss_of, z, labels, keys, key_labels) for name, loss_of in losses.items()}
    ours = with_gradient.pop("ours")

    def equal() -> None:
        loss, slope = ours()
        for rival in with_gradient.values():
            torch.testing.assert_close(rival()[0], loss, rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(rival()[1], slope, rtol=1e-4, atol=1e-7)

    rivals = with_gradient | {"the two products alone": lambda: (z.detach() @ keys.T) @ keys}
    wanted = {PML: 25, "dense mask": 4, "the two products alone": round(1 / 1.5, 2)}
    name = f"{anchors} anchors, {n_keys} keys of {DIM}"
    return Case("contrast", name, ours, rivals, equal, not_there(PML), wanted, "flops", memory=True)


def _ours(z: Tensor, labels: Tensor, keys: Tensor, key_labels: Tensor) -> Tensor:
    return supcon_loss(z, labels, keys=keys, key_labels=key_labels, temperature=TAU)


def _step(loss_of: Callable, z: Tensor, *others: Tensor) -> tuple[Tensor, Tensor]:
    """A loss, and its gradient in the anchors."""
    loss = loss_of(z, *others)
    return loss.detach(), torch.autograd.grad(loss, z)[0]


def dense_supcon(z: Tensor, labels: Tensor, keys: Tensor, key_labels: Tensor) -> Tensor:
    """As it is commonly written: all similarities, a mask of the positives, log-softmax."""
    z = F.normalize(z, dim=1)
    s = z @ torch.cat([z, keys]).T / TAU
    other = ~torch.eye(len(z), s.shape[1], dtype=torch.bool)
    positive = ((labels[:, None] == torch.cat([labels, key_labels])) & other).float()
    log_p = s - s.masked_fill(~other, -torch.inf).logsumexp(1, keepdim=True)
    return -((positive * log_p).sum(1) / positive.sum(1)).mean()


def _metric_learning(z: Tensor, labels: Tensor, keys: Tensor, key_labels: Tensor) -> Tensor:
    """What CrossBatchMemory does with SupConLoss: the batch and the queue together, pairs of a row with itself out."""
    from pytorch_metric_learning.losses import SupConLoss
    from pytorch_metric_learning.utils import loss_and_miner_utils as pairs

    both, both_labels = torch.cat([z, keys]), torch.cat([labels, key_labels])
    indices = pairs.get_all_pairs_indices(labels, both_labels)
    indices = pairs.remove_self_comparisons(indices, torch.arange(len(z)), len(both))
    return SupConLoss(temperature=TAU)(z, labels, indices, both, both_labels)
