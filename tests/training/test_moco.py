"""The labelled queue and the momentum encoder."""

import warnings

import pytest
import torch
import torch.nn.functional as F
from batches import random_batch
from small import SMALL
from torch import nn

from vcemo_lib.models.vcemo import VcemoModel
from vcemo_lib.training.losses import LossError, supcon_loss
from vcemo_lib.training.moco import LabelledQueue, MomentumEncoder


def numbered(start, n, dim=3):
    """n keys whose direction tells their number, with labels and ids."""
    numbers = torch.arange(start, start + n)
    return (
        torch.stack([torch.cos(numbers / 9), torch.sin(numbers / 9), 0 * numbers], 1)[:, :dim],
        numbers % 4,
        numbers,
    )


@pytest.mark.parametrize("batch", [1, 3, 4, 7, 10])
def test_queue_holds_the_newest_keys_whatever_the_batch_size(batch):
    queue, seen = LabelledQueue(3, size=10), 0
    while seen < 35:
        queue.enqueue(*numbered(seen, batch))
        seen += batch
        newest = range(max(0, seen - 10), seen)
        assert queue.n_filled == min(seen, 10)
        assert int(queue.pointer) == seen % 10
        assert {int(i): int(y) for i, y in zip(queue.ids, queue.labels, strict=True) if i >= 0} == {
            i: i % 4 for i in newest
        }
        for slot, number in enumerate(queue.ids.tolist()):
            if number >= 0:
                torch.testing.assert_close(queue.keys[slot], numbered(number, 1)[0][0])


def test_queue_normalises_and_holds_no_graph():
    queue = LabelledQueue(4, size=6)
    queue.enqueue(torch.randn(3, 4, requires_grad=True) * 5, torch.tensor([0, 1, 2]))
    torch.testing.assert_close(queue.keys[:3].norm(dim=1), torch.ones(3))
    assert not queue.keys.requires_grad
    assert queue.labels.tolist() == [0, 1, 2, -1, -1, -1]
    assert queue.ids.tolist() == [-1] * 6


def test_queue_survives_saving():
    queue, again = LabelledQueue(3, size=10), LabelledQueue(3, size=10)
    queue.enqueue(*numbered(0, 7))
    again.load_state_dict(queue.state_dict())
    for q in (queue, again):
        q.enqueue(*numbered(7, 5))
    for name, buffer in queue.state_dict().items():
        assert torch.equal(buffer, again.state_dict()[name]), name
    assert set(queue.state_dict()) == {"keys", "labels", "ids", "pointer"}


def test_queue_refuses_what_does_not_fit():
    queue = LabelledQueue(3, size=4)
    with pytest.raises(LossError, match="5 keys do not fit into a queue of 4"):
        queue.enqueue(*numbered(0, 5))
    with pytest.raises(LossError, match="3 keys came with 2 labels"):
        queue.enqueue(torch.ones(3, 3), torch.tensor([0, 1]))
    with pytest.raises(LossError, match="give each its class"):
        queue.enqueue(torch.ones(2, 3), torch.tensor([0, -1]))


def test_loss_first_then_enqueue_leaves_the_gradient_alone():
    """The queue is written in place between loss and backward; the loss must not notice."""
    z, labels = torch.randn(6, 8), torch.arange(6) % 2
    grads = []
    for enqueue in (False, True):
        queue, x = LabelledQueue(8, size=6), z.clone().requires_grad_()
        queue.enqueue(torch.eye(6, 8), labels)
        loss = supcon_loss(x, labels, keys=queue.keys, key_labels=queue.labels)
        if enqueue:
            queue.enqueue(x, labels)
        loss.backward()
        grads.append(x.grad)
    assert torch.equal(*grads)


def test_an_empty_queue_is_no_queue():
    z, labels, queue = torch.randn(6, 8), torch.arange(6) % 2, LabelledQueue(8, size=20)
    assert torch.equal(supcon_loss(z, labels, keys=queue.keys, key_labels=queue.labels), supcon_loss(z, labels))


def shifted(model, by=1.0):
    with torch.no_grad():
        for p in model.parameters():
            p += by
    return model


def test_distance_to_a_resting_model_shrinks_by_m_each_update():
    model = VcemoModel(SMALL).double()
    keys = MomentumEncoder(model, m=0.9)
    shifted(model, 1.0)
    for _ in range(5):
        keys.update(model)
    for follower, leader in zip(keys.encoder.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(leader - follower, torch.full_like(leader, 0.9**5))


@pytest.mark.parametrize(("m", "share"), [(1.0, 0.0), (0.0, 1.0)])
def test_the_ends_of_momentum(m, share):
    model = nn.Linear(2, 2).double()
    keys = MomentumEncoder(model, m=m)
    old = keys.encoder.weight.clone()
    shifted(model)
    keys.update(model)
    torch.testing.assert_close(keys.encoder.weight, old + share)


def test_buffers_are_averaged_and_counters_copied():
    model = nn.BatchNorm1d(2)
    keys = MomentumEncoder(model, m=0.9)
    model.running_var.fill_(3.0)
    model.num_batches_tracked.fill_(7)
    keys.update(model)
    torch.testing.assert_close(keys.encoder.running_var, torch.full((2,), 0.9 * 1.0 + 0.1 * 3.0))
    assert int(keys.encoder.num_batches_tracked) == 7


def test_key_encoder_is_a_copy_without_gradient_in_training_mode():
    model, batch = VcemoModel(SMALL).eval(), random_batch()
    keys = MomentumEncoder(model)
    assert not any(p.requires_grad for p in keys.parameters())
    assert keys.encoder.training
    out = keys(batch)
    assert out.h.shape == (4, 8)
    assert not out.h.requires_grad
    assert not torch.equal(keys(batch).h, keys(batch).h)  # its own dropout
    keys.encoder.eval().load_state_dict(model.state_dict())  # its statistics had moved in training mode
    torch.testing.assert_close(keys(batch).h, model(batch).h)
    own = {id(t) for t in (*model.parameters(), *model.buffers())}
    assert not own & {id(t) for t in (*keys.parameters(), *keys.buffers())}


def test_a_step_trains_the_model_and_not_the_key_encoder():
    torch.manual_seed(0)
    model, batch, queue = VcemoModel(SMALL), random_batch(), LabelledQueue(8, size=8)
    keys = MomentumEncoder(model)
    queue.enqueue(torch.randn(4, 8), batch.labels)
    before = [p.clone() for p in keys.parameters()]
    fresh = F.normalize(keys(batch).h, dim=1)
    key_z, key_labels = torch.cat([fresh, queue.keys]), torch.cat([batch.labels, queue.labels])
    supcon_loss(model(batch).h, batch.labels, keys=key_z, key_labels=key_labels).backward()
    assert all(p.grad is None for p in keys.parameters())
    assert model.encoders["audio"].blocks[0].conv.weight.grad.abs().max() > 0
    assert all(torch.equal(a, b) for a, b in zip(before, keys.parameters(), strict=True))


def test_momentum_encoder_survives_saving():
    model = VcemoModel(SMALL)
    keys, again = MomentumEncoder(model, 0.5), MomentumEncoder(VcemoModel(SMALL), 0.5)
    keys.update(shifted(model))
    again.load_state_dict(keys.state_dict())
    for k in (keys, again):
        k.update(model)
    for a, b in zip(keys.encoder.parameters(), again.encoder.parameters(), strict=True):
        assert torch.equal(a, b)


def test_clear_errors():
    with pytest.raises(LossError, match="m=1.5 is the share"):
        MomentumEncoder(nn.Linear(1, 1), 1.5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU: on a CPU the weights may lie anywhere")
def test_the_weights_of_a_copied_lstm_lie_together_on_a_gpu():
    model = nn.LSTM(4, 8, num_layers=2, bidirectional=True).cuda()
    keys = MomentumEncoder(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keys.update(model)
        keys(torch.randn(5, 3, 4, device="cuda"))
