"""Homophone noise: the sound stays, the asked share of characters changes, and more noise keeps what less had changed."""

import jiwer
import pytest
from pypinyin import Style, lazy_pinyin

from vcemo_lib.config import FeatureConfig
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.text.homophones import alike, misheard
from vcemo_lib.text.word_vectors import WordsError

SAID = "他今天在家里等你回来吃饭，你怎么还没有出门呢？"


def test_characters_change_and_their_sound_does_not():
    heard = misheard(SAID, 1.0)
    changed = [(a, b) for a, b in zip(SAID, heard, strict=True) if a != b]
    assert len(changed) > len(SAID) / 2
    assert all(a in alike() for a, _ in changed)
    assert [lazy_pinyin(a, style=Style.TONE3) for a, _ in changed] == [
        lazy_pinyin(b, style=Style.TONE3) for _, b in changed
    ]
    assert {c for c in SAID if c not in alike()} <= set(heard)


def test_noise_is_repeatable_and_grows():
    assert misheard(SAID, 0) == SAID
    assert misheard(SAID, 0.4) == misheard(SAID, 0.4)
    less, more = misheard(SAID, 0.3), misheard(SAID, 0.6)
    assert less != more
    assert all(b == c for a, b, c in zip(SAID, less, more, strict=True) if a != b)


def test_the_share_is_the_one_asked_for():
    said = [text for text in load_corpus("vcemo_sim", limit=400).frame["text"]]
    letters = ["".join(c for c in text if c in alike()) for text in said]
    assert jiwer.cer(letters, [misheard(text, 0.2) for text in letters]) == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_is_a_share(share):
    with pytest.raises(WordsError, match="between 0 and 1"):
        misheard(SAID, share)


def test_features_are_made_of_what_was_misheard(corpus, cache):
    plain, noisy = (FeatureStore(corpus, FeatureConfig(homophones=share)) for share in (None, 0.5))
    assert noisy.texts == [misheard(text, 0.5) for text in plain.texts]
    assert noisy.texts != plain.texts
    assert noisy.tokens != plain.tokens
    assert (noisy.mel[0] == plain.mel[0]).all()
    assert not (noisy.bert[0] == plain.bert[0]).all()
