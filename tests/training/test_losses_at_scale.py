"""SupCon's faster form, in chunks of keys and over two processes, has the loss and the gradient of the plain one."""

import time

import pytest
import torch
import torch.nn.functional as F

from vcemo_lib.training import losses
from vcemo_lib.training.losses import supcon_loss


def test_paper_size_is_quick():
    """256 anchors, a queue of 16,384, 128 dimensions: forward and backward; generous for a busy machine."""
    z, keys = torch.randn(256, 128, requires_grad=True), torch.randn(16_384, 128)
    labels, key_labels = torch.randint(0, 6, (256,)), torch.randint(0, 6, (16_384,))
    start = time.process_time()
    supcon_loss(z, labels, keys=keys, key_labels=key_labels).backward()
    assert time.process_time() - start < 2.0


def dense_supcon(z, labels, keys, key_labels, temperature, own_ids, key_ids):
    """The loss with masks of (M, M + K), as it is written down; autograd does the rest."""
    z, keys = F.normalize(z, dim=1), F.normalize(keys, dim=1)
    s = z @ torch.cat([z, keys]).T / temperature
    left_out = torch.cat([torch.eye(len(z), dtype=torch.bool), own_ids[:, None] == key_ids], 1)
    positive = (labels[:, None] == torch.cat([labels, key_labels])) & ~left_out
    log_sum, count = s.masked_fill(left_out, float("-inf")).logsumexp(1), positive.sum(1)
    return (log_sum - s.masked_fill(~positive, 0).sum(1) / count.clamp(min=1))[count > 0].mean()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("m", [1, 7, 150])
def test_class_sums_and_chunks_give_the_loss_and_gradient_of_the_dense_form(m, dtype, monkeypatch):
    monkeypatch.setattr(losses._KeyLogSum, "SIMILARITIES", 110 * m)  # three chunks of keys, the last a short one
    g = torch.Generator().manual_seed(m)
    z, keys = torch.randn(m, 16, generator=g, dtype=dtype), torch.randn(300, 16, generator=g, dtype=dtype)
    labels, key_labels = torch.randint(0, 6, (m,), generator=g), torch.randint(0, 6, (300,), generator=g)
    ids = {"own_ids": torch.arange(m), "key_ids": torch.randint(0, 200, (300,), generator=g)}
    ids["key_ids"][:110] = 0  # a whole chunk of the first anchor's own copies
    pairs = []
    for loss in (supcon_loss, dense_supcon):
        own = z.clone().requires_grad_()
        value = loss(own, labels, keys=keys, key_labels=key_labels, temperature=0.3, **ids)
        value.backward()
        pairs.append((value.detach(), own.grad))
    atol = 1e-12 if dtype == torch.float64 else 1e-5
    for ours, dense in zip(*pairs, strict=True):
        torch.testing.assert_close(ours, dense, rtol=atol, atol=atol)


def _one_process(rank, z, labels, results, port):
    """Each process holds half of the batch, gathers the other half, and takes the loss of its own anchors."""
    import torch.distributed as dist

    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    half = slice(rank * len(z) // 2, (rank + 1) * len(z) // 2)
    own = z[half].clone().requires_grad_()
    parts, part_labels = [torch.empty_like(own) for _ in range(2)], [torch.empty_like(labels[half]) for _ in range(2)]
    dist.all_gather(parts, own.detach())
    dist.all_gather(part_labels, labels[half].contiguous())
    loss = supcon_loss(own, labels[half], keys=parts[1 - rank], key_labels=part_labels[1 - rank], temperature=0.5)
    total = loss.detach().clone()
    dist.all_reduce(total)
    results.put((rank, total.item() / 2))
    dist.destroy_process_group()


def test_two_processes_have_the_loss_of_one_on_the_joined_batch():
    import socket

    import torch.multiprocessing as mp

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    z, labels = torch.randn(12, 5, generator=torch.Generator().manual_seed(0)).double(), torch.arange(12) % 3
    context = mp.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_one_process, args=(r, z, labels, results, port)) for r in range(2)]
    for worker in workers:
        worker.start()
    by_process = dict(results.get(timeout=300) for _ in workers)
    for worker in workers:
        worker.join(60)
    expected = supcon_loss(z, labels, temperature=0.5).item()
    assert by_process[0] == pytest.approx(expected, abs=1e-12)
    assert by_process[1] == pytest.approx(expected, abs=1e-12)
