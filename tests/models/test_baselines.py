"""Every system: shapes, padding, gradients, over-fitting, counts."""

from dataclasses import fields, replace
from typing import get_args

import pytest
import torch
import torch.nn.functional as F
from batches import alone, padded_with, random_batch
from small import SMALL

from vcemo_lib.config import ModelConfig
from vcemo_lib.models.attention import ModelError
from vcemo_lib.models.registry import SYSTEMS, build_model
from vcemo_lib.models.umons import Umons

PLAIN = replace(SMALL, d=32, length=6, dropout=0.0)
# Their gradient is zero by construction: a softmax ignores what is added to all scores, and the length-one
# BERT sequence has nothing to choose when it attends to itself (A13).
FLAT = (
    "key.bias", "pool.score.3.bias", "flatten.0.score.3.bias", "flatten.1.score.3.bias",
    *(f"fusion2.coattention.guided_units.{n}.attend.{map_}" for n in (0, 1) for map_ in ("query", "key")),
)  # fmt: skip


# The released UMONS looks at padding by design; test_baseline_formulas.py has its own.
MASKED = [name for name in SYSTEMS if name != "umons_released"]


@pytest.fixture(params=MASKED)
def model(request):
    torch.manual_seed(0)
    model = build_model(replace(PLAIN, system=request.param)).train()
    model(random_batch(seed=9))  # BatchNorm has seen data
    return model.eval()


def test_output_has_the_common_shape(model):
    out = model(random_batch(), keep_attention=True)
    assert out.logits.shape == (4, 4)
    assert out.logits.isfinite().all()
    assert (out.h is not None) == (type(model).__name__ == "VcemoModel")
    torch.testing.assert_close(out.logits, model(random_batch()).logits)
    assert model(random_batch()).attention == {}


def test_padding_and_company_change_no_logit(model):
    batch = random_batch()
    logits = model(batch).logits
    assert logits.std(0).min() > 1e-4  # the utterances do differ
    for more in (padded_with(batch, 0.0), padded_with(batch, 50.0)):
        torch.testing.assert_close(model(more).logits, logits, rtol=0, atol=1e-5)
    for i in range(len(batch)):
        torch.testing.assert_close(model(alone(batch, i)).logits[0], logits[i], rtol=0, atol=1e-5)


def test_training_mode_ignores_padding_too(model):
    batch = random_batch()
    logits = model.train()(batch).logits
    torch.testing.assert_close(model(padded_with(batch, 50.0)).logits, logits, rtol=0, atol=1e-5)


def test_words_beyond_the_common_length_are_not_read(model):
    batch = random_batch(tokens=(9, 9, 9, 9))
    changed = replace(batch, words=torch.cat([batch.words[:, :6], batch.words[:, 6:] + 1], 1))
    assert torch.equal(model(changed).logits, model(batch).logits)


def test_audio_and_words_both_matter(model):
    batch = random_batch()
    logits = model(batch).logits
    for field in ("mel", "words"):
        assert not torch.allclose(model(replace(batch, **{field: -getattr(batch, field)})).logits, logits, atol=1e-5)


def test_gradient_reaches_every_parameter(model):
    batch = random_batch(frames=(37, 30, 22, 25), tokens=(6, 5, 4, 3))
    F.cross_entropy(model.train()(batch).logits, batch.labels).backward()
    for name, p in model.named_parameters():
        assert p.grad is not None and p.grad.isfinite().all(), name
        assert (p.grad.abs().max() > 1e-7) != any(flat in name for flat in FLAT), name


def test_overfits_eight_random_utterances(model):
    batch = random_batch(frames=(30, 12, 25, 18, 9, 40, 22, 15), tokens=(6, 2, 4, 3, 5, 1, 4, 2), seed=3)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(150):
        loss = F.cross_entropy(model.train()(batch).logits, batch.labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss < 0.02:
            break
    assert model.eval()(batch).logits.argmax(1).tolist() == batch.labels.tolist()


@pytest.mark.parametrize(
    ("system", "count"),
    [
        ("vcemo", 40_853_607),
        ("xu", 1_380_615),
        ("xu_delta", 1_154_678),
        ("umons", 21_943_032),
        ("umons_released", 21_943_032),
        ("mha2", 1_580_006),
        ("mdre", 511_806),
        ("cme", 1_875_014),
    ],
)
def test_parameter_counts_of_the_default_configuration(system, count):
    assert sum(p.numel() for p in build_model(ModelConfig(system=system)).parameters()) == count


def test_umons_counts_what_its_released_emotion_run_counts():
    """28,375,920 without the embedding table: L = 4, d = 512, f = 1024, 60 steps, six emotions."""
    model = Umons(ModelConfig(n_layers=4, d=512, d_ff=1024, length=60, n_classes=6))
    assert sum(p.numel() for p in model.parameters()) == 28_375_920


def test_every_system_has_its_class_and_a_missing_modality_is_refused():
    (known,) = [get_args(f.type) for f in fields(ModelConfig) if f.name == "system"]
    assert known == tuple(SYSTEMS)
    with pytest.raises(ModelError, match="'cme' joins audio and words"):
        build_model(replace(PLAIN, system="cme", modalities=("audio",)))
