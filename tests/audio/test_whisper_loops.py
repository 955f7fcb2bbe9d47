"""A text that repeats itself is heard again at a higher temperature, and is no text if it repeats itself at all of them."""

from types import SimpleNamespace

import numpy as np
import pytest

from vcemo_lib.audio.whisper_asr import Recogniser, Settings
from vcemo_lib.audio.whisper_loops import TEMPERATURES, looped

LOOP = "嗯" * 200


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("", False),
        ("好", False),
        ("哈哈哈哈", False),
        ("今天天气真好，我们一起去公园走走，然后回家吃饭。", False),
        (LOOP, True),
        ("谢谢大家。" * 20, True),
        ("a" * 100, True),
        ("I am here. " * 30, True),
    ],
)
def test_loops_are_told_from_texts(text, loops):
    assert looped(text) is loops


class Hearing(Recogniser):
    """A recogniser of which it is given what it hears at each temperature."""

    def __init__(self, heard):
        super().__init__(None, Settings("whisper", "none"))
        self.heard, self.asked = heard, []

    def _batch(self, waves, temperature=0.0):
        self.asked.append(temperature)
        return [self.heard.get(temperature, LOOP)] * len(waves)


CLIP = np.zeros(16_000, np.float32)


@pytest.mark.parametrize(
    ("heard", "text", "loops", "asked"),
    [
        ({0.0: "你好"}, "你好", 0, [0.0]),
        ({0.4: "你好"}, "你好", 1, [0.0, 0.2, 0.4]),
        ({}, "", 1, [0.0, *TEMPERATURES]),
    ],
    ids=["no loop", "a loop once", "loops for ever"],
)
def test_a_loop_is_heard_again(heard, text, loops, asked):
    recogniser = Hearing(heard)
    assert recogniser.texts([CLIP]) == [text]
    assert recogniser.loops == loops
    assert recogniser.asked == asked


def test_of_a_batch_only_the_loop_is_heard_again():
    recogniser = Hearing({0.2: "再见"})
    recogniser._batch = lambda waves, temperature=0.0: ["你好", LOOP, "走吧"] if len(waves) == 3 else ["再见"]
    assert recogniser.texts([CLIP] * 3) == ["你好", "再见", "走吧"]
    assert recogniser.loops == 1


@pytest.mark.parametrize("backend", ["whisper", "faster"])
def test_timed_words_that_loop_are_heard_again(backend):
    def words(temperature):
        text = "你好" if temperature == 0.6 else LOOP
        return [(character, k / 10, k / 10 + 0.1) for k, character in enumerate(text)]

    recogniser = Recogniser(SimpleNamespace(heads_known=True), Settings(backend, "none"))
    recogniser._timed = lambda wave, temperature=0.0: words(temperature)
    assert [word for word, _, _ in recogniser.words(CLIP)] == ["你", "好"]
    assert recogniser.loops == 1
