"""The frozen sentence encoder: each vector is its text's own, whatever the batch."""

import shutil

import numpy as np
import pytest
import torch

from vcemo_lib.text.bert import BUNDLED, POOLINGS, BertError, SentenceEncoder

TEXTS = ["你好", "今天的天气真的很好，我们一起去公园走走吧！", "", "气死我了", "他为什么不告诉我？", "好" * 700]


@pytest.fixture(scope="module")
def encoder():
    return SentenceEncoder.load("bundled")


@pytest.mark.parametrize("pooling", [p for p in POOLINGS if p != "pooler"])
def test_company_changes_no_vector(encoder, pooling):
    together = encoder.encode(TEXTS, pooling)
    assert together.shape == (len(TEXTS), encoder.dim)
    assert together.dtype == np.float32
    np.testing.assert_allclose(
        np.concatenate([encoder.encode([t], pooling) for t in TEXTS]), together, rtol=0, atol=1e-5
    )
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1], pooling, batch_size=2)[::-1], together, rtol=0, atol=1e-5)
    assert np.abs(together[0] - together[3]).max() > 1e-2


def test_an_empty_text_has_a_finite_vector_and_no_texts_have_none(encoder):
    assert np.isfinite(encoder.encode([""], "mean")).all()
    assert encoder.encode([""])[0].any()
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_mean_pooling_is_the_mean_of_the_tokens(encoder):
    tokens = encoder.tokenizer("气死我了", return_tensors="pt")
    with torch.no_grad():
        hidden = encoder.encoder(**tokens).last_hidden_state[0]
    np.testing.assert_allclose(encoder.encode(["气死我了", "好" * 50], "mean")[0], hidden.mean(0), atol=1e-5)
    np.testing.assert_allclose(encoder.encode(["气死我了", "好" * 50], "cls")[0], hidden[0], atol=1e-5)


def test_it_is_frozen(encoder):
    assert not encoder.encoder.training
    assert not any(p.requires_grad for p in encoder.encoder.parameters())


@pytest.mark.parametrize("name", ["no-such/encoder", "nowhere"])
def test_an_encoder_that_is_not_here_says_how_to_get_it(name):
    with pytest.raises(
        BertError, match=f"'{name}' is not on this machine or is damaged.*hf download {name}.*'bundled'"
    ):
        SentenceEncoder.load(name)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: (f / "config.json").write_text("{"),
        lambda f: (f / "model.safetensors").unlink(),
        lambda f: (f / "config.json").write_text('{"model_type": "kite"}'),
    ],
    ids=["config", "weights", "kind"],
)
def test_a_folder_that_is_there_is_damaged_and_not_to_be_downloaded(spoil, tmp_path):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    spoil(folder)
    with pytest.raises(
        BertError, match=f"'{folder}' is damaged or is none in Hugging Face form .*: copy its folder again"
    ):
        SentenceEncoder.load(folder)


def test_unknown_poolings_and_a_text_without_a_mask_are_refused(encoder):
    with pytest.raises(BertError, match="choose one of cls, pooler, mean"):
        encoder.encode(["你好"], "max")
    with pytest.raises(BertError, match="MASK"):
        encoder.fill_mask("你好")


def test_fill_mask_gives_falling_probabilities(encoder):
    candidates = encoder.fill_mask("我很[MASK]兴。", k=4)
    chances = [p for _, p in candidates]
    assert len(candidates) == 4
    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1


def test_the_masked_lm_reads_by_the_same_encoder_and_gives_the_chances_of_fill_mask(encoder):
    model, tokens = encoder.masked_lm(), encoder.tokenizer("我很[MASK]兴。", return_tensors="pt")
    with torch.no_grad():
        torch.testing.assert_close(
            model.base_model(**tokens).last_hidden_state, encoder.encoder(**tokens).last_hidden_state
        )
        chance = (
            model(**tokens)
            .logits[0, tokens["input_ids"][0].tolist().index(encoder.tokenizer.mask_token_id)]
            .softmax(-1)
        )
    for token, p in encoder.fill_mask("我很[MASK]兴。", k=3):
        assert chance[encoder.tokenizer.convert_tokens_to_ids(token)].item() == pytest.approx(p, abs=1e-6)
