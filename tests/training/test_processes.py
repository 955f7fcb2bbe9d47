"""Two processes that share each batch: loss, gradients and what follows are those of one process on the whole batch."""

import os
import socket
from contextlib import suppress

import numpy as np
import pytest
import torch
import torch.multiprocessing as mp

from vcemo_lib.data.features import FeatureStore
from vcemo_lib.models.processes import ShareError
from vcemo_lib.training.run import fit
from vcemo_lib.training.trainer import Trainer


def steps(store: FeatureStore, split, recipe, n: int = 2) -> dict:
    """Losses and gradients of the first steps, and weights, running statistics and queue after them."""
    trainer = Trainer(store.augment(split.train), split, recipe, 0)
    losses, gradients = [], []
    take = trainer.optimiser.step
    trainer.optimiser.step = lambda: (gradients.append([p.grad.clone() for p in trainer.model.parameters()]), take())
    ids = list(split.train)
    for k in range(n):
        rows = torch.arange(k * 8, k * 8 + 8).tolist()
        rng = np.random.default_rng(k)
        batch, keys = (trainer._batch([ids[r] for r in rows], torch.full((8,), copy), rng) for copy in (0, 1))
        losses.append(trainer.step(batch, keys))
    queue = {name: value.clone() for name, value in trainer.queue.state_dict().items()}
    state = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    follower = {name: value.clone() for name, value in trainer.momentum_encoder.state_dict().items()}
    return {"losses": losses, "gradients": gradients[0], "queue": queue, "state": state, "follower": follower}


def one_of_two(rank: int, port: int, results, store, split, recipe) -> None:
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()} | {"ACCELERATE_USE_CPU": "true"})
    torch.set_num_threads(1)
    try:
        torch.save(steps(store, split, recipe), results / f"{rank}.pt")
        with suppress(Killed):
            fit(store, split, recipe, 0, results / "run", on_epoch=kill)
    except ShareError as error:
        (results / f"{rank}.txt").write_text(str(error))


class Killed(Exception):
    pass


def kill(_) -> None:
    raise Killed


@pytest.fixture
def recipe(small):
    """Plain SGD would do; Adam's first step is the gradient's sign, so a wrong gradient could hide in the weights."""
    contrast = {"alpha": 0.5, "views": "keys", "moco": "momentum", "exclude_own": True}
    return small.but(dropout=0.0, imbalance="weights", statistics=3, **contrast)


def two(tmp_path, *given) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.start_processes(one_of_two, (port, tmp_path, *given), nprocs=2, start_method="spawn")


def test_two_processes_take_the_steps_of_one_on_the_whole_batch_and_one_goes_on(store, split, recipe, tmp_path):
    one = steps(store, split, recipe)
    two(tmp_path, store, split, recipe)
    for rank in range(2):
        other = torch.load(tmp_path / f"{rank}.pt", weights_only=False)
        assert other["losses"][0] == pytest.approx(one["losses"][0], rel=1e-5)
        assert other["losses"][1] == pytest.approx(one["losses"][1], rel=1e-3)
        for mine, theirs in zip(one["gradients"], other["gradients"], strict=True):
            torch.testing.assert_close(theirs, mine, rtol=1e-3, atol=1e-6)
        for name in ("queue", "follower"):
            for key, value in one[name].items():
                torch.testing.assert_close(other[name][key], value, rtol=1e-3, atol=2e-3, msg=f"{name} {key}")
        running = {k: v for k, v in one["state"].items() if "running" in k}
        assert running
        for key, value in running.items():
            torch.testing.assert_close(other["state"][key], value, rtol=1e-3, atol=1e-4)
    whole, resumed = (fit(store, split, recipe, 0, tmp_path / name) for name in ("whole", "run"))
    assert len(resumed.history) == len(whole.history) == 3
    assert [line["loss"] for line in resumed.history] == pytest.approx(
        [line["loss"] for line in whole.history], rel=0.03
    )
    assert resumed.history[0] != whole.history[0]  # that epoch was made by two, the others by this one


def test_a_batch_that_cannot_be_shared_evenly_is_refused(store, split, recipe, tmp_path):
    two(tmp_path, store, split, recipe.but(batch_size=7))
    said = (tmp_path / "0.txt").read_text()
    assert said == "2 processes cannot share batches of 7 evenly: give a batch_size that 2 divides"
