"""Whisper with real weights on real recordings: words where Chinese is spoken, a doubt or nothing elsewhere.

VCEMO_WHISPER names the folder that `get_whisper_base.py` made (base.pt and whisper-base-ct2).
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.audio.signal import decode
from vcemo_lib.audio.whisper_asr import character_errors
from vcemo_lib.audio.whisper_loops import looped
from vcemo_lib.cli import app
from vcemo_lib.paths import ROOT

WEIGHTS = Path(os.environ.get("VCEMO_WHISPER", "/nowhere"))
NEMO = ROOT.parent / "shared" / "data" / "nemo" / "samples"
LOOPING = NEMO / "EB0_anger_1.wav"  # at temperature 0 Whisper base writes 爱 for it, again and again until it stops
RATE = 16_000
POLISH = "it sounds like Polish"
pytestmark = [
    pytest.mark.skipif(
        not (WEIGHTS / "base.pt").is_file(),
        reason="VCEMO_WHISPER does not name a folder with base.pt and whisper-base-ct2",
    ),
    pytest.mark.skipif(not LOOPING.is_file(), reason="nEMO is not in ../shared/data/nemo"),
]


@pytest.fixture(params=["whisper", "faster"])
def listening(request):
    name = {"whisper": "base.pt", "faster": "whisper-base-ct2"}[request.param]
    return "--weights", str(WEIGHTS / name), "--backend", request.param


@pytest.fixture
def chinese(corpus):
    """Three clips of VCEMO-Sim, and what is said in them."""
    rows = corpus.frame.iloc[:3]
    return [decode(audio) for audio in rows["audio"]], list(rows["text"])


def noise(seconds: float) -> np.ndarray:
    return 0.05 * np.random.default_rng(0).standard_normal(int(seconds * RATE))


def asked(*words) -> list[dict]:
    done = CliRunner().invoke(app, ["predict", *map(str, words), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_clip_is_heard_and_what_is_no_chinese_is_doubtful(listening, chinese, tmp_path, cache):
    waves, said = chinese
    for k, wave in enumerate(waves):
        soundfile.write(tmp_path / f"{k}.wav", wave, RATE)
    soundfile.write(tmp_path / "n.wav", noise(4), RATE)
    *mine, polish, nothing = asked(*(tmp_path / f"{k}.wav" for k in range(3)), LOOPING, tmp_path / "n.wav", *listening)
    assert character_errors(said, [row["text"] for row in mine]).rate < 0.4
    assert not any("sounds like" in doubt for row in mine for doubt in row["doubts"])
    assert not looped(polish["text"])
    assert any(doubt.startswith(POLISH) for doubt in polish["doubts"]) or polish["text"] == ""
    assert nothing["text"] == "" and "no words were heard" in nothing["doubts"]


def test_of_a_long_recording_each_utterance_is_heard_by_itself(listening, chinese, tmp_path, cache):
    waves, said = chinese
    pause, polish = np.zeros(RATE), decode(LOOPING)
    parts = [waves[0], pause, noise(5), pause, waves[1], np.zeros(15 * RATE), polish, pause, waves[2]]
    soundfile.write(tmp_path / "talk.wav", np.concatenate(parts), RATE)
    rows = asked(tmp_path / "talk.wav", *listening)
    ends = np.cumsum([len(part) for part in parts]) / RATE
    places = {name: (ends[k] - len(parts[k]) / RATE, ends[k]) for k, name in enumerate("0.n.1.p.2") if name != "."}

    def within(name):
        start, end = places[name]
        return [row for row in rows if start - 0.5 < (row["start"] + row["end"]) / 2 < end + 0.5]

    for k in range(3):
        heard = "".join(row["text"] for row in within(str(k)))
        assert character_errors([said[k]], [heard]).rate < 0.7, (said[k], heard)
    assert not within("n")
    assert within("p") and all(any(POLISH in d for d in row["doubts"]) or not row["text"] for row in within("p"))
    assert not any(looped(row["text"]) for row in rows)


def test_a_corpus_of_another_language_is_told(listening, chinese, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    names = [LOOPING.name, "KS0_sadness_2.wav", "WR0_happiness_4.wav"]
    soundfile.write(tmp_path / "zh.wav", chinese[0][0], RATE)
    soundfile.write(tmp_path / "n.wav", noise(3), RATE)
    rows = [f"{NEMO / name},happy" for name in names] + [f"{tmp_path / name}.wav,sad" for name in ("zh", "n")]
    (tmp_path / "t.csv").write_text("\n".join(["audio,emotion", *rows]), encoding="utf-8")
    for words in (["add", "manifest", tmp_path / "t.csv", "--as", "mine"], ["transcribe", "mine", *listening]):
        done = CliRunner().invoke(app, ["corpus", *map(str, words)])
        assert done.exit_code == 0, (done.output, done.exception)
    assert "no words were heard in 1 clip" in done.output.replace("\n", " ")
    if "whisper" in listening:
        assert "doubtful: 3 like Polish of 4 clips heard as 'zh'" in done.output
        assert "1 clip heard again, because Whisper repeated itself" in done.output
