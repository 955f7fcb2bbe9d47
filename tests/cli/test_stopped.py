"""A command that is told to end, or whose terminal goes, leaves no process and nothing unfinished."""

import os
import signal
import subprocess
import sys
import time
import zipfile

import nbformat
import psutil
import pytest

from vcemo_lib.cli import end_cleanly
from vcemo_lib.course.run.plan import NOTEBOOKS
from vcemo_lib.paths import ROOT

ENDLESS = "with_padding = 1\nwhile True:\n    pass"


def started(cache, *words) -> subprocess.Popen:
    place = os.environ | {"PYTHONPATH": str(ROOT), "VCEMO_CACHE": str(cache)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-m", "vcemo_lib.cli", *map(str, words)]
    return subprocess.Popen(command, env=place, cwd=ROOT, start_new_session=True, preexec_fn=hear_all, **pipes)


def hear_all() -> None:
    """Tests that run under `nohup` ignore SIGHUP, and so would what they start."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def wait_for(process: subprocess.Popen, condition) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_answer_without_an_end_ends_with_the_command_that_marks_it(number, tmp_path):
    path = NOTEBOOKS / "07_attention.ipynb"
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if "task" in cell.metadata.get("tags", ())).source = ENDLESS
    nbformat.write(notebook, tmp_path / path.name)
    process = started(tmp_path, "grade", tmp_path / path.name, "--seconds", "200")
    family = psutil.Process(process.pid)
    wait_for(process, lambda: len(family.children(recursive=True)) == 2)  # who marks, and the answer
    left = family.children(recursive=True)
    process.send_signal(number)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    assert psutil.wait_procs(left, timeout=30)[1] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_archive_that_is_half_unpacked_goes(number, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for k in range(5_000):
            archive.writestr(f"happy/{k}.wav", bytes(100))
    process = started(tmp_path, "corpus", "add", "manifest", tmp_path / "a.zip", "--as", "mine")
    wait_for(process, lambda: [*tmp_path.glob("corpora/.*.part/happy")])
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 128 + number
    assert [*(tmp_path / "corpora").iterdir()] == []


def test_a_signal_that_is_ignored_stays_ignored():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        end_cleanly()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        with pytest.raises(SystemExit, match="143"):
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL  # a second one is the system's
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
