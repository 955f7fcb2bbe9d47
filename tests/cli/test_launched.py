"""`accelerate launch … -m vcemo_lib.cli train …`, as it is typed: two processes make the model that one makes."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from vcemo_lib.paths import ROOT
from vcemo_lib.storage import locked

ALONE = [sys.executable, "-m", "vcemo_lib.cli"]
TOGETHER = [
    *(sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"),
    *("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"),
    *("-m", "vcemo_lib.cli"),
]  # fmt: skip
RECIPE = "--profile tiny --epochs 6 --classes 4 --set limit=60 --set d=16 --set n_heads=2 --set batch_size=8"


@pytest.fixture
def started(sim_root, cache):
    """Starts a training of the small recipe, without what is drawn at random in each process: dropout."""

    def start(launcher, folder, *more) -> subprocess.Popen:
        words = f"train {folder} --corpus-root {sim_root} {RECIPE} --set dropout=0".split()
        place = os.environ | {"PYTHONPATH": str(ROOT), "VCEMO_CACHE": str(cache), "CUDA_VISIBLE_DEVICES": ""}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([*launcher, *words, *more], env=place, cwd=ROOT, **pipes)

    return start


def weights(folder) -> dict[str, np.ndarray]:
    return load_file(folder / "model.safetensors")


def losses(said: str) -> list[float]:
    return [float(line.split("loss ")[1].split(",")[0]) for line in said.splitlines() if line.startswith("epoch")]


def same_model(one, two) -> None:
    """Answers of the test part, and weights: of a bias before BatchNorm, whose gradient is noise, Adam makes a walk."""
    scores = [json.loads((folder / "bundle.json").read_text())["scores"] for folder in (one, two)]
    assert scores[1] == pytest.approx(scores[0], abs=1e-3)
    theirs = weights(two)
    for name, value in weights(one).items():
        if value.ndim > 1:
            np.testing.assert_allclose(theirs[name], value, atol=0.1 * np.abs(value).max(), err_msg=name)


def test_two_processes_go_on_from_the_first_epoch_of_one_to_the_model_that_one_makes(started, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    alone = started(ALONE, one)
    for line in alone.stdout:
        if line.startswith("epoch 1"):
            shutil.copytree(tmp_path / "one.work", tmp_path / "two.work", ignore=shutil.ignore_patterns("*.lock", ".*"))
            break
    said = line + alone.communicate(timeout=600)[0]
    assert alone.returncode == 0, said
    together = started(TOGETHER, two)
    told, errors = together.communicate(timeout=600)
    assert together.returncode == 0, errors
    assert len(losses(said)) == 6
    assert 3 <= len(losses(told)) < 6  # each line once
    assert losses(told) == pytest.approx(losses(said)[-len(losses(told)) :], abs=2e-3)
    assert told.count("the same split, majority") == 1
    same_model(one, two)
    assert not (tmp_path / "two.work").exists()


def test_what_both_refuse_is_said_once(started, tmp_path):
    refused = started(TOGETHER, tmp_path / "m", "--epochs", "-1")
    said = refused.communicate(timeout=600)
    assert refused.returncode != 0
    assert said[1].count("vcemo: --epochs is -1: give 1 or more") == 1


def test_what_the_first_alone_meets_ends_both_and_is_said_once(started, tmp_path):
    with locked(tmp_path / "m"):
        second = started(TOGETHER, tmp_path / "m", "--modalities", "words")
        said = second.communicate(timeout=600)
    assert second.returncode != 0
    assert said[1].count("vcemo: another process is training into") == 1
    assert not (tmp_path / "m").exists()


def test_another_command_than_train_is_refused():
    table = subprocess.run(
        [*ALONE, "table", "1"], env=os.environ | {"WORLD_SIZE": "2", "RANK": "0", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert table.returncode == 2
    assert "2 processes were launched for 'vcemo table'" in table.stderr
