"""BatchNorm over valid steps is torch's BatchNorm of the steps that one would take out by hand."""

import pytest
import torch
from torch import nn

from vcemo_lib.models.batch_norm import masked_norm

LENGTHS = torch.tensor([9, 1, 4, 0, 7])


def taken_out(norm, x, mask, relu):
    """The plain form: gather the valid steps, normalise them, scatter them."""
    out, valid = torch.zeros_like(x), x[mask]
    normed = norm(valid.flatten(0, -2)).view(valid.shape)
    out[mask] = normed.relu() if relu else normed
    return out


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize(
    ("shape", "relu", "affine"), [((5, 9, 4, 3), True, True), ((5, 9, 3), True, True), ((5, 9, 3), False, False)]
)
def test_values_gradients_and_running_statistics_are_those_of_the_valid_steps(shape, relu, affine, train):
    torch.manual_seed(0)
    ours, plain = (nn.BatchNorm1d(3, affine=affine).double().train(train) for _ in range(2))
    if affine:
        nn.init.uniform_(ours.weight, -2, 2)
        nn.init.normal_(ours.bias)
    plain.load_state_dict(ours.state_dict())
    mask, upstream = torch.arange(9) < LENGTHS[:, None], torch.randn(shape).double()
    x = (3 * torch.randn(shape) + 5).double()
    results = []
    for function, norm in ((masked_norm, ours), (taken_out, plain)):
        own = x.clone().requires_grad_()
        out = function(norm, own.clone(), mask, relu)
        out.backward(upstream)
        results.append([out, own.grad, *(p.grad for p in norm.parameters()), *norm.buffers()])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)
    assert not results[0][0][~mask].any() and not results[0][1][~mask].any()


def test_single_precision_holds_far_from_zero_and_with_much_padding():
    torch.manual_seed(0)
    x, mask = torch.randn(8, 300, 16) + 50, torch.arange(300) < torch.randint(5, 20, (8, 1))
    exact = taken_out(nn.BatchNorm1d(16).double(), x.double(), mask, True)
    torch.testing.assert_close(masked_norm(nn.BatchNorm1d(16), x, mask).double(), exact, rtol=0, atol=1e-4)


def test_one_value_cannot_be_normalised():
    with pytest.raises(ValueError, match="batch of 2 or more"):
        masked_norm(nn.BatchNorm1d(3), torch.randn(1, 4, 3), torch.tensor([[True, False, False, False]]))
