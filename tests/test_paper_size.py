"""The paper's own size on a CPU. Two steps at batch 256 take minutes; here a batch of 4."""

import json
import subprocess
import sys

from vcemo_lib.paths import ROOT


def test_the_paper_s_model_and_queue_take_two_steps_on_a_small_batch(sim_root, cache, tmp_path):
    command = [sys.executable, str(ROOT / "tools" / "paper_size.py"), "--batch", "4", "--frames", "60",
               "--corpus-root", str(sim_root), "--out", str(tmp_path / "size.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "size.json").read_text(encoding="utf-8"))
    assert (found["d"], found["batch"], found["queue"], found["filled"]) == (512, 4, [16_384, 128], 2 * 4)
    assert found["tensors_moved"] == found["tensors"]
    assert all(0 < line["loss"] < 20 for line in found["losses"])
