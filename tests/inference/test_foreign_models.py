"""A model folder of somebody else's is judged by its facts and its weights' header before anything is built or imported."""

import json
import shutil
import sys
import time
from dataclasses import asdict

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from stored import CARD, RECIPE

from vcemo_lib.digests import sha256
from vcemo_lib.errors import VcemoError
from vcemo_lib.inference.answer import AS_RECORDED, PredictError
from vcemo_lib.inference.bundle import _rebuilt, load_bundle, save_bundle
from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.inference.prediction import predict
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import Recipe
from vcemo_lib.storage import sealed, unsealed
from vcemo_lib.text.word_vectors import WordsError, WordVectors

EAR = RECIPE.but(modalities=("audio",))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    torch.manual_seed(0)
    return save_bundle(tmp_path_factory.mktemp("b") / "m", build_model(EAR.model).eval(), EAR, "zh", CARD, {"wa": 0.5})


@pytest.fixture
def forged(made, tmp_path):
    """The folder with other facts and weights, signed as by somebody who means harm."""

    def make(facts=lambda content: None, weights=None):
        folder = shutil.copytree(made, tmp_path / "m", dirs_exist_ok=True)
        if weights is not None:
            values = load_file(folder / "model.safetensors")
            meta = weights(values)
            save_file(values, folder / "model.safetensors", meta)
        content = unsealed(json.loads((folder / "bundle.json").read_text(encoding="utf-8")))
        facts(content)
        content["sha256"] = sha256(folder / "model.safetensors")
        try:
            content["recipe_key"] = _rebuilt(Recipe, content["recipe"]).key
        except Exception:  # no recipe has these fields
            pass
        (folder / "bundle.json").write_text(json.dumps(sealed(content)), encoding="utf-8")
        return folder

    return make


def model(**fields):
    return lambda content: content["recipe"]["model"].update(fields)


def features(**fields):
    return lambda content: content["recipe"]["features"].update(fields)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (model(d=8192), "do not fit its recipe .*has the shape"),
        (model(n_layers=100), "do not fit its recipe .*tensors are missing"),
        (model(n_layers=100_000), "n_layers=100000: give a number of 0 or more and at most 100"),
        (model(d=10**40), "d=1000.*: give a number of 1 or more and at most 16384"),
        (model(d=-1), "d=-1: give a number of 1 or more"),
        (model(d=64.5), "d=64.5: give a whole number"),
        (model(d="64"), "d='64': give a whole number"),
        (model(d=True), "d=True: give a whole number"),
        (model(length=10**9), "length=1000000000: give"),
        (model(dropout=float("nan")), "dropout=nan: give a number"),
        (model(conv_channels=[8] * 1000), "give 1 to 10 numbers"),
        (model(conv_channels="ab"), "conv_channels='ab': give a whole number or several"),
        (model(modalities=[["audio"]]), "modalities=.*: give a text or several"),
        (model(n_heads=3), "n_heads=3"),
        (features(max_seconds=1e12), "max_seconds=1000000000000.0: give"),
        (features(mel={"n_fft": 2**30}), "1 to 65536"),
        (features(mel=None), "damaged or foreign .*copy the folder again"),
        (features(text=["a"]), "text=.*: give a text"),
        (features(segmenter="pytest"), "segmenter='pytest' is unknown; use one of"),
        (features(bert_pooling="max"), "bert_pooling='max' is unknown; use one of"),
        (lambda c: c["recipe"].update(learning_rate=float("inf")), "learning_rate=inf: give a number"),
        (lambda c: c.update(language="../../x"), "language is '../../x'"),
        (lambda c: c.update(labels=[[]] * 6), "labels of"),
        (lambda c: c.update(temperature=float("nan")), "temperature"),
    ],
)
def test_facts_that_no_model_has_are_refused_within_a_second(forged, facts, said):
    folder, begun = forged(facts), time.process_time()
    with pytest.raises(VcemoError, match=said) as refused:
        load_bundle(folder)
    assert time.process_time() - begun < 1
    assert len(str(refused.value).splitlines()) == 1


def _first(values):
    return next(name for name, value in values.items() if value.ndim == 2)


def _set(value):
    def change(values):
        values[_first(values)][0, 0] = value

    return change


def _without_one(values):
    del values[_first(values)]


def _negative_variance(values):
    values[next(name for name in values if name.endswith("running_var"))][0] = -1


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (_set(float("nan")), "holds numbers in .* that no training leaves"),
        (_set(float("inf")), "holds numbers in .* that no training leaves"),
        (_negative_variance, "holds numbers in .*running_var that no training leaves"),
        (_without_one, "1 tensors are missing, 0 are of no use"),
        (lambda values: values.update(extra=torch.zeros(3)), "0 tensors are missing, 1 are of no use, such as extra"),
        (lambda values: values.update({_first(values): torch.zeros(1, 1)}), r"has the shape \(1, 1\), expected"),
        (lambda values: values.update({_first(values): values[_first(values)].long()}), "another type of number"),
        (lambda values: values.clear(), "tensors are missing, 0 are of no use"),
        (lambda values: {"labels": "5"}, "cannot be read .its labels are '5'"),
        (lambda values: {"labels": "[" * 100_000}, "cannot be read"),
    ],
)
def test_weights_that_no_training_leaves_are_refused(forged, weights, said):
    with pytest.raises(BundleError, match=said) as refused:
        load_bundle(forged(weights=weights))
    assert len(str(refused.value).splitlines()) == 1


def test_no_package_is_imported_by_the_name_of_vectors(monkeypatch):
    monkeypatch.delitem(sys.modules, "antigravity", raising=False)
    for name in ("antigravity", "pytest", "os", "../nowhere/x", "a.b", "a b"):
        with pytest.raises(WordsError, match="is not installed"):
            WordVectors.load(name)
    assert "antigravity" not in sys.modules


def test_a_text_of_vectors_without_an_end_is_refused(tmp_path):
    (tmp_path / "v.txt").write_bytes(bytes(3_000_000))
    with pytest.raises(WordsError, match="line 1 has no end"):
        WordVectors.load(tmp_path / "v.txt")


def test_a_model_that_hears_the_level_says_so(made, corpus, cache, tmp_path):
    (tmp_path / "clip.ogg").write_bytes(corpus.frame["audio"].iloc[0])
    assert AS_RECORDED in predict(load_bundle(made), [tmp_path / "clip.ogg"])[0][0].doubts
    level = EAR.but(level="reference")
    folder = save_bundle(tmp_path / "m", build_model(level.model).eval(), level, "zh", CARD, {"wa": 0.5})
    assert AS_RECORDED not in predict(load_bundle(folder), [tmp_path / "clip.ogg"])[0][0].doubts


def test_an_answer_that_is_no_number_is_refused(made, corpus, cache, tmp_path):
    (tmp_path / "clip.ogg").write_bytes(corpus.frame["audio"].iloc[0])
    bundle = load_bundle(made)
    bundle.model.head.predictor.bias.data.fill_(float("nan"))
    with pytest.raises(PredictError, match="the model's answer is no number"):
        predict(bundle, [tmp_path / "clip.ogg"])


def test_what_asdict_writes_is_what_a_recipe_takes():
    assert _rebuilt(Recipe, json.loads(json.dumps(asdict(EAR)))) == EAR
    assert np.isfinite(EAR.model.dropout)
