"""Untrained models in folders, for tests of what answers."""

import pytest
import torch

from vcemo_lib.evaluation.records import ProtocolCard
from vcemo_lib.inference.bundle import save_bundle
from vcemo_lib.models.registry import build_model

CARD = ProtocolCard("vcemo_sim", "0123456789", True, 6, "8/1/1", (), "val", "text_asr", "bundled", "bundled", "small")


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
