"""The co-attention block, forwards and backwards, dropout on, padded; and attention alone (Paper §3.3)."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from vcemo_lib.models.attention import CoAttention, MultiHeadAttention

from .plain import PlainCoAttention, attention
from .timing import Call, Case

HEADS, DROPOUT = 4, 0.1
SIZES = ((256, 112, 24, 256), (32, 60, 60, 64), (32, 60, 60, 128), (32, 60, 60, 512))  # B, audio, words, d


def cases(short: bool = False) -> Iterator[Case]:
    """A layer of co-attention in four sizes, attention alone in one."""
    for size in ((32, 30, 12, 64),) if short else SIZES:
        yield _block(*size)
    yield _attention(32, 60, 64 if short else 128)


def _block(b: int, m: int, n: int, d: int) -> Case:
    inputs = *_padded(b, n, d), *_padded(b, m, d)
    made = {p: CoAttention(d, HEADS, 2 * d, 1, p) for p in (0.0, DROPOUT)}
    plain = {p: PlainCoAttention(layer) for p, layer in made.items()}

    def call(layer: nn.Module) -> tuple[Tensor, Tensor]:
        x, x_mask, y, y_mask = inputs
        return layer(x, y, x_mask, y_mask)[:2]

    def equal() -> None:
        for ours, theirs, mask in zip(call(made[0.0]), call(plain[0.0]), inputs[1::2], strict=True):
            torch.testing.assert_close(ours[mask], theirs[mask], rtol=1e-4, atol=1e-5)

    name, rival = f"co-attention, B {b}, {m} frames, {n} words, d {d}", "torch's encoder and decoder layers"
    ours, theirs = (_step(layers[DROPOUT], call) for layers in (made, plain))
    return Case("attention", name, ours, {rival: theirs}, equal, wanted={rival: 2 if b == 256 else 1}, limit="flops")


def _attention(b: int, n: int, d: int) -> Case:
    x, mask = _padded(b, n, d)
    made = {p: MultiHeadAttention(d, HEADS, p) for p in (0.0, DROPOUT)}
    plain = {p: attention(layer) for p, layer in made.items()}

    def ours(layer: nn.Module) -> tuple[Tensor]:
        return layer(x, x, mask)[:1]

    def theirs(layer: nn.Module) -> tuple[Tensor]:
        return layer(x, x, x, key_padding_mask=~mask, need_weights=False)[:1]

    def equal() -> None:
        torch.testing.assert_close(ours(made[0.0])[0], theirs(plain[0.0])[0], rtol=1e-4, atol=1e-5)

    rival, name = "nn.MultiheadAttention", f"self-attention alone, B {b}, {n} steps, d {d}"
    calls = _step(made[DROPOUT], ours), {rival: _step(plain[DROPOUT], theirs)}
    return Case("attention", name, *calls, equal, wanted={rival: 1}, limit="flops")


def _padded(b: int, n: int, d: int) -> tuple[Tensor, Tensor]:
    """Noise (B, N, d) of which half to all steps are valid, and its mask; it takes a gradient as a branch's output."""
    draw = torch.Generator().manual_seed(n)
    lengths = torch.randint(n // 2, n + 1, (b, 1), generator=draw)
    return torch.randn(b, n, d, generator=draw).requires_grad_(), torch.arange(n) < lengths


def _step(layer: nn.Module, call: Callable) -> Call:
    """Forwards and backwards, with the gradients of weights and inputs."""

    def step() -> None:
        sum(out.sum() for out in call(layer)).backward()
        layer.zero_grad(set_to_none=True)

    return step
