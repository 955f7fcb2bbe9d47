"""IEMOCAP has a recipe of its own in the paper (§4.2), and English encoders in every profile: asked of every command."""

import re

import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.data.corpora import added
from vcemo_lib.experiments.request import Request
from vcemo_lib.experiments.studies import STUDIES
from vcemo_lib.experiments.tables import TABLES
from vcemo_lib.paths import ROOT
from vcemo_lib.recipes import LAPTOP, PAPER_IEMOCAP, PAPER_VCEMO, profile


@pytest.fixture(autouse=True)
def _mine(tmp_path, monkeypatch):
    """IEMOCAP is added twice, once under a name of its own."""
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    added.remember("iemocap", tmp_path, {})
    added.remember("mine", tmp_path, {}, "iemocap")


def test_the_pair_of_profile_and_corpus_decides():
    recipe = profile("paper", "iemocap")
    assert recipe == PAPER_IEMOCAP
    assert (recipe.learning_rate, recipe.weight_decay, recipe.views, recipe.features.copies) == (1e-4, 0, "dropout", 0)
    assert recipe.features.vectors == "en_core_web_lg"
    assert recipe.features.bert == "google-bert/bert-base-uncased"
    assert profile("paper") == profile("paper", "vcemo") == PAPER_VCEMO
    laptop = profile("laptop", "iemocap")
    assert laptop.features.bert == "google-bert/bert-base-uncased"
    assert laptop.but(vectors="bundled", segmenter="jieba", bert="bundled") == LAPTOP


@pytest.mark.parametrize("name", ["iemocap", "mine"])
@pytest.mark.parametrize("which", [*TABLES, *STUDIES])
def test_every_table(which, name):
    assert Request(which, "paper", name).recipe == PAPER_IEMOCAP


@pytest.mark.parametrize("name", ["iemocap", "mine"])
def test_train(name, tmp_path, monkeypatch):
    import vcemo_lib.cli.presence

    asked = []
    monkeypatch.setattr(vcemo_lib.cli.presence, "require_encoders", asked.append)
    CliRunner().invoke(app, ["train", str(tmp_path / "m"), "--profile", "paper", "--corpus", name])
    assert asked == [PAPER_IEMOCAP]


@pytest.mark.parametrize("name", ["iemocap", "mine"])
def test_features(name, monkeypatch):
    import vcemo_lib.experiments.experiment

    asked = []
    monkeypatch.setattr(vcemo_lib.experiments.experiment, "features_of", lambda recipe, *_: asked.append(recipe))
    for options in ([], ["--modalities", "audio, bert"]):
        CliRunner().invoke(app, ["corpus", "features", name, "--profile", "paper", *options])
    assert asked == [PAPER_IEMOCAP, PAPER_IEMOCAP.but(modalities=("audio", "bert"))]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_chapter_that_run_starts(path):
    code = "\n".join(cell.source for cell in read_notebook(path).cells if cell.cell_type == "code")
    assert set(re.findall(r"\brecipe_of\(([^)]*)\)", code)) == {"profile, corpus"}
