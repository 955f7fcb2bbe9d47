"""Untrained models in folders, for tests of what answers."""

import pytest
import torch
from small import CARD

from vcemo_lib.inference.bundle import save_bundle
from vcemo_lib.models.registry import build_model


@pytest.fixture(scope="module")
def untrained(tmp_path_factory, small):
    """Keep a model of a changed small recipe that hears every level alike; returns its folder."""

    def kept(**changes):
        recipe = small.but(level="reference", **changes)
        torch.manual_seed(0)
        model = build_model(recipe.model).eval()
        return save_bundle(tmp_path_factory.mktemp("models") / "one", model, recipe, "zh", CARD, {"wa": 0.5})

    return kept


@pytest.fixture(scope="module")
def folder(untrained):
    """A model that reads sound, words and sentence."""
    return untrained()


@pytest.fixture(scope="module")
def made(tmp_path_factory, small):
    """A model folder and the model it was made of; untrained weights are as good as others here."""
    torch.manual_seed(0)
    model = build_model(small.model).eval()
    folder = tmp_path_factory.mktemp("models") / "one"
    return save_bundle(folder, model, small, "zh", CARD, {"wa": 0.5}), model


@pytest.fixture
def clip(corpus, tmp_path):
    path = tmp_path / "clip.ogg"
    path.write_bytes(corpus.frame["audio"].iloc[0])
    return path
