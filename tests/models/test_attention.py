"""Attention units against loops written from the formulas, the counts of the sources, and their masks."""

import math

import numpy as np
import pytest
import torch
from attention_loops import slow_attention, slow_coattention, slow_linear, slow_sa, slow_sga
from torch import nn

from vcemo_lib.models.attention import (
    SA,
    SGA,
    AttFlat,
    CoAttention,
    FeedForward,
    ModelError,
    MultiHeadAttention,
    masked_max,
    masked_mean,
)

D, H, FF, B, N, M = 6, 2, 5, 3, 4, 3
MASK_X = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1]], dtype=torch.bool)
MASK_Y = torch.tensor([[1, 1, 1], [1, 0, 0], [1, 1, 0]], dtype=torch.bool)


def n_parameters(module):
    return sum(p.numel() for p in module.parameters())


def sequences(seed=0, dtype=torch.float64):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(B, N, D, generator=g, dtype=dtype), torch.randn(B, M, D, generator=g, dtype=dtype)


def randomised(module, seed=1):
    """float64 eval mode, and every parameter random: a LayerNorm of ones would hide its gain and bias."""
    g = torch.Generator().manual_seed(seed)
    for p in module.parameters():
        p.data = torch.randn(p.shape, generator=g).double() * 0.4
    return module.double().eval()


def check(fast, slow):
    np.testing.assert_allclose(fast.detach().numpy(), np.array(slow), rtol=0, atol=1e-10)


@pytest.mark.parametrize("keep_map", [False, True])
def test_units_equal_the_loops(keep_map):
    x, y = sequences()
    mha, sa, sga = (randomised(m) for m in (MultiHeadAttention(D, H), SA(D, H, FF), SGA(D, H, FF)))
    for b in range(B):
        kx, ky, xs, ys = MASK_X[b].tolist(), MASK_Y[b].tolist(), x[b].tolist(), y[b].tolist()
        check(mha(y, x, MASK_X, keep_map)[0][b], slow_attention(mha, ys, xs, kx))
        check(sa(x, MASK_X, keep_map)[0][b], slow_sa(sa, xs, kx))
        check(sga(y, x, MASK_Y, MASK_X, keep_map)[0][b], slow_sga(sga, ys, xs, ky, kx))


@pytest.mark.parametrize("cascade", ["encoder_decoder", "stacking"])
def test_coattention_equals_the_loops(cascade):
    x, y = sequences()
    layer = randomised(CoAttention(D, H, FF, 2, cascade=cascade))
    guide, guided, maps = layer(x, y, MASK_X, MASK_Y)
    assert maps == {}
    for b in range(B):
        slow = slow_coattention(layer, x[b].tolist(), y[b].tolist(), MASK_X[b].tolist(), MASK_Y[b].tolist())
        check(guide[b], slow[0])
        check(guided[b], slow[1])


@pytest.mark.parametrize(
    ("module", "count"),
    [
        (SA(512, 8, 1024), 2_102_784),
        (SGA(512, 8, 1024), 3_154_432),
        (SA(512, 8, 2048), 3_152_384),
        (SGA(512, 8, 2048), 4_204_032),
        (SA(128, 4, 256), 132_480),
        (SGA(128, 4, 256), 198_784),
        (AttFlat(512, 512, 1024), 788_481),
        (CoAttention(512, 8, 2048, 6), 44_138_496),
    ],
)
def test_parameter_counts_of_the_sources(module, count):
    assert n_parameters(module) == count


def test_fused_and_explicit_attention_are_equal_with_their_gradients():
    grads = []
    for keep_map in (False, True):
        layer = randomised(MultiHeadAttention(D, H))
        x, y = (s.requires_grad_() for s in sequences())
        out, _ = layer(y, x, MASK_X, keep_map)
        (out**3).sum().backward()
        grads.append([out, x.grad, y.grad, *(p.grad for p in layer.parameters())])
    for fused, explicit in zip(*grads, strict=True):
        torch.testing.assert_close(fused, explicit, rtol=0, atol=1e-10)


@pytest.mark.parametrize("keep_map", [False, True])
def test_no_key_to_look_at_gives_zeros_and_finite_gradients(keep_map):
    layer = randomised(MultiHeadAttention(D, H))
    x, y = (s.requires_grad_() for s in sequences())
    mask = MASK_X.clone()
    mask[1] = False
    out, attention = layer(y, x, mask, keep_map)
    out.sum().backward()
    assert (out[1] == 0).all()
    assert (out[0] != 0).any()
    assert (x.grad[1] == 0).all()
    assert all(p.grad.isfinite().all() for p in layer.parameters())
    assert attention is None or (attention[1] == 0).all()


def test_no_map_is_kept_unasked():
    x, y = sequences()
    for unit in (MultiHeadAttention(D, H), SGA(D, H, FF)):
        assert randomised(unit)(y, x)[1] is None
    assert randomised(SA(D, H, FF))(x)[1] is None
    assert randomised(CoAttention(D, H, FF, 1))(x, y)[2] == {}
    while_dropping = randomised(MultiHeadAttention(D, H, 0.5)).train()  # where the map is made anyway
    assert while_dropping(y, x)[1] is None
    assert while_dropping(y, x, MASK_X)[1] is None


def test_map_is_a_distribution_over_valid_keys():
    x, y = sequences()
    _, attention = randomised(MultiHeadAttention(D, H))(y, x, MASK_X, True)
    assert attention.shape == (B, H, M, N)
    torch.testing.assert_close(attention.sum(-1), torch.ones(B, H, M, dtype=torch.float64))
    assert (attention.masked_select(~MASK_X[:, None, None]) == 0).all()


@pytest.mark.parametrize("where", ["map", "residual 1", "residual 2", "residual 3", "feed"])
def test_dropout_acts_at_each_place_of_the_source(where):
    unit = SGA(D, H, FF, 0.0).train()
    x, y = sequences(dtype=torch.float32)
    expected = unit(y, x)[0]
    places = {"map": unit.look, "feed": unit.feed[2]} | {
        f"residual {n}": getattr(unit, f"add{n}").dropout for n in (1, 2, 3)
    }
    setattr(places[where], "dropout" if where == "map" else "p", 0.5)
    torch.manual_seed(0)
    assert not torch.allclose(unit(y, x)[0], expected)
    torch.manual_seed(0)
    assert not torch.allclose(unit(y, x, keep_map=True)[0], expected)
    torch.testing.assert_close(unit.eval()(y, x)[0], expected)


def test_a_single_key_gives_every_query_the_same_vector_and_no_gradient_to_the_scores():
    layer = randomised(MultiHeadAttention(D, H))
    x, y = sequences()
    out, _ = layer(y, x[:, :1])
    torch.testing.assert_close(out, out[:, :1].expand_as(out))
    (out**2).sum().backward()
    scores = [*layer.query.parameters(), *layer.key.parameters()]
    assert all(p.grad.abs().max() < 1e-12 for p in scores)
    assert layer.value.weight.grad.abs().max() > 1e-3


@pytest.mark.parametrize(("cascade", "first_layer_sees_it"), [("encoder_decoder", True), ("stacking", False)])
def test_what_the_first_guided_unit_sees_of_the_guides_last_unit(cascade, first_layer_sees_it):
    layer = randomised(CoAttention(D, H, FF, 2, cascade=cascade))
    x, y = sequences()
    seen = []
    layer.guided_units[0].register_forward_hook(lambda _m, _i, out: seen.append(out[0].clone()))
    before = layer(x, y)[1]
    with torch.no_grad():
        layer.guide_units[1].feed[3].weight.mul_(3)
    after = layer(x, y)[1]
    assert (not torch.allclose(*seen)) == first_layer_sees_it
    assert not torch.allclose(before, after)  # the last guided unit sees it in both


def test_attention_pooling_equals_the_loops():
    pool = randomised(AttFlat(D, 7, 4, glimpses=2))
    x, _ = sequences()
    pooled, weights = pool(x, MASK_X)
    assert pooled.shape == (B, 4)
    assert weights.shape == (B, 2, N)
    for b in range(B):
        scores = [
            slow_linear(pool.score[3], [max(0.0, u) for u in slow_linear(pool.score[0], v)]) for v in x[b].tolist()
        ]
        glimpses = []
        for g in range(2):
            e = {j: math.exp(scores[j][g]) for j in range(N) if MASK_X[b, j]}
            glimpses += [sum(e[j] / sum(e.values()) * float(x[b, j, c]) for j in e) for c in range(D)]
        check(pooled[b], slow_linear(pool.merge, glimpses))


def test_pooling_without_valid_positions_is_zero():
    x = torch.randn(2, N, D, requires_grad=True)
    none = torch.zeros(2, N, dtype=torch.bool)
    pooled = [AttFlat(D, D, None)(x, none)[0], masked_mean(x, none), masked_max(x, none)]
    assert all((p == 0).all() for p in pooled)
    sum(p.sum() for p in pooled).backward()
    assert x.grad.isfinite().all()


def test_masked_mean_and_max_by_hand():
    x = torch.tensor([[[1.0, -4.0], [3.0, -2.0], [99.0, 99.0]]])
    mask = torch.tensor([[True, True, False]])
    assert masked_mean(x, mask).tolist() == [[2.0, -3.0]]
    assert masked_max(x, mask).tolist() == [[3.0, -2.0]]


def test_clear_errors():
    with pytest.raises(ModelError, match="d=10 does not split into n_heads=4"):
        MultiHeadAttention(10, 4)
    with pytest.raises(ModelError, match="cascade='sideways' is unknown"):
        CoAttention(8, 2, 8, 1, cascade="sideways")


def test_a_tenth_is_dropped_unless_said_otherwise():
    assert MultiHeadAttention(8, 2).dropout == FeedForward(8, 8)[2].p == 0.1  # MCAN's own


def test_lstm_of_the_sources_has_two_bias_vectors():
    assert n_parameters(nn.LSTM(300, 512)) == 1_667_072
