"""What a trainer keeps from epoch to epoch: its best weights, its seconds; and which keys a step may meet."""

from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vcemo_lib.training import trainer as module
from vcemo_lib.training.run import fit
from vcemo_lib.training.trainer import Trainer


@pytest.mark.parametrize(
    ("values", "best"),
    [((0.3, 0.6, 0.5, 0.6), 2), ((0.0, 0.0), 1), ((0.1, 0.2, 0.3), 3)],
    ids=["second", "none", "last"],
)
def test_of_the_best_epochs_the_first_is_kept(store, split, small, monkeypatch, values, best):
    validated = iter(values)
    monkeypatch.setattr(module, "scores", lambda matrix: {"wa": next(validated)})
    trainer = Trainer(store, split, small.but(copies=0, learning_rate=1e-2, epochs=len(values)), 0)
    states = []
    for _ in values:
        trainer.run_epoch()
        states.append({name: value.clone() for name, value in trainer.model.state_dict().items()})
    assert trainer.best_epoch == best
    for name, value in states[best - 1].items():
        assert torch.equal(trainer.best_state[name], value), name


def test_the_seconds_of_a_run_are_those_of_its_epochs(store, split, small, monkeypatch):
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=count(100, 7).__next__))  # 7 s from look to look
    assert fit(store, split, small.but(epochs=3)).seconds == 3 * 7


def test_own_stale_copies_are_left_out_and_the_keys_of_this_step_are_not(store, split, small):
    """The first step meets its own new keys alone, the second those of the first too."""
    supcon = {}
    for exclude in (False, True):
        trainer = Trainer(store, split, small.but(alpha=0.1, copies=0, exclude_own=exclude, dropout=0.0), 0)
        batch = trainer._batch(list(store.corpus.ids[:8]), np.zeros(8, int), np.random.default_rng(0))
        supcon[exclude] = [trainer.step(batch, batch)["supcon"] for _ in range(2)]
    assert supcon[True][0] == supcon[False][0]
    assert supcon[True][1] != pytest.approx(supcon[False][1], rel=1e-3)
