"""Paths in every form, and what was given is never written over."""

import hashlib
import os
import shutil
import subprocess
import sys

import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.errors import VcemoError
from vcemo_lib.inference.model_folder import FILES, SHIPPED
from vcemo_lib.paths import ROOT


@pytest.fixture
def home(tmp_path, monkeypatch, corpus):
    """The user's folder, in which a clip and a model lie; the work is done in another."""
    place = tmp_path / "home"
    shutil.copytree(SHIPPED, place / "m")
    soundfile.write(place / "a.wav", corpus.wave(corpus.ids[0]), 16_000)
    (place / "work").mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.chdir(place / "work")
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    return place


def vcemo(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def refusal(*words) -> str:
    error = vcemo(*words).exception
    assert isinstance(error, VcemoError), error
    return str(error)


def test_a_tilde_is_the_users_folder_behind_an_option_too(home):
    words = ["predict", "~/a.wav", "--text", "你好", "--model=~/m", "--picture=~/p.png", "--enrol=~/a.wav"]
    assert vcemo(*words).exit_code == 0
    assert (home / "p.png").is_file()
    assert vcemo("export", "~/m", "~/m.onnx").exit_code == 0
    assert (home / "m.onnx").is_file()
    assert f"no record in {home}/records" in refusal(
        "table", "text", "--profile", "tiny", "--folder=~/records", "--show"
    )
    assert [*(home / "work").iterdir()] == []


@pytest.mark.parametrize("option", ["vectors", "bert", "speech"])
def test_an_encoder_that_is_a_path_is_looked_for_there(home, option):
    said = f"there is no '{home}/none', which {option} names: give a file or folder that is there"
    assert said in refusal("train", "m2", "--profile", "tiny", f"--{option}=~/none")


@pytest.mark.parametrize("form", ["{}/", "{}/../m", "../m", "link", "link/"])
def test_a_model_is_found_by_any_form_of_its_path(form, home):
    (home / "work" / "link").symlink_to(home / "m")
    assert vcemo("predict", home / "a.wav", "--text", "你好", "--model", form.format(home / "m")).exit_code == 0


def test_an_onnx_file_takes_the_place_of_no_other_file(home):
    """The weights of the model itself were written over."""
    before = [hashlib.sha256((home / "m" / name).read_bytes()).hexdigest() for name in FILES]
    for name in (*FILES, "../a.wav"):
        said = refusal("export", home / "m", home / "m" / name)
        assert "is there already and is no .onnx file: give another name" in said
    assert [hashlib.sha256((home / "m" / name).read_bytes()).hexdigest() for name in FILES] == before


def test_a_place_that_cannot_be_is_refused_before_the_work(home):
    (home / "file").touch()
    said = refusal("table", "text", "--profile", "tiny", "--folder", home / "file" / "records")
    assert said == f"{home}/file is a file, and records are kept in a folder: give another --folder"
    (home / "p.png").mkdir()
    said = refusal("predict", home / "a.wav", "--text", "", "--picture", home / "p.png")
    assert said == f"--picture is '{home}/p.png', which is a folder: give the name of a file in it"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that somebody is in")
def test_where_there_is_no_ground_to_stand_on_it_is_said(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert refusal("corpus", "list") == "the folder that you are in was deleted: go to another one"
    monkeypatch.chdir(tmp_path)
    bare = [sys.executable, "-OO", "-m", "vcemo_lib.cli", "corpus", "list"]
    said = subprocess.run(bare, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr.startswith("vcemo: -OO (PYTHONOPTIMIZE=2) takes docstrings away")) == (2, True)
