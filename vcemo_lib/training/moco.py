"""Momentum contrast with labels (Paper §3.5; He et al. 2020): a queue of keys, a slow copy of the model."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.batch import Batch
from ..models.output import Output
from .losses import LossError


class LabelledQueue(nn.Module):
    """The last `size` keys, first in, first out, with the label and utterance number of each.

    Buffers, so saved and moved with the module: keys (size, dim) unit rows, labels (size,) with −1 where a
    slot is not filled yet, ids (size,) with −1 likewise, pointer () the slot that is written next. Compute
    the loss first, then enqueue: else a key would meet itself.
    """

    def __init__(self, dim: int, size: int = 16_384):
        super().__init__()
        self.register_buffer("keys", torch.zeros(size, dim))
        self.register_buffer("labels", torch.full((size,), -1))
        self.register_buffer("ids", torch.full((size,), -1))
        self.register_buffer("pointer", torch.zeros((), dtype=torch.long))

    @property
    def n_filled(self) -> int:
        """How many slots hold a key."""
        return int((self.labels != -1).sum())

    @torch.no_grad()
    def enqueue(self, keys: Tensor, labels: Tensor, ids: Tensor | None = None) -> None:
        """Write keys (B, dim), normalised here, with their labels and ids (B,) over the oldest slots.

        Raises:
            LossError: more keys than slots, or not one label of 0 or more a key.
        """
        size = len(self.keys)
        if len(keys) > size:
            raise LossError(f"{len(keys)} keys do not fit into a queue of {size}; enlarge it or enqueue fewer.")
        if len(labels) != len(keys) or bool((labels < 0).any()):
            raise LossError(f"{len(keys)} keys came with {len(labels)} labels; give each its class, 0 or more.")
        slots = (self.pointer + torch.arange(len(keys), device=self.keys.device)) % size
        self.keys[slots] = F.normalize(keys, dim=1).to(self.keys.dtype)
        self.labels[slots] = labels
        self.ids[slots] = -1 if ids is None else ids
        self.pointer.copy_((self.pointer + len(keys)) % size)


class MomentumEncoder(nn.Module):
    """The key encoder f_k: a copy of the query encoder, without gradient, that follows it: θ_k ← m·θ_k + (1 − m)·θ_q.

    m = 0.99 by default: runs here are about a thousand updates, after which MoCo's 0.999 would still hold
    37 % of the random start (A28). f_k stays in training mode: its dropout and batch statistics are its
    own, which is what makes a key a second view. Floating-point buffers (BatchNorm's running statistics) follow like
    parameters and counters are copied, so that f_k is also right in eval mode; MoCo's code leaves both to f_k.

    Raises:
        LossError: m is not in [0, 1].
    """

    def __init__(self, model: nn.Module, m: float = 0.99):
        super().__init__()
        if not 0 <= m <= 1:
            raise LossError(f"m={m} is the share of the old key encoder that stays; give 0 to 1.")
        self.m = m
        self.encoder = copy.deepcopy(model).requires_grad_(False).train()
        for module in self.encoder.modules():
            if isinstance(module, nn.RNNBase):
                module.flatten_parameters()  # a copy's weights lie scattered, and cuDNN would gather them at every call

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """One momentum step towards the model; once per optimiser step, before the keys are computed."""
        followers, leaders = list(self.encoder.parameters()), list(model.parameters())
        for mine, theirs in zip(self.encoder.buffers(), model.buffers(), strict=True):
            if mine.is_floating_point():
                followers.append(mine)
                leaders.append(theirs)
            else:
                mine.copy_(theirs)
        torch._foreach_mul_(followers, self.m)
        torch._foreach_add_(followers, leaders, alpha=1 - self.m)

    @torch.no_grad()
    def forward(self, batch: Batch) -> Output:
        """What f_k makes of the batch, without gradient; `.h` (B, d_proj) are the keys before normalisation."""
        return self.encoder(batch)
