"""Whisper: batches change nothing, missing weights are a sentence, and both back-ends hear alike.

Most of it runs on a Whisper of random weights; the real base model is used where VCEMO_WHISPER names the folder that
`get_whisper_base.py` made (base.pt and whisper-base-ct2).
"""

import os
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from vcemo_lib.audio import whisper_asr as asr
from vcemo_lib.audio.whisper_asr import AsrError, character_errors

REAL = Path(os.environ.get("VCEMO_WHISPER", "/nowhere"))
real = pytest.mark.skipif(
    not (REAL / "base.pt").is_file(), reason="VCEMO_WHISPER does not name a folder with base.pt and whisper-base-ct2"
)
pytestmark = pytest.mark.usefixtures("no_other_whisper")


def waves(n=5):
    rng = np.random.default_rng(0)
    return [0.1 * rng.standard_normal(4000 + 3000 * k).astype(np.float32) for k in range(n)]


def test_company_and_order_change_no_text(babbler):
    alone = [babbler.texts([wave])[0] for wave in waves()]
    assert asr.transcribe(babbler, waves(), batch_size=2) == alone == babbler.texts(waves())
    assert all(alone)
    assert asr.transcribe(babbler, []) == []


def test_clips_of_like_lengths_go_together_and_come_back_in_order():
    class Counter:
        batches = []

        def texts(self, waves):
            self.batches.append([len(wave) for wave in waves])
            return [str(len(wave)) for wave in waves]

    clips = [np.zeros(n, np.float32) for n in (5, 1, 4, 2, 3)]
    done = []
    assert asr.transcribe(Counter(), clips, batch_size=2, progress=done.append) == ["5", "1", "4", "2", "3"]
    assert Counter.batches == [[1, 2], [3, 4], [5]]
    assert done == [2, 4, 5]


def test_clips_longer_than_the_window_are_heard_alone(babbler):
    long, short = (
        np.zeros(31 * 16_000, np.float32) + 0.01 * np.sin(np.arange(31 * 16_000), dtype=np.float32),
        waves()[0],
    )
    assert babbler.texts([long, short])[1] == babbler.texts([short])[0]


@pytest.mark.parametrize(("name", "backend", "message"), [
    ("base", "whisper", "'base' are not on this machine.*load_model.'base'"), ("nowhere.pt", "whisper", "'nowhere.pt' are not on this machine: give the path of their file"),
    (".", "whisper", "'.' are not on this machine: give the path of their file, or a name such as base"),
    ("n" * 5000, "whisper", "are not on this machine"), ("n" * 5000, "faster", "are not on this machine"), ("a\0b", "whisper", "are not on this machine"),
    ("base", "faster", "are not on this machine.*hf download Systran/faster-whisper-base"),
    ("no-such", "faster", "are not on this machine"), ("base", "sphinx", "choose one of whisper, faster")])  # fmt: skip
def test_missing_weights_are_a_sentence_within_seconds(name, backend, message):
    pytest.importorskip("faster_whisper", reason="the extra faster-whisper is not installed")
    start = time.monotonic()
    with pytest.raises(AsrError, match=message):
        asr.load(name, backend=backend)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("device", ["cuda", "gpu"])
def test_a_device_that_is_not_there_is_a_sentence(babble_weights, device, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(AsrError, match=f"no device '{device}' on this machine: choose cpu"):
        asr.load(str(babble_weights), device)


def test_whisper_takes_the_gpu_if_there_is_one_and_no_device_is_named(babble_weights, monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(asr, "openai", lambda path, device: asked.append(device))
    for device in ("", "cpu"):
        asr.load(str(babble_weights), device)
    assert asked == ["cuda", "cpu"]


def test_damaged_weights_are_a_sentence(tmp_path):
    pytest.importorskip("faster_whisper", reason="the extra faster-whisper is not installed")
    (tmp_path / "base.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(AsrError, match="holds no whole Whisper weights"):
        asr.load(str(tmp_path / "base.pt"))
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(AsrError, match="holds no whole Whisper weights"):
        asr.load(str(tmp_path), backend="faster")


def test_character_errors_are_told_apart():
    errors = character_errors(["今天很好", "走吧", "我不去"], ["今天真很好！", "走", "我不曲"])
    assert (errors.substitutions, errors.insertions, errors.deletions, errors.characters) == (1, 1, 1, 9)
    assert errors.rate == pytest.approx(3 / 9)
    assert character_errors(["", "OK"], ["多了", "ok。"]).insertions == 2
    assert character_errors([""], [""]).rate == 0


@real
def test_real_whisper_by_both_backends(corpus):
    """Real clips: both back-ends hear nearly the same, near to what was said; batches and single clips agree."""
    few = corpus.select(corpus.ids[:6])
    clips = [few.wave(i) for i in few.ids]
    one = asr.load(str(REAL / "base.pt"))
    texts = asr.transcribe(one, clips, batch_size=3)
    library = [
        one.model.transcribe(
            clip, language="zh", initial_prompt=asr.PROMPT["zh"], fp16=False, without_timestamps=True, **asr.FIXED
        )["text"]
        for clip in clips[:2]
    ]
    assert texts[:2] == [one._clean(text) for text in library]
    two = asr.load(str(REAL / "whisper-base-ct2"), backend="faster")
    others = asr.transcribe(two, clips)
    assert character_errors(texts, others).rate < 0.1
    assert character_errors(few.frame["text"], texts).rate < 0.35
    for model, text, clip in ((one, texts[0], clips[0]), (two, others[0], clips[0])):
        words = model.words(clip)
        starts, ends = [w[1] for w in words], [w[2] for w in words]
        assert character_errors([text], ["".join(w[0] for w in words)]).rate < 0.3
        assert starts == sorted(starts)
        assert all(s <= e <= len(clip) / 16_000 for s, e in zip(starts, ends, strict=True))


def test_what_is_drawn_at_random_is_drawn_alike(babbler):
    """Above temperature 0 too, and the draws of others stay as they were."""
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    assert babbler._alone(waves()[0], 1.0) == babbler._alone(waves()[0], 1.0)
    assert torch.rand(1) == expected
