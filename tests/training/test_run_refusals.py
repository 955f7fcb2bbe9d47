"""What a training refuses before it begins: sound that is not there, bands that the model does not read."""

from dataclasses import replace

import pytest

from vcemo_lib.training.run import fit
from vcemo_lib.training.trainer import TrainError


@pytest.fixture
def silent(store, monkeypatch):
    """The features of a corpus that turns out to be text only."""
    monkeypatch.setattr(store, "corpus", replace(store.corpus, has_audio=False))
    return store


def test_a_corpus_without_sound_is_for_models_that_read_none(silent, split, small):
    for modalities in (("audio",), ("audio", "words"), small.model.modalities):
        with pytest.raises(TrainError, match=r"is text only and the recipe reads the audio: take the system vcemo"):
            fit(silent, split, small.but(modalities=modalities))
    run = fit(silent, replace(split, train=split.train[:16]), small.but(modalities=("words", "bert"), epochs=1))
    assert run.seed == 0  # without a word
    assert len(run.history) == 1


def test_a_model_of_other_bands_than_the_features_have_is_refused(store, split, small):
    narrow = replace(small, model=replace(small.model, n_mels=40))
    with pytest.raises(TrainError, match=r"audio have 80 dimensions, the model expects 40: pass recipe.but\(n_mels=80"):
        fit(store, split, narrow)
