"""The students' edition: all but the solutions, and never in the place of sources or of work."""

import json

import pytest

from vcemo_lib.course.exercise.edition import write_edition
from vcemo_lib.course.exercise.worker import Silent
from vcemo_lib.errors import CourseError


def test_the_edition_has_everything_but_solutions(source, tmp_path):
    written = write_edition(tmp_path / "s", (), source)
    assert [path.name for path in written] == ["07_chapter.ipynb", "08_chapter.ipynb"]
    students, ours = (json.loads((f / "07_chapter.ipynb").read_text()) for f in (tmp_path / "s", source))
    lost = [c["id"] for c in ours["cells"] if c not in students["cells"]]
    assert lost == [f"c07-exercise{n}-solution" for n in (1, 2, 3)]
    assert "3 + 4" not in written[0].read_text()
    assert write_edition(tmp_path / "s", (), source) == written  # the same again is no loss


def test_the_edition_never_takes_the_place_of_sources_or_of_work(source, tmp_path):
    before = (source / "07_chapter.ipynb").read_bytes()
    (tmp_path / "link").symlink_to(source)
    for folder in (source, tmp_path / "link", source / ".." / source.name):
        with pytest.raises(CourseError, match="holds the sources"):
            write_edition(folder, (), source)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "08_chapter.ipynb").write_text("work")
    with pytest.raises(CourseError, match="may hold somebody's answers"):
        write_edition(tmp_path / "s", (), source)
    assert [p.name for p in (tmp_path / "s").iterdir()] == ["08_chapter.ipynb"]
    with pytest.raises(CourseError, match="is a file"):
        write_edition(tmp_path / "s" / "08_chapter.ipynb", (), source)
    assert (source / "07_chapter.ipynb").read_bytes() == before


def test_what_stands_for_the_chapter_takes_any_call():
    assert Silent().show(1, alt="x") is None
