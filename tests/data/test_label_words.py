"""Words that tables use for the six emotions are known."""

import pytest

from vcemo_lib.data.labels import EMOTIONS, PROPOSED, SYNONYMS
from vcemo_lib.data.own_classes import unknown_words

WORDS = "愤怒 恐惧 高兴 中性 悲伤 惊讶".split()


@pytest.mark.parametrize(("word", "emotion"), zip(WORDS, EMOTIONS, strict=True))
def test_chinese_words_are_read_as_the_emotion_they_name(word, emotion):
    assert SYNONYMS[word] == emotion


def test_every_word_is_in_small_letters_and_stands_for_one_of_the_six():
    assert all(word == word.lower() and emotion in EMOTIONS for word, emotion in SYNONYMS.items())


@pytest.mark.parametrize(
    ("words", "emotion"),
    [
        ("愤怒 生气 憤怒 愤恨 憤恨 anger wut zorn colère gniew 분노 怒り", "angry"),
        ("恐惧 害怕 恐懼 惧怕 懼怕 scared angst peur strach 공포", "fear"),
        ("高兴 开心 快乐 喜悦 開心 欣喜 joy freude radość 기쁨", "happy"),
        ("中性 平静 neutre neutralny 중립", "neutral"),
        ("悲伤 难过 伤心 難過 忧愁 傷感 sorrow trauer smutek 슬픔", "sad"),
        ("惊讶 吃惊 驚訝 惊愕 驚異 astonished überraschung zaskoczenie 놀람", "surprise"),
    ],
)
def test_relatives_and_words_of_other_languages_are_known(words, emotion):
    assert {SYNONYMS[word] for word in words.split()} == {emotion}


def test_near_words_are_proposed_and_not_taken():
    for word, emotion in {
        "excited": "happy",
        "frustrated": "angry",
        "calm": "neutral",
        "厌恶": "",
        "disgust": "",
        "烦躁": "angry",
    }.items():
        assert word not in SYNONYMS and PROPOSED[word] == emotion
        assert f"{word}={emotion}" in unknown_words([word])


def test_no_word_stands_for_two_emotions():
    assert not set(PROPOSED) & set(SYNONYMS)
