"""What chapters 09 and 10 tell their readers about the library, where no other test holds it."""

import math
import re
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from batches import random_batch
from small import SMALL

from vcemo_lib.models.vcemo import VcemoModel
from vcemo_lib.training.losses import supcon_loss
from vcemo_lib.training.moco import LabelledQueue

PLAIN = replace(SMALL, dropout=0.0)
CONSTANT = re.compile(r".*key\.bias|pool\.score\.3\.bias")  # adds one number to all scores of a softmax
ONE_KEY = re.compile(r"fusion2\.coattention\.guided_units\.\d+\.attend\.(query|key)\..*")  # BERT looks at itself alone


def test_gradient_reaches_every_weight_that_can_matter():
    torch.manual_seed(0)
    model, batch = VcemoModel(PLAIN).double().train(), random_batch()
    for name in ("mel", "words", "bert"):
        setattr(batch, name, getattr(batch, name).double())
    F.cross_entropy(model(batch).logits, batch.labels).backward()
    silent = {name for name, p in model.named_parameters() if p.grad is None or p.grad.abs().max() < 1e-14}
    cannot = {name for name, _ in model.named_parameters() if CONSTANT.fullmatch(name) or ONE_KEY.match(name)}
    assert silent - cannot == set()
    assert {name for name in cannot if ONE_KEY.match(name)} <= silent


@pytest.mark.parametrize(("temperature", "n_classes", "expected"), [
    (1.0, 4, math.log(127 * math.e + 384 * math.exp(-1 / 3)) - 1),  # 5.430: the band of τ = 1 is 0.8 wide
    (0.05, 4, math.log(127)),  # an anchor cannot choose among its equal partners
    (0.05, 2, math.log(255)),
])  # fmt: skip
def test_lowest_loss_of_512_balanced_views(temperature, n_classes, expected):
    corners = F.normalize(torch.eye(n_classes) - 1 / n_classes, dim=1).double()
    views, labels = (x.repeat_interleave(512 // n_classes, 0) for x in (corners, torch.arange(n_classes)))
    assert supcon_loss(views, labels, temperature=temperature).item() == pytest.approx(expected, abs=1e-6)


def test_enqueueing_first_makes_every_anchor_meet_itself():
    g = torch.Generator().manual_seed(0)
    z, labels, queue = torch.randn(24, 16, generator=g), torch.arange(24) % 4, LabelledQueue(16, 64)
    queue.enqueue(torch.randn(40, 16, generator=g), torch.arange(40) % 4)
    before = supcon_loss(z, labels, keys=queue.keys, key_labels=queue.labels, temperature=0.1)
    queue.enqueue(z, labels)
    assert supcon_loss(z, labels, keys=queue.keys, key_labels=queue.labels, temperature=0.1) > before + 1
