"""Settings reach what they decide: frames of words, bands, cache keys; and nothing is computed that no model reads."""

from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vcemo_lib.audio.signal import log_mel
from vcemo_lib.config import Augmentation, ConfigError, FeatureConfig, MelConfig
from vcemo_lib.data import features, sound
from vcemo_lib.data.array_cache import cached
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.inference.bundle import encoders
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import TINY, RecipeError
from vcemo_lib.text.bert import BertError
from vcemo_lib.training.run import TrainError, fit
from vcemo_lib.training.spec_augment import spec_augmented


@pytest.fixture
def few(corpus):
    return corpus.select(corpus.ids[:6])


@pytest.mark.parametrize("hop", [80, 160, 320])
def test_words_end_where_the_clip_ends_whatever_the_hop(hop, few, small, cache):
    store = FeatureStore(few, small.but(hop_length=hop).features)
    ends = np.array([spans.max() for spans in store.spans]) / store.mel.lengths
    assert store.has_times
    assert (ends > 0.5).all()
    assert (ends <= 1.05).all()


def test_the_number_of_bands_reaches_the_features_and_the_model(few, small, cache):
    recipe = small.but(n_mels=40)
    assert recipe.features.mel.n_mels == recipe.model.n_mels == 40
    batch = FeatureStore(few, recipe.features).batch(few.ids, EMOTIONS)
    assert batch.mel.shape[2] == 40
    assert build_model(recipe.model)(batch).logits.shape == (6, 6)
    assert recipe.key != small.key


def test_features_of_another_width_than_the_model_s_are_refused(store, split, small):
    with pytest.raises(
        TrainError, match=r"of audio have 80 dimensions, the model expects 64: pass recipe.but\(n_mels=80\)"
    ):
        fit(store, split, replace(small, model=replace(small.model, n_mels=64)), 0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"select_by": "accuracy"}, "select_by='accuracy' is unknown; use one of .*'f1_macro'"),
        ({"precision": "fp8"}, "precision='fp8' is unknown; use one of .*'bf16'"),
    ],
)
def test_unknown_words_are_refused_at_once(wrong, sentence):
    with pytest.raises(ConfigError, match=sentence):
        TINY.but(**wrong)


def test_an_unknown_field_is_refused_with_those_there_are():
    with pytest.raises(RecipeError, match="no field 'bands': choose one of .*n_mels"):
        TINY.but(bands=3)


@pytest.fixture
def keys_of(few, monkeypatch):
    """Settings → the keys under which features are stored; nothing but the words is computed."""
    keys = []

    def noted(kind, key, make, dtype=np.float16, **__):
        keys.append((kind, key))
        if kind == "tokens":  # which decide other keys
            return cached(kind, key, make, dtype, keep=False)
        return SimpleNamespace(values=np.zeros((1, 1)), lengths=np.ones(len(few)))

    for module in (features, sound):
        monkeypatch.setattr(module, "cached", noted)

    def keys_of(config: FeatureConfig) -> list:
        keys.clear()
        store = FeatureStore(few, config, ())
        _ = store.mel, store.words, store.bert, store.augment(few.ids)
        return list(keys)

    return keys_of


PINNED = [-11.913, 3.062, -10.336, -13.816, -13.816, -13.816]  # nats, of bands 0, 10, 17, 40, 60 and 79
OTHER = {  # another value of each field; those of vectors, bert and speech are known by what they hold, not by name
    MelConfig: {"n_mels": 40, "n_fft": 1024, "win_length": 320, "hop_length": 320, "range_db": 30.0},
    Augmentation: {"snr_db": 10.0, "semitones": 1.0, "stretch": 0.2, "p": 0.9},
    FeatureConfig: {
        "text": "text", "homophones": 0.5, "segmenter": "char", "bert_pooling": "mean", "max_seconds": 1.0,
        "max_tokens": 3, "level": "reference",
    },
}  # fmt: skip
OF_CONTENT = {"vectors", "bert", "speech", "speech_layer"}
ON_READING = {"normalise", "copies"}  # what is stored is the same


@pytest.mark.parametrize("name", [name for names in OTHER.values() for name in names])
def test_a_setting_that_changes_a_feature_changes_its_key(name, keys_of):
    config = TINY.but(copies=1)
    value = next(values[name] for values in OTHER.values() if name in values)
    assert keys_of(config.but(**{name: value}).features) != keys_of(config.features)


def test_no_setting_was_forgotten_here():
    assert {f.name for f in fields(MelConfig)} == set(OTHER[MelConfig])
    assert {f.name for f in fields(Augmentation)} == set(OTHER[Augmentation])
    known = OTHER[FeatureConfig].keys() | OF_CONTENT | ON_READING | {"mel", "augmentation"}
    assert {f.name for f in fields(FeatureConfig)} == known


def test_the_log_mel_is_that_of_this_version():
    """Where this fails on purpose, raise `data.sound.VERSION` with it, or old features are taken for new ones."""
    t = np.arange(8000) / 16000
    mel = log_mel((0.3 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 3000 * t)).astype(np.float32))
    assert sound.VERSION == 3
    assert mel.shape == (51, 80)
    np.testing.assert_allclose(mel[25, [0, 10, 17, 40, 60, 79]], PINNED, atol=0.01)


def test_what_no_model_reads_is_neither_asked_for_nor_computed(few, small, cache, monkeypatch):
    nowhere = small.but(modalities=("audio",), bert="no/such", vectors="no/such", copies=0)
    assert encoders(nowhere) == {}
    store = FeatureStore(few, nowhere.features, nowhere.model.reads)
    assert list(store.features) == ["audio"]
    with pytest.raises(BertError):
        _ = store.bert
    for name in ("log_mel", "decode"):
        monkeypatch.setattr(sound, name, None)
    text = small.but(modalities=("words", "bert"), range_db=17.0)
    assert prepare(text, few, split=lambda corpus, seed: None).store.batch(few.ids, EMOTIONS).bert.shape == (6, 256)


def test_the_draws_of_a_seed_are_the_same_whatever_a_model_reads(few, small, cache):
    stores = [
        FeatureStore(few, small.features, names) for names in (("audio", "words", "bert"), ("words",), ("audio",))
    ]
    recipe = small.but(mask_words=0.5, mask_bands=8, mask_frames=9, stretch_frames=0.1)
    whole, words, audio = (
        spec_augmented(store.batch(few.ids, EMOTIONS), recipe, np.random.default_rng(1)) for store in stores
    )
    assert torch.equal(whole.words, words.words)
    assert torch.equal(whole.mel, audio.mel)
    assert torch.equal(whole.mel_mask, words.mel_mask)
    np.testing.assert_array_equal(stores[0].lengths, stores[1].lengths)
    assert audio.words.shape[2] == words.bert.shape[1] == 0


@pytest.mark.parametrize("change", [{"hop_length": 0}, {"n_mels": -1}, {"win_length": 600}])
def test_a_mel_that_cannot_be_made_is_refused_at_once(change):
    with pytest.raises(ConfigError, match="a mel of .* at most n_fft"):
        TINY.but(**change)
