"""The model that ships answers as well as its card says, and is the one that is asked when none is named."""

import numpy as np
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.inference.bundle import load_bundle
from vcemo_lib.inference.model_folder import SHIPPED
from vcemo_lib.training.trainer import predict

N = 150  # of the test part


@pytest.fixture(scope="module")
def bundle():
    return load_bundle(SHIPPED)


def test_it_does_on_the_test_part_what_its_card_says(bundle, cache):
    whole = load_corpus("vcemo_sim").for_task(6)
    ids = split_8_1_1(whole, 0).test[:N]
    store = FeatureStore(whole.select(ids), bundle.recipe.features)
    truth, logits = predict(bundle.model, store, ids, bundle.recipe)
    right = (logits.argmax(1) == truth).mean()
    assert abs(right - bundle.scores["wa"]) < 3 * np.sqrt(0.25 / N)
    common = np.bincount(truth).max() / N
    assert right > common + 0.1


def test_it_says_what_it_is(bundle):
    card = (SHIPPED / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "synthesised" in card
    assert f"{bundle.scores['wa']:.3f}" in card
    assert bundle.card["corpus"] == "vcemo_sim"
    assert bundle.card["n_classes"] == 6
    assert bundle.recipe.limit is None
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 4.5e6


def test_it_is_asked_where_no_model_is_named(cache, tmp_path):
    clip = tmp_path / "clip.ogg"
    clip.write_bytes(load_corpus("vcemo_sim", limit=1).frame["audio"].iloc[0])
    result = CliRunner().invoke(app, ["predict", str(clip), "--text", "你怎么才来"])
    assert result.exit_code == 0 and "surprise" in result.output, result.output
