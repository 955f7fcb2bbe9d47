"""Once installed, nothing needs the network: proved in a network namespace that has none, with an empty cache."""

import os
import subprocess
import sys

import pytest

from vcemo_lib.paths import ROOT

CLOSED = ROOT / ".ci" / "closed"
PROGRAM = """
import socket, sys
try:
    socket.create_connection(("1.1.1.1", 80), 3)
    sys.exit("the network is open")
except OSError:
    pass
from vcemo_lib.experiments import prepare, run
from vcemo_lib.recipes import TINY
recipe = TINY.but(limit=60, epochs=1, d=16, d_ff=32, n_heads=2, batch_size=8)
experiment = prepare(recipe, "vcemo_sim", sys.argv[1], 4)
print("accuracy", run(experiment, experiment.recipe, 0, sys.argv[2])["scores"]["wa"])
"""


@pytest.fixture(scope="module")
def closed():
    if subprocess.run([CLOSED, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not allow network namespaces (unshare -rn)")
    return lambda *words, **more: subprocess.run([CLOSED, *words], capture_output=True, text=True, **more)


def test_closed_means_closed_and_passes_the_exit_code_on(closed):
    reach = "import socket; socket.create_connection(('1.1.1.1', 80), 3)"
    assert "Network is unreachable" in closed(sys.executable, "-c", reach).stderr
    assert closed("false").returncode == 1
    assert closed("true").returncode == 0


def test_features_training_and_a_record_need_no_network_and_no_cache(closed, sim_root, tmp_path):
    settings = {**os.environ, "VCEMO_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = closed(sys.executable, "-c", PROGRAM, str(sim_root), str(tmp_path / "records"), env=settings)
    assert done.returncode == 0 and "accuracy" in done.stdout, done.stderr[-2000:]


def test_the_voice_detector_leaves_nothing_with_the_user_and_reports_nothing(tmp_path):
    """Without a word said, onnxruntime keeps a number of the device and events to send in the user's cache."""
    program = "import os, vcemo_lib, onnxruntime; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    kept = {k: v for k, v in os.environ.items() if k not in ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY")}
    settings = kept | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=settings, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert [*tmp_path.iterdir()] == []
