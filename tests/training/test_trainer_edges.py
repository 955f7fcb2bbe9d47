"""What a trainer holds and hands on by its recipe: queue, second encoder, views, precision, the last updates."""

import io

import numpy as np
import pytest
import torch

from vcemo_lib.storage import write_sealed
from vcemo_lib.training import run
from vcemo_lib.training import trainer as module
from vcemo_lib.training.trainer import Trainer, TrainError


@pytest.fixture
def batch_of(store):
    """Eight recordings, as a trainer reads them."""

    def made(trainer):
        return trainer._batch(list(store.corpus.ids[:8]), np.zeros(8, int), np.random.default_rng(0))

    return made


@pytest.mark.parametrize(
    ("changes", "queue", "momentum"),
    [
        ({"alpha": 0.0}, False, False),
        ({"moco": "off"}, False, False),
        ({"moco": "queue"}, True, False),
        ({}, True, True),
    ],
    ids=["no contrast", "off", "queue", "momentum"],
)
def test_queue_and_second_encoder_are_there_where_they_are_wanted(store, split, small, changes, queue, momentum):
    trainer = Trainer(store, split, small.but(**{"alpha": 0.1} | changes), 0)
    assert (trainer.queue is not None, trainer.momentum_encoder is not None) == (queue, momentum)


@pytest.mark.parametrize(("moco", "counts"), [("momentum", [1, 2, 3]), ("queue", [0, 1, 2])])
def test_the_keys_of_this_step_stand_before_those_of_the_queue(
    store, split, small, batch_of, monkeypatch, moco, counts
):
    met, trainer = [], Trainer(store, split, small.but(alpha=0.1, copies=0, moco=moco), 0)
    batch = batch_of(trainer)
    loss = module.supcon_loss

    def watched(h, labels, keys, key_labels, **rest):
        met.append(key_labels[key_labels >= 0].tolist())  # −1: a slot that is not filled yet
        return loss(h, labels, keys=keys, key_labels=key_labels, **rest)

    monkeypatch.setattr(module, "supcon_loss", watched)
    for _ in counts:
        trainer.step(batch, batch)
    assert met == [batch.labels.tolist() * n for n in counts]


@pytest.mark.parametrize(("precision", "halved"), [("no", False), ("bf16", True)])
def test_products_are_halved_where_the_recipe_says_so(store, split, small, batch_of, precision, halved):
    trainer = Trainer(store, split, small.but(precision=precision), 0)
    logits = trainer._read(trainer.model, batch_of(trainer)).logits
    assert torch.equal(logits, logits.bfloat16().float()) == halved


def test_keys_are_read_from_a_second_batch_where_there_is_contrast_of_more_views_than_one(store, split, small):
    ids = list(store.corpus.ids[:4])
    for alpha, views, second in ((0.0, "dropout", "none"), (0.1, "one", "same"), (0.1, "dropout", "other")):
        trainer = Trainer(store, split, small.but(alpha=alpha, views=views, copies=0), 0)
        batch, keys = trainer._views(ids, np.random.default_rng(0))
        assert ("none" if keys is None else "same" if keys is batch else "other") == second


def test_the_last_epoch_ends_with_the_last_update(store, split, small):
    trainer = Trainer(store, split, small.but(step_unit="updates", epochs=1, copies=0), 0)
    whole = len(trainer._batches(np.random.default_rng(0)))
    assert whole == 1  # of the only update that is planned
    trainer = Trainer(
        store, split, small.but(step_unit="updates", epochs=5, batch_size=len(split.train) // 3, copies=0), 0
    )
    while not trainer.done:
        trainer.run_epoch()
    assert sum(line["updates"] for line in trainer.history) == 5 > trainer.history[0]["updates"]
    assert [line["epoch"] for line in trainer.history] == [1, 2]


@pytest.mark.parametrize(("saved", "gpu", "asked"), [(True, False, 0), (False, True, 0), (True, True, 1)])
def test_a_run_of_a_gpu_goes_on_without_one_and_with_one(saved, gpu, asked, store, split, small, monkeypatch):
    trainer, given = Trainer(store, split, small, 0), []
    there = trainer.snapshot() | {"cuda_rng": torch.get_rng_state() if saved else None, "epoch": 2}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "set_rng_state", given.append)  # without a GPU it waits for one, and says nothing
    trainer.restore(there)
    assert trainer.epoch == 2 and len(given) == asked


def test_a_checkpoint_that_holds_more_than_numbers_is_refused(tmp_path):
    content = io.BytesIO()
    torch.save({"epoch": 1, "thing": TrainError("built by whoever opens it")}, content)
    write_sealed(tmp_path / "checkpoint.pt", content.getvalue())
    with pytest.raises(TrainError, match=r"cannot be read \(UnpicklingError\): delete it"):
        run._read(tmp_path / "checkpoint.pt")
