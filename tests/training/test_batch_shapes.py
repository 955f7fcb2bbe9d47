"""Batches of a training come in few lengths, and are read in half precision: neither changes what comes out."""

import numpy as np
import pytest
import torch

from vcemo_lib.models.registry import build_model
from vcemo_lib.training.trainer import SHAPE, Trainer


def test_a_training_sees_few_lengths_though_every_clip_is_stretched(store, split, small):
    recipe = small.but(stretch_frames=0.3, batch_size=4)
    trainer, rng = Trainer(store.augment(split.train), split, recipe, 0), np.random.default_rng(0)
    seen = [trainer._views(ids, rng)[0].mel.shape[1] for _ in range(4) for ids in trainer._batches(rng)]
    assert not any(frames % SHAPE for frames in seen)
    assert len(set(seen)) <= max(seen) // SHAPE < len(seen) / 2


@pytest.mark.parametrize("system", ["vcemo", "umons", "xu", "mha2"])
def test_padding_to_such_a_length_changes_no_answer_and_no_gradient(store, small, system):
    torch.manual_seed(0)
    model = build_model(small.but(system=system, dropout=0.0).model).train()
    batch = store.batch(store.corpus.ids[:4], store.corpus.task_labels(6))
    results = []
    for given in (batch, batch.with_frames_of(batch.mel.shape[1] + 7)):
        model.zero_grad()
        logits = model(given).logits
        logits.square().sum().backward()
        results.append([logits.detach(), *(p.grad.clone() for p in model.parameters() if p.grad is not None)])
    for plain, padded in zip(*results, strict=True):
        torch.testing.assert_close(padded, plain, rtol=1e-3, atol=1e-4)


def test_every_other_utterance_of_a_batch_is_a_batch(store):
    batch = store.batch(store.corpus.ids[:5], store.corpus.task_labels(6))
    part = batch.share(1, 2)
    assert (part.ids, len(part)) == (batch.ids[1::2], 2)
    for name in ("mel", "mel_mask", "words", "words_mask", "bert", "spans", "labels"):
        assert torch.equal(part[name], batch[name][1::2])


def test_half_precision_agrees_and_may_follow_full_precision_in_one_process(store, split, small):
    losses = {}
    for precision in ("no", "bf16"):
        recipe = small.but(alpha=0.5, dropout=0.0, precision=precision)
        trainer, rng = Trainer(store.augment(split.train), split, recipe, 0), np.random.default_rng(0)
        losses[precision] = [trainer.step(*trainer._views(ids, rng))["loss"] for ids in trainer._batches(rng)]
        assert trainer.queue.keys.dtype == next(trainer.model.parameters()).dtype == torch.float32
    assert losses["bf16"] == pytest.approx(losses["no"], rel=0.02)
    assert losses["bf16"] != losses["no"]
