"""A model as ONNX: the same answers from onnxruntime, and nothing written where it cannot be."""

import json
import sys
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from small import CARD
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.labels import task_labels
from vcemo_lib.inference import onnx_export as export
from vcemo_lib.inference.bundle import Bundle, load_bundle, save_bundle
from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.inference.onnx_export import export_onnx
from vcemo_lib.models.registry import build_model


def untrained(recipe, **changes) -> Bundle:
    torch.manual_seed(0)
    recipe = recipe.but(**changes)
    model = build_model(recipe.model)
    for norm in model.modules():  # statistics as after training, not 0 and 1
        if isinstance(norm, torch.nn.BatchNorm1d):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
    return Bundle(model.eval(), recipe, task_labels(recipe.model.n_classes), "zh", {}, {})


def test_real_utterances_get_the_same_answers(store, small, tmp_path):
    bundle = untrained(small)
    assert export_onnx(bundle, tmp_path / "m.onnx", features=True) < 1e-5
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"))
    assert json.loads(session.get_modelmeta().custom_metadata_map["labels"]) == list(bundle.labels)
    length = small.model.length
    for utterance in store.corpus.ids[:5]:
        batch = store.batch([utterance], bundle.labels)
        words, mask = batch.words[:, :length], batch.words_mask[:, :length]
        missing = length - words.shape[1]
        inputs = {
            "mel": batch.mel,
            "words": torch.nn.functional.pad(words, (0, 0, 0, missing)),
            "words_mask": torch.nn.functional.pad(mask, (0, missing)),
            "bert": batch.bert,
        }
        logits = session.run(None, {name: value.numpy() for name, value in inputs.items()})[0]
        with torch.no_grad():
            np.testing.assert_allclose(logits, bundle.model(batch).logits.numpy(), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"modalities": ("audio",)},
        {"modalities": ("words", "bert")},
        {"order": "bert_first"},
        {"guide1": "both"},
        {"fuse1": "concat"},
        {"align": "stretch"},
        {"pooling": "mean"},
        {"statistics": 3},
        {"statistics": 3, "modalities": ("audio",)},
    ],
    ids=str,
)
def test_every_reading_of_the_model_can_be_written(small, changes, tmp_path):
    assert export_onnx(untrained(small, **changes), tmp_path / "m.onnx", features=True) < 1e-5


def test_a_file_that_answers_otherwise_is_not_kept(small, tmp_path, monkeypatch):
    (tmp_path / "m.onnx").write_text("mine")
    write = export._write
    other = untrained(small, dropout=0.0)
    torch.nn.init.normal_(other.model.head.predictor.weight)
    monkeypatch.setattr(
        export,
        "_write",
        lambda wrapped, bundle, path: write(export.OneUtterance(other, features=True).eval(), other, path),
    )
    with pytest.raises(BundleError, match="answers otherwise than the model"):
        export_onnx(untrained(small), tmp_path / "m.onnx", features=True)
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]
    assert (tmp_path / "m.onnx").read_text() == "mine"


def test_a_baseline_is_refused_in_a_sentence(small, tmp_path):
    bundle = untrained(small)
    other = replace(bundle, recipe=small.but(system="xu"))
    with pytest.raises(BundleError, match="system 'xu' cannot be written as ONNX"):
        export_onnx(other, tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_the_exporter_the_sentence_says_what_to_install(small, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(BundleError, match=r"onnx is not installed.*pip install '\.\[export\]' in the project's folder"):
        export_onnx(untrained(small), tmp_path / "m.onnx")


def test_the_command(small, tmp_path):
    bundle = untrained(small)
    save_bundle(tmp_path / "one", bundle.model, small, "zh", CARD, {"wa": 0.5})
    result = CliRunner().invoke(app, ["export", str(tmp_path / "one"), str(tmp_path / "m.onnx")])
    assert result.exit_code == 0 and "differ by" in result.output, result.output
    assert load_bundle(tmp_path / "one").labels == bundle.labels
    assert (tmp_path / "m.onnx").stat().st_size > 10_000
