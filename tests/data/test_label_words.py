"""Words that tables use for the six emotions are known."""

import pytest

from vcemo_lib.data.labels import EMOTIONS, SYNONYMS

WORDS = "愤怒 恐惧 高兴 中性 悲伤 惊讶".split()


@pytest.mark.parametrize(("word", "emotion"), zip(WORDS, EMOTIONS, strict=True))
def test_chinese_words_are_read_as_the_emotion_they_name(word, emotion):
    assert SYNONYMS[word] == emotion


def test_every_word_is_in_small_letters_and_stands_for_one_of_the_six():
    assert all(word == word.lower() and emotion in EMOTIONS for word, emotion in SYNONYMS.items())
