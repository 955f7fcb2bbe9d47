"""Model folders that are no whole model, and places where none can be written: one sentence, and nothing is touched."""

import json
import os
from pathlib import Path

import pytest

PREDICT = "predict good.wav --model model --text 你好"


def _nothing(here: Path) -> None:
    pass


def _facts(change):
    """The model's bundle.json, changed."""

    def make(here: Path) -> None:
        path = here / "model" / "bundle.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return make


def _cut_weights(here: Path) -> None:
    path = here / "model" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _foreign_folder(here: Path) -> None:
    (here / "thesis").mkdir()
    (here / "thesis" / "text.txt").write_text("years", encoding="utf-8")


REFUSED = {  # kind: what is made, what is asked, what the sentence says
    "no such folder": (
        _nothing,
        "predict good.wav --model nowhere --text 你好",
        "nowhere is no model folder.*give one that 'vcemo train' made",
    ),
    "a file is missing": (
        lambda here: (here / "model" / "bundle.json").unlink(),
        PREDICT,
        "model is no model folder .it lacks bundle.json.: give",
    ),
    "cut weights": (_cut_weights, PREDICT, "model.safetensors is damaged.*copy it again"),
    "a later format": (_facts(lambda c: c.update(format=9)), PREDICT, "model has format 9.*train the model again"),
    "another recipe": (
        _facts(lambda c: c["recipe"]["model"].update(dropout=0.5)),
        PREDICT,
        "recipe in model/bundle.json.*copy the folder again",
    ),
    "a reading nobody knows": (
        _facts(lambda c: c["recipe"]["model"].update(pooling="max")),
        PREDICT,
        "bundle.json is damaged or foreign.*copy the folder again",
    ),
    "other encoders": (
        _facts(lambda c: c["encoders"].update(bert="bundled 00")),
        PREDICT,
        "made with bert bundled 00.*install the same",
    ),
    "somebody's own folder": (
        _foreign_folder,
        "train thesis",
        "thesis is there already and is no model folder: give another name",
    ),
    "below a file": (
        _nothing,
        "train good.wav/mine",
        "good.wav/mine cannot be made: .*good.wav is no folder that may be written to: give",
    ),
    "ONNX over a folder": (_nothing, "export model model", "model is a folder: give the name of a file"),
    "a fact is missing": (
        _facts(lambda c: c.pop("language")),
        PREDICT,
        "model/bundle.json is damaged or foreign .KeyError: 'language'.*copy",
    ),
    "ONNX over a pipe": (
        lambda here: os.mkfifo(here.parent / "pipe"),
        "export model ../pipe",
        "pipe is no regular file: give the name of a file",
    ),
    "ONNX below a file": (
        _nothing,
        "export model good.wav/m.onnx",
        "good.wav/m.onnx cannot be written .*: choose another place",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_model_that_is_none_is_refused(kind, place, refused):
    make, command, sentence = REFUSED[kind]
    make(place)
    refused(command, sentence)
