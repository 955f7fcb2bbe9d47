"""Fixtures of the course tools' tests: a maker of small courses, and dependencies that stay the same."""

import pytest
from courses import BODY, CourseMaker, add_exercises

from vcemo_lib.course.pages import TEMPLATES
from vcemo_lib.course.run import state as state_module


@pytest.fixture
def maker(tmp_path) -> CourseMaker:
    return CourseMaker(tmp_path / "notebooks")


@pytest.fixture(scope="module")
def still():
    """Nothing that someone edits while the tests run changes what the chapters rest on."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LIBRARY", "DATA", "ASSETS"):
            patch.setattr(state_module, name, TEMPLATES)
        yield


@pytest.fixture
def source(maker):
    """The folder of a course of two chapters, of which 07 has three exercises."""
    path = maker.add("07", BODY, setup='from vcemo_lib import course\n\nctx = course.begin("07")')
    add_exercises(path, "07")
    maker.add("08", "x = 1")
    return maker.folder
