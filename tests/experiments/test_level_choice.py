"""How loud a clip is, is heard where it tells of people who were never heard, and left out where it misleads."""

from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.data import FeatureStore, speaker_disjoint, split_8_1_1
from vcemo_lib.evaluation.simple import clip_statistics, mfcc_statistics
from vcemo_lib.experiments import level_choice, prepare, train_model
from vcemo_lib.experiments.level_choice import with_level
from vcemo_lib.inference.bundle import load_bundle


@pytest.fixture
def experiment(corpus, small, cache):
    """Sixty utterances of six speakers who are known, heard with their loudness."""
    speakers = [f"s{k % 6}" for k in range(60)]
    named = replace(corpus, frame=corpus.frame.drop(columns=["split"], errors="ignore").assign(speaker=speakers))
    recipe = small.but(normalise="speaker", level="speaker", modalities=("audio",), copies=0, epochs=1, min_updates=2)
    return prepare(recipe, named, n_classes=6, split=speaker_disjoint)


@pytest.fixture
def planted(experiment, monkeypatch):
    """Call it with a slope for each speaker: how much louder each class is than the one before."""

    def plant(slopes):
        frame = experiment.corpus.frame
        classes = np.unique(frame["emotion"], return_inverse=True)[1]
        slope = frame["speaker"].map({f"s{k}": slope for k, slope in enumerate(slopes)}).to_numpy()
        rest = np.random.default_rng(0).normal(size=(len(frame), 6)) + np.eye(6)[classes]
        table = np.c_[slope * (classes - 2.5), rest]
        monkeypatch.setattr(level_choice, "clip_statistics", lambda store, recipe: table)
        return with_level(experiment, experiment.split)

    return plant


def test_it_is_kept_where_all_speakers_agree(planted):
    chosen, why = planted([1] * 6)
    assert chosen.recipe.features.level == "speaker"
    assert "is kept: by an SVM, mean recall of speakers not heard is" in why


def test_it_goes_where_the_speakers_do_not_agree(planted, experiment):
    chosen, why = planted([3, 0, -3, 0, 3, -3])
    assert chosen.recipe.features.level == chosen.store.config.level == "reference"
    assert chosen.recipe == experiment.recipe.but(level="reference")
    assert why.startswith("all clips are equally loud: ")


@pytest.mark.parametrize(
    "change", [{"level": "reference"}, {"normalise": "band"}, {"speech": "prosody"}], ids=lambda c: next(iter(c))
)
def test_nothing_is_chosen_where_no_loudness_is_heard(experiment, change):
    other = prepare(experiment.recipe.but(**change), experiment.corpus, n_classes=6, split=speaker_disjoint)
    assert with_level(other, other.split) == (other, "")


def test_nothing_is_chosen_where_no_new_speaker_is_asked_for(experiment):
    shared = split_8_1_1(experiment.corpus)
    assert with_level(experiment, shared) == (experiment, "")


@pytest.mark.parametrize("left", ["speaker", "emotion"])
def test_one_speaker_or_one_class_is_too_little_to_choose_on(experiment, left):
    frame = experiment.corpus.frame
    one = tuple(frame.loc[frame[left] == frame[left].iloc[0], "id"])
    few = replace(experiment.split, train=one, val=())
    assert with_level(experiment, few) == (experiment, "")


def test_the_first_number_of_a_clip_is_its_loudness(experiment):
    wave = experiment.corpus.wave(experiment.corpus.ids[0])
    soft, loud = (mfcc_statistics(experiment.store.sound.frames_of(gain * wave)) for gain in np.float32([0.3, 0.6]))
    assert loud[0] - soft[0] == pytest.approx(np.sqrt(80) * 2 * np.log(2), rel=1e-3)
    np.testing.assert_allclose(loud[1:], soft[1:], atol=1e-3)
    assert clip_statistics(experiment.store, experiment.recipe).shape == (60, 61)


def test_training_says_what_it_chose_and_the_model_keeps_it(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(level_choice, "recall_of_new_speakers", lambda experiment, ids: (0.2, 0.3))
    said = []
    train_model(experiment, [experiment.split], tmp_path / "m", say=said.append, choose_level=True)
    assert said[0].startswith(
        f"{experiment.split.name}: all clips are equally loud: by an SVM, mean recall of speakers not heard is 0.200 with"
    )
    assert load_bundle(tmp_path / "m").recipe.features.level == "reference"


def test_a_level_that_was_asked_for_stays(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(level_choice, "recall_of_new_speakers", lambda experiment, ids: (0.2, 0.3))
    train_model(experiment, [experiment.split], tmp_path / "m", say=lambda line: None)
    assert load_bundle(tmp_path / "m").recipe.features.level == "speaker"
    assert isinstance(experiment.store, FeatureStore)
