"""What a training refuses before it begins, and what it then goes without: sound, or a folder of its own."""

from dataclasses import replace

import pytest

from vcemo_lib.recipes import RecipeError
from vcemo_lib.storage import StorageError, locked
from vcemo_lib.training.run import fit
from vcemo_lib.training.sampling import check_queue
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


def test_a_queue_that_holds_no_batch_is_refused_before_copies_are_made(store, split, small, monkeypatch):
    monkeypatch.setattr(store, "augment", None)
    contrast = small.but(alpha=0.1, batch_size=8)
    with pytest.raises(RecipeError, match="queue_size=7 holds no batch of 8 keys: give 8 or more"):
        fit(store, split, contrast.but(queue_size=7))
    for taken in (contrast, contrast.but(queue_size=7, moco="off"), contrast.but(queue_size=4, batch_of="views")):
        check_queue(taken, len(split.train))
    check_queue(contrast.but(queue_size=7), 7)


def test_a_model_that_needs_times_is_refused_where_there_are_none(store, split, small, monkeypatch):
    untimed = store.corpus.frame.drop(columns="char_times")
    monkeypatch.setattr(store, "corpus", replace(store.corpus, frame=untimed))
    with pytest.raises(TrainError, match="CME needs the time of each word and corpus vcemo_sim brings none"):
        fit(store, split, small.but(system="cme"))


def test_a_folder_that_another_training_is_at_is_refused(store, split, small, tmp_path):
    with (
        locked(tmp_path / "checkpoint.pt", "taken"),
        pytest.raises(StorageError, match="another process is training into .*: wait until it is done, or give"),
    ):
        fit(store, split, small, folder=tmp_path)
    assert not (tmp_path / "checkpoint.pt").exists()
