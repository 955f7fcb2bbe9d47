"""MCAN's units and the released UMONS, restated from the descriptions of their code, with either LayerNorm.

Both released codes divide by the unbiased deviation + 1e-6; ours is torch's LayerNorm. The models equal the restatement to
rounding with each of the two in both places; what is left between paper copies and ours is that LayerNorm alone.
"""

import math
from dataclasses import replace

import pytest
import torch
from batches import random_batch
from small import SMALL
from torch import nn

from vcemo_lib.models.attention import SA, SGA, CoAttention
from vcemo_lib.models.umons import Umons, UmonsReleased

D, HEADS, FF = 16, 2, 24
MASK_X = torch.arange(6) < torch.tensor([6, 2, 4, 1])[:, None]
MASK_Y = torch.arange(7) < torch.tensor([3, 7, 5, 1])[:, None]


class McanNorm(nn.Module):
    """gain · (x − mean) / (unbiased deviation + 1e-6) + bias, with the parameters of torch's."""

    def __init__(self, norm):
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias

    def forward(self, x):
        return mcan_norm(self, x)


def mcan_norm(at, x):
    return at.weight * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + at.bias


def torch_norm(at, x):
    variance = ((x - x.mean(-1, keepdim=True)) ** 2).mean(-1, keepdim=True)
    return at.weight * (x - x.mean(-1, keepdim=True)) / torch.sqrt(variance + 1e-5) + at.bias


NORMS = {"torch": torch_norm, "mcan": mcan_norm}


def prepared(module, norm="torch"):
    """float64, eval mode, every parameter random, its LayerNorms replaced where MCAN's is wanted."""
    g = torch.Generator().manual_seed(1)
    module = module.double().eval()
    for p in module.parameters():
        p.data = torch.randn(p.shape, generator=g, dtype=torch.float64) * 0.4
    if norm == "mcan":
        for inner in list(module.modules()):
            for name, child in inner.named_children():
                if isinstance(child, nn.LayerNorm):
                    setattr(inner, name, McanNorm(child))
    return module


# ---- the restatement; pad = True where a position is padding, None where the code passes no mask


def linear(at, x):
    return torch.einsum("...i,oi->...o", x, at.weight) + at.bias


def mha(at, asks, source, pad):
    heads = []
    for h in range(at.n_heads):
        size = asks.shape[-1] // at.n_heads
        q, k, v = (
            linear(m, s)[..., h * size : (h + 1) * size]
            for m, s in ((at.query, asks), (at.key, source), (at.value, source))
        )
        score = torch.einsum("bqi,bni->bqn", q, k) / math.sqrt(size)
        score = score if pad is None else score.masked_fill(pad[:, None], -1e9)
        heads.append(torch.einsum("bqn,bni->bqi", score.softmax(-1), v))
    return linear(at.out, torch.cat(heads, -1))


def feed(at, x):
    return linear(at[3], linear(at[0], x).clamp(min=0))


def sa(at, x, pad, norm):
    x = norm(at.add1.norm, x + mha(at.attend, x, x, pad))
    return norm(at.add2.norm, x + feed(at.feed, x))


def sga(at, y, x, y_pad, x_pad, norm):
    y = norm(at.add1.norm, y + mha(at.attend, y, y, y_pad))
    y = norm(at.add2.norm, y + mha(at.look, y, x, x_pad))
    return norm(at.add3.norm, y + feed(at.feed, y))


def mca_ed(at, x, y, x_pad, y_pad, norm):
    for unit in at.guide_units:
        x = sa(unit, x, x_pad, norm)
    for unit in at.guided_units:
        y = sga(unit, y, x, y_pad, x_pad, norm)
    return x, y


def att_flat(at, x, pad):
    score = feed(at.score, x)
    score = score if pad is None else score.masked_fill(pad[..., None], -1e9)
    glimpses = torch.einsum("bng,bnd->bgd", score.softmax(1), x)
    return linear(at.merge, glimpses.flatten(1)) if at.merge else glimpses


def umons_released(model, x, y, x_pad, y_pad, norm):
    """From the padded sequences of L steps after LSTM and Linear: masks in block 1, its glimpses included, then none."""
    for n, block in enumerate(model.blocks):
        a, b = (x_pad, y_pad) if n == 0 else (None, None)
        x, y = x + sa(block.sa, x, a, norm), y + sga(block.sga, y, x, b, a, norm)
        if n < len(model.blocks) - 1:
            x, y = (
                norm(glimpse.norm, s + att_flat(glimpse.pool, s, pad))
                for glimpse, s, pad in zip(block.glimpses, (x, y), (a, b), strict=True)
            )
    pooled = sum(att_flat(flat, s, None) for flat, s in zip(model.flatten, (x, y), strict=True))
    return linear(model.predict, norm(model.norm, pooled))


# ---- the library against it


def sequences():
    g = torch.Generator().manual_seed(0)
    return tuple(torch.randn(4, n, D, generator=g, dtype=torch.float64) for n in (6, 7))


def near(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_the_units_are_mcans(norm):
    x, y = sequences()
    unit, guided = prepared(SA(D, HEADS, FF), norm), prepared(SGA(D, HEADS, FF), norm)
    near(unit(x, MASK_X)[0], sa(unit, x, ~MASK_X, NORMS[norm]))
    near(guided(y, x, MASK_Y, MASK_X)[0], sga(guided, y, x, ~MASK_Y, ~MASK_X, NORMS[norm]))


@pytest.mark.parametrize("norm", NORMS)
def test_the_encoder_decoder_cascade_is_mcans(norm):
    x, y = sequences()
    layer = prepared(CoAttention(D, HEADS, FF, 2), norm)
    near(layer(x, y, MASK_X, MASK_Y)[:2], mca_ed(layer, x, y, ~MASK_X, ~MASK_Y, NORMS[norm]))


def test_what_is_left_between_mcans_and_ours_is_the_divisor_of_layer_norm():
    """The deviations differ by √(d / (d − 1)), the unbiased one is the larger: every normed value of ours is too."""
    at = prepared(nn.LayerNorm(512))
    nn.init.zeros_(at.bias)
    x = 3 * torch.randn(5, 512, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    ratio = at(x) / mcan_norm(at, x)
    torch.testing.assert_close(ratio, torch.full_like(ratio, math.sqrt(512 / 511)), rtol=0, atol=1e-5)


def umons_inputs(model, batch):
    """x, y and their paddings as the blocks receive them, and the model's own logits."""
    received = {}
    hook = model.blocks[0].register_forward_pre_hook(lambda _, args: received.update(enumerate(args)))
    logits = model(batch).logits
    hook.remove()
    x, x_mask, y, y_mask, _ = received.values()
    return logits, x, y, ~x_mask, ~y_mask


def double(batch):
    return replace(batch, mel=batch.mel.double(), words=batch.words.double())


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n_layers", [1, 2, 4])
def test_the_released_umons_keeps_the_masks_of_its_first_block_glimpses_included(norm, n_layers):
    model = prepared(UmonsReleased(replace(SMALL, n_layers=n_layers, length=6)), norm)
    logits, x, y, x_pad, y_pad = umons_inputs(model, double(random_batch()))
    assert x_pad.any()  # or the masks would have nothing to do
    near(logits, umons_released(model, x, y, x_pad, y_pad, NORMS[norm]))


def test_the_masked_umons_differs_from_the_released_one_where_there_is_padding_only():
    config, batch = replace(SMALL, length=6), double(random_batch())
    masked, released = (prepared(system(config)) for system in (Umons, UmonsReleased))
    ours, theirs = masked(batch).logits, released(batch).logits
    padded = ~batch.words_mask.all(1)  # the audio is averaged into L bins and has no padding
    near(ours[~padded], theirs[~padded])
    assert ((ours - theirs)[padded].abs().amax(1) > 1e-3).all()
