"""SupCon against hand values, loops, pytorch-metric-learning and its invariances; the mixed loss."""

import math

import pytest
import torch
import torch.nn.functional as F
from pytorch_metric_learning.losses import SupConLoss

from vcemo_lib.training.losses import LossError, cross_entropy, mixed_loss, supcon_loss

E1, E2 = [1.0, 0.0], [0.0, 1.0]
TWO_BY_TWO = torch.tensor([0, 0, 1, 1])


def sample(m=12, k=30, d=5, n_classes=3, seed=0):
    """z, labels, keys, key labels in float64; every class occurs at least twice in z."""
    g = torch.Generator().manual_seed(seed)
    z, keys = torch.randn(m, d, generator=g).double(), torch.randn(k, d, generator=g).double()
    return z, torch.arange(m) % n_classes, keys, torch.randint(0, n_classes, (k,), generator=g)


def slow_supcon(z, labels, keys, key_labels, temperature, excluded=lambda _i, _k: False):
    """Paper §3.4, one term at a time, for each anchor that has a positive; keys of label −1 are left out."""
    unit = [v / v.norm() for v in z]
    losses = []
    for i, zi in enumerate(unit):
        others = [(v, int(y)) for j, (v, y) in enumerate(zip(unit, labels, strict=True)) if j != i]
        others += [
            (v / v.norm(), int(y))
            for k, (v, y) in enumerate(zip(keys, key_labels, strict=True))
            if y != -1 and not excluded(i, k)
        ]
        s = [float(zi @ v) / temperature for v, _ in others]
        log_sum = math.log(sum(math.exp(x) for x in s))
        positives = [x for x, (_, y) in zip(s, others, strict=True) if y == labels[i]]
        if positives:
            losses.append(-sum(x - log_sum for x in positives) / len(positives))
    return losses


@pytest.mark.parametrize("temperature", [0.1, 1.0])
@pytest.mark.parametrize("n", [4, 5, 9])
def test_equal_embeddings_give_the_log_of_the_number_of_contrasts_and_no_gradient(n, temperature):
    z = torch.ones(n, 3, dtype=torch.float64, requires_grad=True)
    loss = supcon_loss(z, torch.tensor([0] * (n - n // 2) + [1] * (n // 2)), temperature=temperature)
    loss.backward()
    assert loss.item() == pytest.approx(math.log(n - 1), abs=1e-12)
    assert z.grad.abs().max() < 1e-12


@pytest.mark.parametrize(
    ("b", "temperature", "expected"),
    [
        (E2, 1.0, math.log(math.e + 2) - 1),
        ([-1.0, 0.0], 1.0, math.log(math.e + 2 / math.e) - 1),
        (E2, 0.1, math.log(math.exp(10) + 2) - 10),
    ],
)
def test_hand_values_of_two_classes_of_two(b, temperature, expected):
    z = torch.tensor([E1, E1, b, b], dtype=torch.float64) * torch.tensor([[1.0], [2.0], [3.0], [0.5]])
    assert supcon_loss(z, TWO_BY_TWO, temperature=temperature).item() == pytest.approx(expected, abs=1e-12)


def test_hand_values_have_the_printed_digits():
    z = torch.tensor([E1, E1, E2, E2])
    assert supcon_loss(z, TWO_BY_TWO).item() == pytest.approx(0.5514, abs=5e-5)
    assert supcon_loss(z, TWO_BY_TWO, temperature=0.1).item() == pytest.approx(9.08e-5, rel=1e-2)


@pytest.mark.parametrize("temperature", [0.07, 0.5, 1.0])
def test_equals_the_formula_term_by_term_with_a_half_filled_queue_and_a_rare_class(temperature):
    z, labels, keys, key_labels = sample()
    labels[0], key_labels[key_labels == 7] = 7, 0  # one anchor of a class nobody else has
    key_labels[::3] = -1
    losses = slow_supcon(z, labels, keys, key_labels, temperature)
    assert len(losses) == len(z) - 1
    kwargs = {"keys": keys, "key_labels": key_labels, "temperature": temperature}
    assert supcon_loss(z, labels, **kwargs).item() == pytest.approx(sum(losses) / len(losses), abs=1e-12)
    assert supcon_loss(z, labels, **kwargs, reduction="sum").item() == pytest.approx(sum(losses), abs=1e-11)


def test_own_stale_copies_leave_both_sums():
    z, labels, keys, key_labels = sample()
    own, ids = torch.arange(12), torch.arange(30) % 15
    key_labels = torch.where(ids < 12, labels[ids.clamp(max=11)], key_labels)
    ids[0] = -2  # never anybody's own
    losses = slow_supcon(z, labels, keys, key_labels, 1.0, lambda i, k: own[i] == ids[k])
    loss = supcon_loss(z, labels, keys=keys, key_labels=key_labels, own_ids=own, key_ids=ids)
    assert loss.item() == pytest.approx(sum(losses) / len(losses), abs=1e-12)
    assert loss.item() != pytest.approx(supcon_loss(z, labels, keys=keys, key_labels=key_labels).item(), abs=1e-4)


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_equals_pytorch_metric_learning(temperature):
    z, labels, keys, key_labels = sample()
    theirs = SupConLoss(temperature=temperature)
    assert supcon_loss(z, labels, temperature=temperature).item() == pytest.approx(theirs(z, labels).item(), abs=1e-6)
    both, both_labels = torch.cat([z, keys]), torch.cat([labels, key_labels])
    expected = theirs(z, labels, ref_emb=both, ref_labels=both_labels).item()  # keeps each anchor's own column
    ours = supcon_loss(z, labels, keys=keys, key_labels=key_labels, temperature=temperature, exclude_self=False)
    assert ours.item() == pytest.approx(expected, abs=1e-6)


def test_unfilled_slots_change_nothing_whatever_they_hold():
    z, labels, keys, key_labels = sample()
    empty, marks = torch.full((4, 5), 1e6).double(), torch.full((4,), -1)
    expected = supcon_loss(z, labels, keys=keys, key_labels=key_labels)
    more = supcon_loss(z, labels, keys=torch.cat([empty, keys]), key_labels=torch.cat([marks, key_labels]))
    torch.testing.assert_close(more, expected)
    torch.testing.assert_close(supcon_loss(z, labels, keys=empty, key_labels=marks), supcon_loss(z, labels))


def test_invariances_order_rotation_relabelling_length():
    z, labels, keys, key_labels = sample()
    expected = supcon_loss(z, labels, keys=keys, key_labels=key_labels)
    order, slots = torch.randperm(12), torch.randperm(30)
    rotation = torch.linalg.qr(torch.randn(5, 5).double())[0]
    names = torch.tensor([4, 9, 2])
    for other in (
        supcon_loss(z[order], labels[order], keys=keys[slots], key_labels=key_labels[slots]),
        supcon_loss(z @ rotation, labels, keys=keys @ rotation, key_labels=key_labels),
        supcon_loss(z, names[labels], keys=keys, key_labels=names[key_labels]),
        supcon_loss(z * 7, labels, keys=keys * 0.2, key_labels=key_labels),
    ):
        torch.testing.assert_close(other, expected)


def test_gradient_check():
    z, labels, keys, key_labels = sample(m=6, k=8)
    labels[0] = 5
    key_labels[:2] = -1
    z.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: supcon_loss(x, labels, temperature=0.3), z)
    kwargs = {"keys": keys, "key_labels": key_labels, "own_ids": torch.arange(6), "key_ids": torch.arange(8)}
    assert torch.autograd.gradcheck(lambda x: supcon_loss(x, labels, reduction="sum", **kwargs), z)


def test_no_anchor_with_a_positive_gives_zero_that_can_be_differentiated():
    z = torch.randn(3, 4, requires_grad=True)
    loss = supcon_loss(z, torch.arange(3))
    loss.backward()
    assert loss.item() == 0
    assert (z.grad == 0).all()
    assert supcon_loss(z[:1], torch.tensor([0])).item() == 0


def test_reference_scale_is_the_released_codes_factor():
    z, labels, _, _ = sample()
    plain = supcon_loss(z, labels, temperature=0.35)
    torch.testing.assert_close(supcon_loss(z, labels, temperature=0.35, reference_scale=True), plain * 5)


def test_small_temperature_and_half_precision_stay_finite():
    z, labels, keys, key_labels = (t.float() if t.is_floating_point() else t for t in sample())
    z.requires_grad_()
    supcon_loss(z, labels, keys=keys, key_labels=key_labels, temperature=1e-3).backward()
    assert z.grad.isfinite().all()
    exact = supcon_loss(z, labels, keys=keys, key_labels=key_labels)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = supcon_loss(z.bfloat16(), labels, keys=keys, key_labels=key_labels)
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(exact.item(), abs=5e-3)


def test_mixed_loss():
    ce, supcon = torch.tensor(2.0), torch.tensor(5.0)
    assert mixed_loss(ce, supcon, 0.0).item() == 2.0
    assert mixed_loss(ce, supcon, 1.0).item() == 3.5
    assert mixed_loss(ce, supcon, 100.0).item() == pytest.approx(2 * 0.00990099 + 5 * 0.99009901)
    assert mixed_loss(ce, supcon, 1e9).item() == pytest.approx(5.0)
    with pytest.raises(LossError, match="alpha=-1"):
        mixed_loss(ce, supcon, -1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"labels": torch.zeros(3)}, "give one label a row"),
        ({"keys": torch.zeros(2, 4)}, "keys and key_labels go together"),
        ({"keys": torch.zeros(2, 4), "key_labels": torch.zeros(3)}, "one label a key"),
        ({"key_ids": torch.zeros(2)}, "key_ids needs keys"),
        ({"own_ids": torch.zeros(2)}, "own_ids has shape"),
        ({"temperature": 0.0}, "temperature=0.0 divides the similarities: give more than 0"),
        ({"reduction": "median"}, "reduction='median' is unknown"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises(LossError, match=message):
        supcon_loss(**{"z": F.normalize(torch.ones(4, 4)), "labels": torch.zeros(4)} | wrong)


def test_a_remedy_that_there_is_not_is_refused():
    with pytest.raises(LossError, match="imbalance='smoth' is unknown"):
        cross_entropy(torch.zeros(2, 3), torch.tensor([0, 1]), "smoth")
