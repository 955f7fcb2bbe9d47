"""The acoustic front end, forwards and backwards: convolutions with masked BatchNorm, BatchNorm alone, LSTM (§3.2)."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from vcemo_lib.models.batch_norm import masked_norm
from vcemo_lib.models.encoders import ConvBlock, Recurrent, zeroed

from .plain import convolutions, copy_convolutions, packed
from .timing import Call, Case

CHANNELS = (1, 32, 64)


def cases(short: bool = False) -> Iterator[Case]:
    """Convolutions, BatchNorm over valid frames, a bidirectional LSTM."""
    b, frames = (8, 80) if short else (64, 448)
    yield _convolutions(b, frames)
    yield _batch_norm(b, frames // 4, 20 * 32)
    yield _lstm(b, frames // 4, 64 if short else 256)


def _convolutions(b: int, frames: int) -> Case:
    blocks = nn.ModuleList(ConvBlock(n_in, n_out, 2) for n_in, n_out in zip(CHANNELS, CHANNELS[1:], strict=False))
    plain = convolutions(CHANNELS[1:])
    copy_convolutions(blocks, plain)
    x, mask = _padded(b, frames, 64)

    def ours(mask: Tensor) -> Tensor:
        y = zeroed(x, mask)[..., None]
        for block in blocks:
            y, mask = block(y, mask)
        return y

    def theirs() -> Tensor:
        return plain(x[:, None]).permute(0, 2, 3, 1)

    def equal() -> None:  # without padding: what is commonly written counts it
        torch.testing.assert_close(ours(torch.ones_like(mask)), theirs(), rtol=1e-3, atol=1e-4)

    rival, name = "nn.Sequential", f"convolutions {CHANNELS}, B {b}, {frames} frames of 64"
    note = "equal where nothing is padded; nn.Sequential counts padded frames in its statistics"
    calls = _step(lambda: ours(mask), blocks), {rival: _step(theirs, plain)}
    return Case("front end", name, *calls, equal, wanted={rival: 2.5}, limit="flops", note=note)


def _batch_norm(b: int, steps: int, width: int) -> Case:
    x, mask = _padded(b, steps, width)
    channels = 32
    norms = [nn.BatchNorm1d(channels) for _ in range(2)]

    def ours() -> Tensor:
        return masked_norm(norms[0], x.detach().clone().requires_grad_().view(b, steps, -1, channels) * 1, mask)

    def theirs() -> Tensor:
        y = x.detach().clone().requires_grad_().view(b, steps, -1, channels) * 1
        return torch.zeros_like(y).masked_scatter(
            mask[..., None, None].expand_as(y), norms[1](y[mask].flatten(0, 1)).relu()
        )

    def equal() -> None:
        torch.testing.assert_close(ours(), theirs(), rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(norms[0].running_var, norms[1].running_var, rtol=1e-4, atol=1e-5)

    rival, name = "valid frames gathered and scattered", f"BatchNorm and ReLU, B {b}, {steps} steps, {width} wide"
    moved = 2.0 * 4 * 4 * x.numel()  # read and written twice in each direction
    calls = _step(ours, norms[0]), {rival: _step(theirs, norms[1])}
    return Case("front end", name, *calls, equal, wanted={rival: 2.5}, limit=moved)


def _lstm(b: int, steps: int, width: int) -> Case:
    x, mask = _padded(b, steps, width)
    mask[0] = True
    ours, plain = (
        Recurrent(nn.LSTM, width, width // 2, True),
        nn.LSTM(width, width // 2, bidirectional=True, batch_first=True),
    )
    weights = {name: value for name, value in ours.ahead.state_dict().items()}
    plain.load_state_dict(weights | {f"{name}_reverse": value for name, value in ours.back.state_dict().items()})

    def equal() -> None:
        torch.testing.assert_close(ours(x, mask)[0], packed(plain, x, mask.sum(1)), rtol=1e-4, atol=1e-5)

    rival, name = "packed sequences", f"bidirectional LSTM, B {b}, {steps} steps, {width} → 2 × {width // 2}"
    theirs = _step(lambda: packed(plain, x, mask.sum(1)), plain)
    return Case(
        "front end",
        name,
        _step(lambda: ours(x, mask)[0], ours),
        {rival: theirs},
        equal,
        limit="flops",
        wanted={rival: 2.5},
    )


def _padded(b: int, n: int, d: int) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(n)
    lengths = torch.randint(n // 2, n + 1, (b, 1), generator=draw)
    return torch.randn(b, n, d, generator=draw), torch.arange(n) < lengths


def _step(forward: Call, module: nn.Module) -> Call:
    def step() -> None:
        forward().sum().backward()
        module.zero_grad(set_to_none=True)

    return step
