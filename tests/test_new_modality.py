"""A fourth modality in one file, this one: key strokes, which no other line of the library knows.

It trains, is told apart from silence, is kept in a bundle, asked about files and written as ONNX.
"""

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from vcemo_lib.config import KNOWN_MODALITIES, ConfigError
from vcemo_lib.data.labels import EMOTIONS, task_labels
from vcemo_lib.data.modalities import DESCRIBED, Modality
from vcemo_lib.evaluation.records import ProtocolCard
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.inference.bundle import load_bundle, save_bundle
from vcemo_lib.inference.onnx_export import OneUtterance, export_onnx
from vcemo_lib.inference.prediction import PredictError, predict
from vcemo_lib.models.encoders import adaptive_time_pool
from vcemo_lib.models.modalities import ENCODERS, add_modality
from vcemo_lib.training.run import TrainError, fit

CARD = ProtocolCard("vcemo_sim", "0123456789", True, 6, "8/1/1", (), "validation, best wa", "text", "-", "-", "small")


class KeyEncoder(nn.Module):
    """Key strokes (B, N, 3) → L steps of width d."""

    def __init__(self, d, length):
        super().__init__()
        self.linear, self.length = nn.Linear(3, d), length

    def forward(self, strokes, mask):
        return adaptive_time_pool(self.linear(strokes), mask, self.length)


def key_strokes(store):
    return [np.asarray(strokes, np.float32).reshape(-1, 3) for strokes in store.corpus.frame["strokes"]]


STROKES = Modality(
    "strokes", ("strokes", "strokes_mask"), 3, key_strokes, column="strokes", made_by=lambda _: {"strokes": "counted"}
)


@pytest.fixture
def strokes():
    """The modality, in this test alone."""
    add_modality(STROKES, lambda config: KeyEncoder(config.d, config.length))
    yield STROKES
    KNOWN_MODALITIES.remove("strokes")
    del DESCRIBED["strokes"], ENCODERS["strokes"]


@pytest.fixture
def typed(corpus):
    """The corpus with key strokes that give the emotion away; the first utterance has none."""
    rng = np.random.default_rng(0)
    kind = corpus.frame["emotion"].map({name: k for k, name in enumerate(EMOTIONS)})
    strokes = [(rng.normal(size=(3 + k % 3, 3)) * 0.1 + k).tolist() for k in kind]
    return replace(corpus, frame=corpus.frame.assign(strokes=[[], *strokes[1:]]))


@pytest.fixture
def trained(strokes, typed, small, cache):
    experiment = prepare(small.but(modalities=("audio", "bert", "strokes"), copies=0, epochs=2), typed)
    return experiment, fit(experiment.store, experiment.split, experiment.recipe, 0)


def test_it_stands_in_the_batch_and_is_read(trained, typed):
    experiment, run = trained
    assert experiment.store.modalities == ("audio", "bert", "strokes")
    batch = experiment.store.batch(typed.ids[:4], EMOTIONS)
    assert batch["strokes_mask"].sum(1).tolist() == [len(strokes) for strokes in typed.frame["strokes"][:4]]
    assert batch.to("cpu")["strokes"].shape[2] == 3
    model = run.model.eval()
    with torch.no_grad():
        output = model(batch, keep_attention=True)
        other = model(batch.but(strokes=batch["strokes"] + 1)).logits
    assert torch.isfinite(output.logits).all()
    changed = (output.logits - other).abs().amax(1)
    assert changed[0] < 1e-6  # it has no key strokes
    assert changed[1:].min() > 1e-5
    assert "strokes_by_fused2" in output.attention
    assert len(run.history) == 2


@pytest.mark.parametrize(
    "modalities", [("strokes",), ("words", "strokes"), ("audio", "words", "bert", "strokes")], ids="+".join
)
def test_it_goes_with_any_others_and_gets_gradients(modalities, strokes, typed, small, cache):
    from vcemo_lib.models.registry import build_model

    experiment = prepare(small.but(modalities=modalities, copies=0), typed)
    model = build_model(experiment.recipe.model)
    model(experiment.store.batch(typed.ids[1:5], EMOTIONS)).logits.sum().backward()
    assert model.encoders["strokes"].linear.weight.grad.abs().max() > 0


def test_a_bundle_of_it_is_asked_about_files(trained, typed, tmp_path):
    experiment, run = trained
    scores = {"wa": 0.5}
    save_bundle(tmp_path / "model", run.model, run.recipe, "zh", CARD, scores)
    bundle = load_bundle(tmp_path / "model")
    clip = tmp_path / "clip.ogg"
    clip.write_bytes(typed.frame["audio"].iloc[1])
    (one,), problems = predict(bundle, [clip], ["你好"], columns={"strokes": [typed.frame["strokes"].iloc[1]]})
    assert problems == {}
    assert list(one.without.index) == ["without audio", "without bert", "without strokes"]
    assert not np.allclose(one.without.loc["without strokes"], one.chance)
    with pytest.raises(PredictError, match="the model reads strokes: give columns="):
        predict(bundle, [clip], ["你好"])


def test_it_is_an_input_of_the_onnx_file(trained, typed, tmp_path):
    from vcemo_lib.inference.bundle import Bundle

    experiment, run = trained
    bundle = Bundle(run.model.eval(), run.recipe, task_labels(6), "zh", {}, {})
    assert OneUtterance(bundle).names == ["wave", "token_ids", "strokes"]  # its features are made outside
    assert export_onnx(bundle, tmp_path / "m.onnx", features=True) < 1e-4
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"))
    assert [i.name for i in session.get_inputs()] == ["mel", "bert", "strokes"]
    assert json.loads(session.get_modelmeta().custom_metadata_map["labels"]) == list(EMOTIONS)
    batch = experiment.store.batch(typed.ids[1:2], EMOTIONS)
    there = {name: batch[name].numpy() for name in ("mel", "bert", "strokes")}
    with torch.no_grad():
        np.testing.assert_allclose(session.run(None, there)[0], run.model(batch).logits.numpy(), rtol=0, atol=1e-4)


def test_without_it_nobody_knows_it_and_twice_it_is_refused(small, request):
    with pytest.raises(ConfigError, match="give some of"):
        small.but(modalities=("audio", "strokes"))
    strokes = request.getfixturevalue("strokes")
    with pytest.raises(ConfigError, match="no modality can be named 'keys'"):
        add_modality(replace(strokes, name="keys"), lambda config: KeyEncoder(config.d, config.length))
    with pytest.raises(ConfigError, match="a batch has labels already: give the inputs other names"):
        add_modality(replace(strokes, name="other", inputs=("labels",)), lambda config: KeyEncoder(config.d, 4))
    with pytest.raises(ConfigError, match="there is a modality 'strokes' already"):
        add_modality(strokes, lambda config: KeyEncoder(config.d, config.length))


def test_features_that_lack_what_the_model_reads_are_refused(store, split, small, strokes):
    with pytest.raises(TrainError, match="the features have no strokes, which the model reads"):
        fit(store, split, small.but(modalities=("audio", "strokes")), 0)
