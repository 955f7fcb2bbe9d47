"""A corpus of text only: it has features, its words and its BERT vectors are trained on, and its audio is asked for in vain."""

import layouts
import numpy as np
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.training.run import fit
from vcemo_lib.training.trainer import TrainError


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    layouts.cped(tmp_path / "cped")
    return tmp_path / "cped"


def test_the_commands_make_its_features(root):
    for words in (["add", "cped", str(root), "--strict=false"], ["features", "cped"]):
        result = CliRunner().invoke(app, ["corpus", *words])
        assert result.exit_code == 0, (result.output, result.exception)
    assert "utterances" in result.output
    assert "18" in result.output


def test_whisper_is_not_asked_for_where_there_is_nothing_to_hear(root):
    result = CliRunner().invoke(app, ["corpus", "transcribe", "cped", "--root", str(root)])
    assert "cped is text only: there is nothing to transcribe" in str(result.exception)


@pytest.mark.parametrize(
    "recipe",
    [
        dict(modalities=("words", "bert")),
        dict(modalities=("bert",)),
        dict(modalities=("words",), copies=1),
        dict(modalities=("words",), normalise="speaker"),
        dict(modalities=("words",), speech="prosody"),
    ],
)
def test_words_and_bert_are_trained_on(root, small, recipe):
    experiment = prepare(small.but(**{"copies": 0, "epochs": 1} | recipe), "cped", str(root))
    batch = experiment.store.batch(experiment.corpus.ids, EMOTIONS)
    assert batch.mel.shape == (18, 1, 80)
    assert batch.mel_mask.all()
    assert not batch.mel.any()
    truth, logits = fit(experiment.store, experiment.split, experiment.recipe).predict("test")
    assert logits.shape == (len(truth), 6)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("recipe", [{}, dict(modalities=("audio",)), dict(system="mdre")])
def test_the_audio_branch_is_refused_in_a_sentence(root, small, recipe):
    experiment = prepare(small.but(**recipe), "cped", str(root))
    with pytest.raises(TrainError, match=r"cped is text only .*system vcemo with modalities=\('words', 'bert'\)"):
        fit(experiment.store, experiment.split, experiment.recipe)
