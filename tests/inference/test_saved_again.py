"""A model folder is replaced by the next model, and names its classes beside the weights where they are no emotions."""

import json

import pytest
from safetensors import safe_open
from small import CARD

from vcemo_lib.inference.bundle import load_bundle, save_bundle
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import TINY

RECIPE = TINY.but(name="small", d=16, d_ff=32, n_heads=2, length=8, conv_channels=(4, 8), modalities=("audio",))
OWN = ("high", "low")


def test_the_next_model_takes_the_place_of_the_last(tmp_path):
    for wa in (0.25, 0.75):
        save_bundle(tmp_path / "m", build_model(RECIPE.model), RECIPE, "zh", CARD, {"wa": wa})
        assert load_bundle(tmp_path / "m").scores == {"wa": wa}
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize(("labels", "kept"), [(None, None), (OWN, json.dumps(OWN))], ids=["emotions", "own"])
def test_weights_name_classes_that_are_no_emotions(labels, kept, tmp_path):
    recipe = RECIPE.but(n_classes=len(labels)) if labels else RECIPE
    save_bundle(tmp_path / "m", build_model(recipe.model), recipe, "zh", CARD, {"wa": 0.5}, labels=labels)
    with safe_open(tmp_path / "m" / "model.safetensors", "pt") as weights:
        assert (weights.metadata() or {}).get("labels") == kept
    assert load_bundle(tmp_path / "m").labels == (labels or ("angry", "fear", "happy", "neutral", "sad", "surprise"))
