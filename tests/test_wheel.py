"""What an installed wheel does by itself: it predicts, trains and exports; what lies in a clone only, it says."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from vcemo_lib.paths import ASSETS, ROOT

SOURCES = ("vcemo_lib", "assets", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
PROGRAM = """
import json, sys
import vcemo_lib
from vcemo_lib.cli import app
from vcemo_lib.errors import VcemoError
print(json.dumps(vcemo_lib.__file__))
for words in json.loads(sys.argv[1]):
    print("$", *words, flush=True)
    try:
        app(words, standalone_mode=False)
    except VcemoError as error:
        print(f"vcemo: {error}")
"""

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("setuptools", "pip", "wheel")),
    reason="setuptools, pip and wheel build the wheel, and one of them is not installed",
)


def pip(*words):
    subprocess.run([sys.executable, "-m", "pip", "-q", *map(str, words)], check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built of a copy, for what a build leaves behind would be part of the next."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", copy / "dist", copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    target = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", target, wheel)
    return target


def vcemo(installed, folder, *commands):
    """What the installed package says to commands given in a folder: from each command's line on."""
    kept = {name: value for name, value in os.environ.items() if name != "VCEMO_CACHE"}
    environment = kept | {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(folder / "home"), "COLUMNS": "200"}
    command = [sys.executable, "-c", PROGRAM, json.dumps(commands)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    first, *said = done.stdout.split("\n$ ")
    assert json.loads(first).startswith(str(installed))
    return said


def test_the_wheel_holds_every_asset_and_stays_small(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.removeprefix("vcemo_lib/assets/") for name in archive.namelist()}
    assert {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()} <= inside
    assert "vcemo_lib/readings.md" in inside
    assert wheel.stat().st_size < 25e6


def test_it_predicts_trains_and_exports_outside_of_the_checkout(installed, corpus, tmp_path):
    frame = corpus.frame[corpus.frame["emotion"].isin(["happy", "neutral"])]
    frame[["id", "audio", "text_asr", "emotion", "speaker"]].to_parquet(tmp_path / "mine.parquet")
    (tmp_path / "clip.ogg").write_bytes(frame["audio"].iloc[0])
    asked, added, trained, again, exported = vcemo(
        installed,
        tmp_path,
        ["predict", "clip.ogg", "--text", "你怎么才来"],
        ["corpus", "add", "manifest", "mine.parquet", "--as", "mine", "--classes", "own"],
        ["train", "model", "--corpus", "mine", "--profile", "tiny", "--epochs", "1", "--split", "8/1/1"],
        ["predict", "clip.ogg", "--model", "model", "--text", "你怎么才来"],
        ["export", "model", "model.onnx"],
    )
    assert "surprise 0." in asked
    assert f"{len(frame)} utterances" in added
    assert "the same split, majority" in trained
    assert "happy 0." in again and "surprise" not in again
    assert "model.onnx: " in exported and (tmp_path / "model.onnx").is_file()
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"clip.ogg", "mine.parquet", "model", "model.onnx", "home"}  # caches lie in the user's folder
    assert (tmp_path / "home" / "vcemo" / "features").is_dir()
    assert not (installed / ".cache").exists()
    facts = json.loads((tmp_path / "model" / "bundle.json").read_text())
    assert facts["environment"]["commit"] == "unknown"


def test_what_lies_in_a_clone_only_is_said_in_a_sentence(installed, tmp_path):
    chapters = ["run", "check", "lint", "lab"]
    *refused, trained = vcemo(installed, tmp_path, *([name] for name in chapters), ["train", "model"])
    for said in refused:
        assert "vcemo: " in said and "chapters are part of a clone of the course" in said
    assert "VCEMO-Sim lies in a clone of the course" in trained and "vcemo corpus add" in trained


def test_assets_that_were_lost_are_named_with_the_cure(installed, tmp_path):
    broken = shutil.copytree(installed, tmp_path / "broken")
    (tmp_path / "clip.ogg").write_bytes(b"no sound, but not nothing")
    asked = ["predict", "clip.ogg", "--text", "好"]
    sentences = []
    for lost in ("word_vectors_zh", "bert_mini_zh", "model_vcemo_sim"):
        (broken / "vcemo_lib" / "assets" / lost).rename(tmp_path / lost)
        sentences += vcemo(broken, tmp_path, asked)
        (tmp_path / lost).rename(broken / "vcemo_lib" / "assets" / lost)
    for said, what in zip(sentences, ("bundled word vectors", "bundled encoder", "model that ships"), strict=True):
        assert f"the {what}" in said and "install the package again" in said
        assert "spacy download" not in said and "hf download" not in said
