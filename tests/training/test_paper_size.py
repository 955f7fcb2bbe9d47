"""The paper's own size: a batch of 4 here, and the records of the batch of 256, by two CPU cores and by a GPU."""

import json
import subprocess
import sys

import pytest

from vcemo_lib.models.registry import build_model
from vcemo_lib.paths import RESULTS, ROOT
from vcemo_lib.recipes import PAPER_VCEMO


def test_the_paper_s_model_and_queue_take_two_steps_on_a_small_batch(sim_root, cache, tmp_path):
    command = [
        sys.executable,
        str(ROOT / "tools" / "paper_size.py"),
        "--batch",
        "4",
        "--frames",
        "60",
        "--corpus-root",
        str(sim_root),
        "--out",
        str(tmp_path / "size.json"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    measured = json.loads((tmp_path / "size.json").read_text(encoding="utf-8"))
    assert (measured["d"], measured["batch"], measured["queue"], measured["filled"]) == (512, 4, [16_384, 128], 2 * 4)
    assert measured["tensors_moved"] == measured["tensors"]
    assert all(0 < line["loss"] < 20 for line in measured["losses"])


@pytest.mark.parametrize(("name", "steps"), [("paper_size", 2), ("paper_size_h200", 20)])
def test_the_recorded_steps_are_of_the_paper_s_recipe_and_the_readme_tells_them(name, steps):
    kept = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    assert (kept["d"], kept["batch"], kept["queue"]) == (PAPER_VCEMO.model.d, 256, [16_384, 128])
    assert kept["filled"] == steps * 256
    assert kept["parameters"] == sum(p.numel() for p in build_model(PAPER_VCEMO.model).parameters())
    assert (kept["tensors_moved"], len(kept["losses"])) == (kept["tensors"], 2)
    told = f"{kept['seconds_a_step']:.2g} s a step and {kept['peak_gb']:.0f} GB"
    assert told in (ROOT / "README.md").read_text(encoding="utf-8")
