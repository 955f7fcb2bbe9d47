"""On Windows chapters are not run and answers not marked, and that is a sentence before anything is imported."""

import sys

import pytest

from vcemo_lib.course.check.check import run_check
from vcemo_lib.course.exercise.marking import grade_file
from vcemo_lib.course.run.request import RunRequest
from vcemo_lib.course.run.runner import run_batch
from vcemo_lib.errors import CourseError


@pytest.mark.parametrize("work", [run_batch, run_check, grade_file])
def test_windows_is_refused_in_a_sentence(work, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "win32")
    asked = tmp_path / "a.ipynb" if work is grade_file else RunRequest(out=str(tmp_path))
    with pytest.raises(CourseError, match="needs Linux or macOS; on Windows do it in WSL"):
        work(asked)
