"""Dropout by shared random bits: the share, the mean and the gradient are those of the definition."""

import pytest
import torch

from vcemo_lib.models.dropout import Dropout, drop


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5])
def test_the_share_is_p_and_the_mean_stays(p):
    torch.manual_seed(0)
    x = torch.ones(1003, 501)
    out = drop(x, p)
    assert (out == 0).double().mean().item() == pytest.approx(p, abs=0.003)
    assert out.double().mean().item() == pytest.approx(1, abs=0.004)
    assert out.unique().tolist() == pytest.approx([0, 256 / (256 - round(256 * p))])


def test_neighbours_are_dropped_independently():
    torch.manual_seed(0)
    dropped = (drop(torch.ones(80_000), 0.25) == 0).double()
    for step in (1, 7, 8, 64):  # within a word of 64 bits, from one word to the next, and further
        both = (dropped[:-step] * dropped[step:]).mean().item()
        assert both == pytest.approx(0.0625, abs=0.004), step


def test_the_gradient_passes_where_the_value_did_and_nothing_happens_without_dropout():
    torch.manual_seed(0)
    x = torch.randn(40, 30, requires_grad=True)
    out = drop(x, 0.5)
    out.sum().backward()
    torch.testing.assert_close(x.grad, torch.where(out == 0, 0.0, 2.0))
    layer = Dropout(0.5)
    assert not torch.equal(layer(x), x)
    assert torch.equal(layer.eval()(x), x)
    assert drop(x, 0.0) is x
    assert not drop(x, 1.0).any()


def test_a_seed_decides_it():
    def draw(seed):
        torch.manual_seed(seed)
        return drop(torch.ones(100), 0.5)

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))
