"""A clip in another language than the one that Whisper is told to write is said to be; the words are then made up."""

import numpy as np
import pytest
import whisper

from vcemo_lib.audio.whisper_asr import Recogniser, Settings
from vcemo_lib.audio.whisper_language import OtherLanguages, other_language
from vcemo_lib.inference.listening import Clip
from vcemo_lib.inference.prediction import heard

RATE = 16_000
CLIPS = [np.full(RATE + n, 0.1 * n, np.float32) for n in range(3)]


@pytest.mark.parametrize(
    ("chances", "expected", "name"),
    [
        ({"zh": 0.89, "th": 0.05}, "zh", ""),
        ({"pl": 0.98, "zh": 0.0}, "zh", "Polish"),
        ({"zh": 0.98, "pl": 0.01}, "pl", "Chinese"),
        ({"pl": 0.5, "zh": 0.1}, "zh", "Polish"),
        ({"pl": 0.49, "zh": 0.1}, "zh", ""),
        ({"pl": 0.6, "zh": 0.11}, "zh", ""),
        ({"yue": 0.9, "zh": 0.05}, "zh", ""),
        ({"xx": 0.9}, "zh", "Xx"),
    ],
)
def test_another_language_is_named_where_it_is_sure(chances, expected, name):
    assert other_language(chances, expected) == name


def test_each_clip_has_its_language_and_they_are_counted():
    others = OtherLanguages("zh")
    assert others.of(CLIPS[0]) is None
    others.note(CLIPS, [{"zh": 0.9}, {"pl": 0.9}, {"pl": 0.8}])
    assert [others.of(wave) for wave in CLIPS] == ["", "Polish", "Polish"]
    assert len(others) == 3
    assert others.counts() == {"Polish": 2}
    long = np.concatenate([CLIPS[1], np.zeros(40 * RATE, np.float32)])
    others.note([long], [{"de": 0.9}])
    assert others.of(long[: 30 * RATE]) == "German"  # the first 30 s alone are heard


def clip(wave, spoken=True):
    return Clip(wave, b"", 0.0, spoken, ("faint",))


def test_the_answer_is_doubtful_where_words_were_heard_in_it(monkeypatch):
    recogniser = Recogniser(None, Settings("whisper", "none"))
    recogniser.others.note(CLIPS, [{"pl": 0.9}, {"zh": 0.9}, {"pl": 0.9}])
    monkeypatch.setattr(recogniser, "texts", lambda waves: ["走吧" if len(wave) < RATE + 2 else "" for wave in waves])
    clips, said = heard(recogniser, [*map(clip, CLIPS), clip(CLIPS[0], spoken=False)])
    assert said == ["走吧", "走吧", "", ""]
    words = "it sounds like Polish, and was heard as another language: the words are made up"
    assert [c.doubts for c in clips] == [("faint", words), ("faint",), ("faint",), ("faint",)]


class Faster:
    """As faster-whisper tells the language."""

    def detect_language(self, wave):
        return "ko", 0.97, [("ko", 0.97), ("zh", 0.01)]


def test_the_faster_back_end_is_asked_once():
    recogniser = Recogniser(Faster(), Settings("faster", "none"))
    assert recogniser.other_language(CLIPS[0]) == "Korean"
    recogniser.model = None
    assert recogniser.other_language(CLIPS[0]) == "Korean"


def test_the_language_is_noted_where_a_clip_is_heard(monkeypatch):
    class Model:
        is_multilingual, device = True, "cpu"

        class dims:
            n_mels = 80

        def embed_audio(self, mels):
            return mels

        def detect_language(self, encoded):
            return None, [{"pl": 0.9}] * len(encoded)

    result = type("Result", (), {"no_speech_prob": 0.0, "avg_logprob": 0.0, "text": "走吧"})()
    monkeypatch.setattr(whisper, "decode", lambda model, encoded, options: [result] * len(encoded))
    recogniser = Recogniser(Model(), Settings("whisper", "none"))
    assert recogniser.texts(CLIPS) == ["走吧"] * 3
    assert recogniser.others.counts() == {"Polish": 3}
    Model.is_multilingual = False  # of English alone: it knows no other
    english = Recogniser(Model(), Settings("whisper", "none", "en", ""))
    assert english.texts(CLIPS[:1]) == ["走吧"]
    assert english.other_language(CLIPS[0]) == ""
