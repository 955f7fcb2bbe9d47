"""The planted wording in a trained model: the shipped one, on the test utterances that it never saw."""

import numpy as np
import pytest

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.experiments.planted_truth import cue_of, telling, weight_of_telling_word
from vcemo_lib.inference.bundle import load_bundle
from vcemo_lib.inference.model_folder import SHIPPED
from vcemo_lib.text.word_vectors import segment


@pytest.fixture(scope="module")
def weights(cache_folder):
    """Weights of the most telling word, by where the emotion was planted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VCEMO_CACHE", str(cache_folder))
        bundle, corpus = load_bundle(SHIPPED), load_corpus("vcemo_sim")
        split, frame = split_8_1_1(corpus), corpus.frame.set_index("id")
        train = frame.loc[list(split.train)]
        told = telling([segment(text) for text in train["text_asr"]], train["emotion"])
        cue = cue_of(frame.loc[list(split.test)])
        ids = list(cue.index[cue.isin(["voice", "wording", "both"])])
        store = FeatureStore(corpus.select(ids), bundle.recipe.features)
        weight = weight_of_telling_word(bundle, store, ids, told)
    return {kind: weight[cue.loc[weight.index] == kind] for kind in ("voice", "wording", "both")}


def test_removing_the_telling_word_moves_the_answer_more_than_another_where_both_tell(weights):
    """1.72 ± 0.20 where wording and voice tell, 1.27 ± 0.18 the wording alone, 1.06 the voice alone (chapter 15)."""
    value = weights["both"]["removal"]
    assert value.mean() - 2 * value.sem() > 1.1
    assert weights["voice"]["removal"].mean() < weights["wording"]["removal"].mean() < value.mean()


def test_the_map_hardly_knows_the_telling_word(weights):
    """1.08, 1.07 and 1.13. Behind an LSTM, a convolution and two self-attentions a position is no longer one word."""
    for kind, value in weights.items():
        assert np.isclose(value["attention"].mean(), 1, atol=0.25), kind
    assert weights["both"]["removal"].mean() > weights["both"]["attention"].mean() + 0.3
