"""The paper's own size on a CPU: width 512, batches of 256, a queue of 16,384, two optimiser steps (on short clips)."""

import json
import subprocess
import sys

from vcemo_lib.paths import ROOT


def test_two_steps_at_the_size_of_the_paper(sim_root, cache, tmp_path):
    command = [sys.executable, str(ROOT / "tools" / "paper_size.py"), "--frames", "40", "--corpus-root", str(sim_root),
               "--out", str(tmp_path / "size.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "size.json").read_text(encoding="utf-8"))
    assert (found["d"], found["batch"], found["queue"]) == (512, 256, [16_384, 128])
    assert found["filled"] == 2 * 256
    assert found["tensors_moved"] == found["tensors"]
    assert all(0 < line["loss"] < 20 for line in found["losses"])
    assert 0.5 < found["peak_gb"] < 16
