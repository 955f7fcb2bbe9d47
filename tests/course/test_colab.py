"""The edition for Colab: a first cell that brings the course, drawings inside, and no link out of their folder."""

import importlib.util
import re
import subprocess
import sys
import types

import pytest

from vcemo_lib.course.exercise.colab import FETCH, write_colab
from vcemo_lib.course.exercise.edition import carried, write_edition
from vcemo_lib.course.notebook.reading import read_notebook, tags
from vcemo_lib.errors import CourseError

ADDRESS = "https://host/name/course.git"


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    return [read_notebook(path) for path in write_colab(tmp_path_factory.mktemp("colab"), ADDRESS)]


def fetched(monkeypatch, tmp_path, installed: bool) -> list[list[str]]:
    """What the first cell runs, on a machine that has the course or lacks it."""
    commands = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append([str(word) for word in command]))
    exec(FETCH.format(address=ADDRESS), {})
    return commands


def test_every_chapter_begins_by_fetching_and_keeps_the_rest(chapters):
    assert len(chapters) == 17
    for notebook in chapters:
        assert notebook.cells[0].source == FETCH.format(address=ADDRESS).strip("\n")
        assert any("solution" in tags(cell) for cell in notebook.cells)


@pytest.mark.parametrize("edition", ["colab", "student"])
def test_no_text_leads_out_of_the_notebook_and_drawings_are_in_it(edition, chapters, tmp_path):
    if edition == "student":
        chapters = [read_notebook(path) for path in write_edition(tmp_path / "s")]
    texts = [cell.source for notebook in chapters for cell in notebook.cells if cell.cell_type == "markdown"]
    assert not [text for text in texts if "](../" in text or 'src="../' in text or 'href="../' in text]
    assert all(any("](data:image/svg+xml;base64," in c.source for c in notebook.cells) for notebook in chapters)


def test_a_link_to_another_chapter_leads_to_its_page_where_the_repository_has_pages(chapters, tmp_path):
    title = next(cell.source for cell in chapters[9].cells if cell.source.startswith("# 09"))
    assert "](https://host/name/course/blob/HEAD/notebooks/08_bert.ipynb)" in title
    texts = [cell.source for notebook in chapters for cell in notebook.cells]
    assert not [text for text in texts if re.search(r"\]\(\d\d_", text)]
    [_, elsewhere, *_] = read_notebook(write_colab(tmp_path / "ssh", "git@host:name/course.git", ("09",))[0]).cells
    assert "](08_bert.ipynb)" in elsewhere.source


def test_a_link_to_the_checkout_becomes_its_place_there(tmp_path):
    said = carried("see [the loop](../vcemo_lib/fit.py).", tmp_path, "vcemo/")
    assert said == "see the loop (`vcemo/vcemo_lib/fit.py`)."
    assert carried("[next](08_bert.ipynb)", tmp_path) == "[next](08_bert.ipynb)"


def test_the_first_cell_brings_the_course_where_it_is_not(monkeypatch, tmp_path):
    clone, _, install = fetched(monkeypatch, tmp_path, installed=False)
    assert clone == ["git", "clone", "--quiet", ADDRESS, str(tmp_path / "vcemo")]
    assert install[:4] == [sys.executable, "-m", "pip", "install"]
    assert install[-1] == f"{tmp_path / 'vcemo'}[asr,export,datasets]"
    assert sys.path[0] == str(tmp_path / "vcemo")


def test_a_torchvision_of_another_torch_goes_before_the_course_comes(monkeypatch, tmp_path):
    _, uninstall, _ = fetched(monkeypatch, tmp_path, installed=False)
    assert uninstall == [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", "torchvision"]


def test_the_first_cell_goes_on_after_a_broken_installation(monkeypatch, tmp_path):
    (tmp_path / "vcemo").mkdir()
    commands = fetched(monkeypatch, tmp_path, installed=False)
    assert [command[3] for command in commands] == ["uninstall", "install"]


def test_where_the_course_is_nothing_is_done(monkeypatch, tmp_path):
    assert fetched(monkeypatch, tmp_path, installed=True) == []


def test_on_colab_the_recorder_may_show_itself(monkeypatch, tmp_path):
    asked = []
    output = types.SimpleNamespace(enable_custom_widget_manager=lambda: asked.append(True))
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(output=output))
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    fetched(monkeypatch, tmp_path, installed=True)
    assert asked == [True]


@pytest.mark.parametrize("address", ["", " ", "--upload-pack=x/y", "course"])
def test_an_address_that_is_none_is_refused(tmp_path, address):
    with pytest.raises(CourseError, match="is no address of a git repository"):
        write_colab(tmp_path / "c", address)
    assert not (tmp_path / "c").exists()
