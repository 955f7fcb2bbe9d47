"""A run that is killed goes on where it was, two never share a folder, and the number of jobs changes no result."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest
from filelock import FileLock

from vcemo_lib.course.notebook.threads import VARIABLES
from vcemo_lib.course.run import runner
from vcemo_lib.course.run.environment import chapter_environment
from vcemo_lib.course.run.request import RunRequest
from vcemo_lib.course.run.runner import run_batch, run_course
from vcemo_lib.errors import CourseError
from vcemo_lib.paths import ROOT

pytestmark = pytest.mark.usefixtures("still")

DRIVER = """import sys
from vcemo_lib.course.pages import TEMPLATES
from vcemo_lib.course.run import state
state.LIBRARY = state.DATA = state.ASSETS = TEMPLATES
from pathlib import Path
from vcemo_lib.course.run import runner
from vcemo_lib.course.run.runner import run_batch
from vcemo_lib.course.run.request import RunRequest
sys.exit(run_batch(RunRequest(out=sys.argv[2], jobs=1), Path(sys.argv[1])))
"""


def test_a_killed_run_goes_on_where_it_was(maker, tmp_path, capsys):
    flag = tmp_path / "go"
    maker.add("00", "print('quick')")
    maker.add(
        "01",
        f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists():\n    time.sleep(0.1)",
    )
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", DRIVER, maker.folder, out], cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_for(lambda: (out / ".state" / "00.json").is_file() and (out / ".state/work/01/run.ipynb").is_file())
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not any(member.is_running() and member.status() != "zombie" for member in family))
    assert sorted(path.name for path in (out / "notebooks").iterdir()) == ["00_chapter.ipynb"]
    assert not (out / ".state" / "01.json").exists()
    assert not list(out.rglob("*.part"))
    flag.touch()
    assert run_batch(RunRequest(out=str(out), jobs=1), maker.folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 chapters: 1 done already, 1 to run"
    assert lines[-1].startswith("2 of 2 chapters done")


def test_a_chapter_that_is_stopped_has_not_failed(maker, tmp_path):
    maker.add("00", "import time\ntime.sleep(600)")
    out = tmp_path / "out"
    stop = f"import signal\nsignal.signal(signal.SIGTERM, signal.default_int_handler)\n{DRIVER}"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    process = subprocess.Popen([sys.executable, "-c", stop, maker.folder, out], cwd=ROOT, **pipes)
    wait_for(lambda: (out / ".state/work/00/run.ipynb").is_file())
    process.send_signal(signal.SIGTERM)
    assert "FAILED" not in process.communicate(timeout=60)[0]
    assert not (out / ".state" / "00.json").exists()


def wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def test_a_second_run_into_the_same_folder_is_refused(maker, tmp_path):
    maker.add("00", "1")
    (tmp_path / "out" / ".state").mkdir(parents=True)
    with FileLock(tmp_path / "out" / ".state" / "lock"), pytest.raises(CourseError, match="Another run"):
        run_course(maker.plan(), RunRequest(out=str(tmp_path / "out")))


def test_a_process_that_dies_without_a_result_is_a_failure_with_its_last_words(maker, tmp_path, monkeypatch):
    maker.add("00", "1")
    shim = tmp_path / "python"
    shim.write_text("#!/bin/sh\necho out of luck >&2\nexit 9\n")
    shim.chmod(0o755)
    monkeypatch.setattr(runner, "sys", SimpleNamespace(executable=str(shim)))
    outcome = runner.run_course(maker.plan(), RunRequest(out=str(tmp_path / "out")))
    assert outcome.lost["00"].error == "the process ended with code 9: out of luck"


@pytest.mark.parametrize(
    ("profile", "jobs", "one"), [("tiny", 1, True), ("tiny", 2, True), ("laptop", 2, True), ("laptop", 1, False)]
)
def test_the_number_of_jobs_changes_no_thread_of_the_tiny_profile(tmp_path, monkeypatch, profile, jobs, one):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    threads = {chapter_environment(tmp_path, profile, jobs)[name] for name in VARIABLES}
    assert threads == {"1" if one else "8"}


def test_a_chapter_whose_runner_went_while_it_began_ends_itself():
    program = (
        "import time; from vcemo_lib.course.run import environment; environment.end_with_parent(-1); time.sleep(100)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=90, check=False).returncode == 1
