"""What chapters tell their readers about the library and quote from other pages, where no other test holds it."""

import math
import re
from dataclasses import replace

import librosa
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from batches import random_batch
from small import SMALL

from vcemo_lib.audio.signal import log_mel
from vcemo_lib.config import SAMPLE_RATE
from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.run.plan import NOTEBOOKS
from vcemo_lib.models.attention import MultiHeadAttention
from vcemo_lib.models.vcemo import VcemoModel
from vcemo_lib.paths import ROOT
from vcemo_lib.training.losses import supcon_loss
from vcemo_lib.training.moco import LabelledQueue

PLAIN = replace(SMALL, dropout=0.0)
CONSTANT = re.compile(r".*key\.bias|pool\.score\.3\.bias")  # adds one number to all scores of a softmax
ONE_KEY = re.compile(r"fusion2\.coattention\.guided_units\.\d+\.attend\.(query|key)\..*")  # BERT looks at itself alone


@pytest.mark.parametrize("wave", [
    np.sin(np.arange(16_000) / 6), np.random.default_rng(0).standard_normal(12_345) / 10, np.zeros(4_000),
], ids=["tone", "noise", "silence"])  # fmt: skip
def test_log_mel_is_librosas(wave):
    sizes = dict(n_fft=512, win_length=400, hop_length=160, n_mels=80, fmin=20, pad_mode="reflect")
    power = librosa.feature.melspectrogram(y=wave, sr=SAMPLE_RATE, **sizes)
    assert np.abs(log_mel(wave.astype(np.float32)) - np.log(np.maximum(power, 1e-6)).T).max() < 1e-3


def test_attention_knows_no_order_of_the_places_it_looks_at():
    torch.manual_seed(0)
    layer, asks, places = MultiHeadAttention(16, 4, 0.0), torch.randn(2, 3, 16), torch.randn(2, 7, 16)
    there = torch.arange(7) < torch.tensor([[7], [4]])
    order = torch.randperm(7)
    straight, shuffled = layer(asks, places, there)[0], layer(asks, places[:, order], there[:, order])[0]
    assert torch.allclose(straight, shuffled, atol=1e-6)
    assert not torch.allclose(straight, layer(asks, places[:, order], there)[0], atol=1e-3)  # the mask moves along


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


NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d+|\d+e[-−]\d+|\.\d+)(?![\w.])")


@pytest.mark.parametrize(("cell", "page"), [
    ("c03-words-see", "data/vcemo_sim/DATA_CARD.md"),
    ("c06-alone-see", "book/results.md"),
    ("c08-alone-see", "book/results.md"),
    ("c11-cures-text", "results/TRIALS.md"),
])  # fmt: skip
def test_numbers_that_a_chapter_quotes_stand_on_the_page_they_are_from(cell, page):
    (notebook,) = NOTEBOOKS.glob(f"{cell[1:3]}_*.ipynb")
    text = next(one.source for one in read_notebook(notebook).cells if one.id == cell)
    quoted, there = (
        set(map(float, NUMBER.findall(told))) for told in (text, (ROOT / page).read_text(encoding="utf-8"))
    )
    assert len(quoted) >= 2
    assert quoted - there == set()
