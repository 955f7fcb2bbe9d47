"""`vcemo train` says what its model is worth: beside it stand the simple classifiers, and a bar may be required."""

import json

import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.cli.arguments import require_above_bar, require_bar
from vcemo_lib.config import ConfigError

SCORES = {"model": {"wa": 0.6}, "majority": {"wa": 0.5}, "MFCC + SVM": {"wa": 0.7}}


def test_one_answer_to_all_is_said_and_kept_on_the_card(sim_root, cache, tmp_path):
    folder = tmp_path / "m"
    words = ["train", folder, "--corpus-root", sim_root, "--profile", "tiny", "--epochs", 1, "--classes", 4]
    done = CliRunner().invoke(app, [*map(str, words), "--modalities", "words"])
    assert done.exit_code == 0, done.output
    assert "the same split, majority: wa 0." in done.output
    assert "the same split, character n-grams + LR: wa 0." in done.output
    verdict = json.loads((folder / "bundle.json").read_text())["verdict"]
    assert verdict in done.output
    assert verdict.startswith("it ")
    assert verdict in (folder / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize(("bar", "raises"), [("", False), ("majority", False), ("simple", True)])
def test_a_required_bar_is_an_error_below_it(bar, raises):
    require_bar(bar)
    if raises:
        with pytest.raises(ConfigError, match="with 0.600 it is not above MFCC . SVM with 0.700"):
            require_above_bar(SCORES, bar)
    else:
        require_above_bar(SCORES, bar)


def test_a_bar_that_there_is_not_is_refused_before_training(tmp_path):
    with pytest.raises(ConfigError, match="choose majority or simple"):
        CliRunner().invoke(app, ["train", str(tmp_path / "m"), "--require-above", "svm"], catch_exceptions=False)


class Stopped(Exception):
    pass


@pytest.mark.parametrize(
    ("options", "many", "statistics", "shift"),
    [
        (["--split", "8/1/1"], 1_000, 64, 0.0),
        (["--split", "speaker"], 1_000, 0, 2.0),
        (["--split", "speaker"], 2, 64, 0.0),
        (["--split", "speaker", "--set", "statistics=0"], 2, 0, 0.0),
        (["--split", "8/1/1", "--set", "statistics=0"], 1_000, 0, 0.0),
        (["--split", "8/1/1", "--set", "shift_bands=1"], 1_000, 64, 1.0),
    ],
    ids=str,
)
def test_what_is_trained_goes_by_whether_the_test_speakers_are_heard_and_by_how_many_speak(
    options, many, statistics, shift, sim_root, cache, tmp_path, monkeypatch
):
    """Few people's statistics tell nothing of another's emotions; what was asked for is taken (results/TRIALS.md)."""
    found = []

    def stop(experiment, *_, **__):
        found.append(experiment.recipe)
        raise Stopped

    monkeypatch.setattr("vcemo_lib.experiments.model_training.train_model", stop)
    monkeypatch.setattr("vcemo_lib.recipes.MANY_SPEAKERS", many)
    monkeypatch.setattr("vcemo_lib.experiments.model_training.KNOWN", 1)  # recordings that make a voice known
    words = ["train", tmp_path / "m", "--corpus-root", sim_root, "--modalities", "audio", "--set", "limit=300"]
    words += options
    with pytest.raises(Stopped):
        CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False)
    assert (found[0].model.statistics, found[0].shift_bands) == (statistics, shift)
