"""Ctrl-C, or a command to end, ends a table at once: no worker goes on, and none prints a traceback."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from vcemo_lib.paths import ROOT

DRIVER = """import signal
import sys
from functools import partial
from pool_work import long_work
from vcemo_lib.cli import end_cleanly
from vcemo_lib.experiments.surviving_pool import survivors

if __name__ == "__main__":
    # A shell starts what it runs in the background with Ctrl-C ignored, nohup with SIGHUP, and so this process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    end_cleanly()
    try:
        list(survivors(partial(long_work, sys.argv[1]), ["a", "b", "c"], 2))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_the_like_end_the_workers_without_a_word(number, tmp_path):
    (tmp_path / "driver.py").write_text(DRIVER)
    places = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "helpers")))
    process = subprocess.Popen(
        [sys.executable, tmp_path / "driver.py", tmp_path],
        env=os.environ | {"PYTHONPATH": places},
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    while len([*tmp_path.glob("*.begun")]) < 2:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number)  # as a terminal does: every process of the command is told
    _, said = process.communicate(timeout=60)  # the work takes 600 s
    assert process.returncode == 128 + number
    assert said == ""
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert not (tmp_path / "c.begun").exists()
