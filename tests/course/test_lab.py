"""JupyterLab opens copies: what a reader changes is kept, what is committed is never touched."""

import pytest
from typer.testing import CliRunner

from vcemo_lib import cli
from vcemo_lib.course.run import lab


@pytest.fixture
def places(tmp_path):
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for name in ("00_a", "01_b"):
        (notebooks / f"{name}.ipynb").write_text(name)
    return tmp_path / "lab", notebooks


def test_every_chapter_is_copied_and_a_second_time_changes_nothing(places):
    folder, notebooks = places
    assert lab.working_copies(folder, notebooks) == []
    assert lab.working_copies(folder, notebooks) == []
    assert sorted(path.read_text() for path in folder.glob("*.ipynb")) == ["00_a", "01_b"]


def test_a_copy_that_was_changed_is_kept_and_named(places):
    folder, notebooks = places
    lab.working_copies(folder, notebooks)
    (folder / "00_a.ipynb").write_text("mine")
    (notebooks / "00_a.ipynb").write_text("new")
    (notebooks / "01_b.ipynb").write_text("new too")
    assert lab.working_copies(folder, notebooks) == [folder / "00_a.ipynb"]
    assert (folder / "00_a.ipynb").read_text() == "mine"
    assert (folder / "01_b.ipynb").read_text() == "new too"  # it was not changed: it follows
    (folder / "00_a.ipynb").unlink()
    assert lab.working_copies(folder, notebooks) == []
    assert (folder / "00_a.ipynb").read_text() == "new"


def test_lab_starts_at_the_checkout_and_takes_the_options_of_jupyterlab(monkeypatch):
    started = []
    monkeypatch.setattr(lab, "working_copies", lambda: [])
    monkeypatch.setattr(
        "subprocess.run", lambda command, **k: started.append(command) or type("R", (), {"returncode": 0})
    )
    assert CliRunner().invoke(cli.app, ["lab", "--port", "8901", "--no-browser"]).exit_code == 0
    assert started[0][-3:] == ["--port", "8901", "--no-browser"]
    assert f"--ServerApp.root_dir={lab.ROOT}" in started[0]
