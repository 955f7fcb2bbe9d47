"""One thread a process in JupyterLab, under papermill and in plain Jupyter, unless the user says another number."""

import os
import subprocess
import sys

import pytest

from vcemo_lib.course.notebook.threads import VARIABLES
from vcemo_lib.course.run.environment import lab_environment
from vcemo_lib.paths import ROOT

PROGRAM = "import torch; from vcemo_lib import course; course.begin('07', out={out!r}); print(torch.get_num_threads())"


@pytest.mark.parametrize(("said", "expected"), [(None, "1"), ("2", "2")])
def test_a_chapter_that_is_begun_anywhere_has_one_thread(tmp_path, said, expected):
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment |= {} if said is None else {"OMP_NUM_THREADS": said}
    program = PROGRAM.format(out=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == expected


def test_lab_starts_kernels_with_one_thread_but_keeps_what_the_user_says(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert {lab_environment()[name] for name in VARIABLES} == {"1"}
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert lab_environment()["OMP_NUM_THREADS"] == "4"
