"""`vcemo train` cuts a corpus as its card says, unless it is told otherwise, and prints how."""

from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.experiments.experiment import Experiment
from vcemo_lib.experiments.model_training import planned_splits
from vcemo_lib.experiments.request import split_choice
from vcemo_lib.recipes import TINY


@pytest.fixture
def actors(corpus):
    """Sixty utterances of five speakers, without parts of their own."""
    frame = corpus.frame.drop(columns="split", errors="ignore")
    return replace(corpus, name="nemo", frame=frame.assign(speaker=[f"s{k % 5}" for k in range(len(frame))]))


def test_what_fits_is_used_where_nothing_is_said(actors, corpus):
    assert (
        split_choice("", "nemo")(actors, 0).disjoint == split_choice("auto", "nemo")(actors, 0).disjoint == ("speaker",)
    )
    assert split_choice("speaker", "vcemo_sim")(actors, 0).disjoint == ("speaker",)
    assert split_choice("8/1/1", "nemo")(actors, 0) == split_8_1_1(actors, 0)
    assert split_choice("", "vcemo_sim")(corpus, 0) == split_8_1_1(corpus, 0)


def test_what_cannot_be_made_is_said_and_only_refused_where_it_was_asked_for(actors, caplog):
    alone = replace(actors, frame=actors.frame.assign(speaker="a"))
    assert split_choice("", "nemo")(alone, 0) == split_8_1_1(alone, 0)
    assert "the split that fits nemo cannot be made" in caplog.text
    with pytest.raises(CorpusError, match="one value of speaker"):
        split_choice("auto", "nemo")(alone, 0)


def test_of_two_speakers_each_is_tested_once(actors):
    frame = pd.concat([actors.frame.assign(id=actors.frame["id"] + f"/{k}") for k in range(5)], ignore_index=True)
    pair = replace(actors, frame=frame.assign(speaker=["a", "b"] * 150))
    experiment = Experiment(pair, None, split_choice("", "nemo")(pair, 0), TINY, "tiny")
    folds, _ = planned_splits(experiment, "", 0)
    speaker = pair.frame.set_index("id")["speaker"]
    assert [set(speaker[list(fold.test)]) for fold in folds] == [{"a"}, {"b"}]
    assert all(set(speaker[list(fold.train + fold.val)]).isdisjoint(speaker[list(fold.test)]) for fold in folds)
    assert planned_splits(experiment, "speaker", 0)[0] == [experiment.split]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ([], "speaker-disjoint fold 1 of 5, seed 0: "),
        (["--split", "speaker"], "speaker-disjoint, seed 0: "),
        (["--split", "8/1/1"], "8/1/1, seed 0: 48 / 6 / 6"),
    ],
)
def test_train_prints_which_split_it_uses(options, name, actors, cache, small, tmp_path, monkeypatch):
    import vcemo_lib.data.corpora
    import vcemo_lib.experiments.model_training
    import vcemo_lib.recipes

    def stop(*_):
        raise KeyError("far enough")

    monkeypatch.setitem(vcemo_lib.recipes.PROFILES, "tiny", small)
    monkeypatch.setattr(vcemo_lib.data.corpora, "load_corpus", lambda *_: actors)
    monkeypatch.setattr(vcemo_lib.experiments.model_training, "fit", stop)
    result = CliRunner().invoke(app, ["train", str(tmp_path / "m"), "--corpus", "nemo", "--profile", "tiny", *options])
    assert isinstance(result.exception, KeyError) and f"split {name}" in result.output, result.output + repr(
        result.exception
    )


def test_nothing_is_said_to_be_used_that_is_refused(actors, caplog):
    halves = replace(actors, frame=actors.frame.assign(split=["train", "test"] * 30))
    with pytest.raises(CorpusError, match="write train, val and test into it"):
        split_choice("", "manifest")(halves, 0)
    assert not caplog.records
