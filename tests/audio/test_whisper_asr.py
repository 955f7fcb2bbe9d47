"""Whisper: batches change nothing, a killed run goes on, bad clips are passed over, missing weights are a sentence.

Most of it runs on a Whisper of random weights; the real base model is used where VCEMO_WHISPER names the folder that
`get_whisper_base.py` made (base.pt and whisper-base-ct2).
"""

import os
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper

from vcemo_lib.audio import whisper_asr as asr
from vcemo_lib.audio import whisper_loops
from vcemo_lib.audio.whisper_asr import AsrError, character_errors
from vcemo_lib.data.corpora import added, load_corpus
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.transcripts import Store, time_words, transcribe_corpus
from vcemo_lib.text.alignment import timed_letters, word_spans

REAL = Path(os.environ.get("VCEMO_WHISPER", "/nowhere"))
real = pytest.mark.skipif(
    not (REAL / "base.pt").is_file(), reason="VCEMO_WHISPER does not name a folder with base.pt and whisper-base-ct2"
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(whisper_loops, "LOOP", 1e9)  # random weights repeat themselves: `test_whisper_loops.py`


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """A Whisper that babbles: the right shape, two layers, random weights."""
    torch.manual_seed(0)
    dims = whisper.ModelDimensions(80, 1500, 16, 2, 1, 51865, 48, 16, 2, 1)
    model = whisper.model.Whisper(dims)
    torch.nn.init.normal_(model.decoder.positional_embedding)  # left as it was in memory otherwise
    path = tmp_path_factory.mktemp("whisper") / "babble.pt"
    torch.save({"dims": vars(dims), "model_state_dict": model.state_dict()}, path)
    return path


@pytest.fixture
def babbler(checkpoint):
    return asr.load(str(checkpoint))


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


def test_a_corpus_is_heard_once_and_a_bad_clip_is_passed_over(babbler, corpus):
    few = corpus.select(corpus.ids[:6])
    few.frame.at[2, "audio"] = b"no sound"
    heard = transcribe_corpus(few, babbler, batch_size=2)
    assert list(heard.problems) == [few.ids[2]]
    assert heard.corpus.row(few.ids[2])["text_asr"] == ""
    assert heard.new == 5
    assert heard.corpus.hash != few.hash
    again = transcribe_corpus(few, babbler)
    assert again.new == 0
    assert again.corpus.frame["text_asr"].equals(heard.corpus.frame["text_asr"])


def test_a_killed_run_goes_on_and_a_cut_line_is_heard_again(babbler, corpus, monkeypatch):
    few, hear, calls = corpus.select(corpus.ids[:6]), babbler.texts, []

    def dies(batch):
        calls.append(len(batch))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return hear(batch)

    monkeypatch.setattr(babbler, "texts", dies)
    with pytest.raises(KeyboardInterrupt):
        transcribe_corpus(few, babbler, batch_size=2)
    path = Store(asr.recorded(babbler.settings)).path
    path.write_text(path.read_text(encoding="utf-8")[:-4], encoding="utf-8")  # killed while writing
    monkeypatch.setattr(babbler, "texts", hear)
    result = transcribe_corpus(few, babbler, batch_size=2)
    assert result.new == 3
    assert len(Store(asr.recorded(babbler.settings)).answers) == 6
    assert result.corpus.frame["text_asr"].tolist() == [hear([few.wave(i)])[0] for i in few.ids]


def test_other_settings_are_kept_apart(checkpoint, corpus):
    few = corpus.select(corpus.ids[:2])
    assert transcribe_corpus(few, asr.load(str(checkpoint))).new == 2
    assert transcribe_corpus(few, asr.load(str(checkpoint), language="en")).new == 2
    assert asr.recorded(asr.load(str(checkpoint)).settings)["condition_on_previous_text"] is False


def test_kept_transcripts_come_with_the_corpus(babbler, tmp_path):
    import soundfile

    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", waves()[0], 16_000)
    (tmp_path / "t.csv").write_text("id,audio,text,emotion\na,a.wav,你好,happy\nb,b.wav,你好,sad\n", encoding="utf-8")
    corpus = load_corpus("manifest", tmp_path / "t.csv")
    heard = transcribe_corpus(corpus, babbler)
    added.keep_transcripts(heard.corpus, asr.recorded(babbler.settings))
    assert (
        load_corpus("manifest", tmp_path / "t.csv").frame["text_asr"].tolist()
        == heard.corpus.frame["text_asr"].tolist()
    )


def test_the_command_hears_the_good_clips_names_the_bad_one_and_hears_nothing_twice(checkpoint, tmp_path, corpus):
    import soundfile
    from typer.testing import CliRunner

    from vcemo_lib.cli import app

    for name, utterance in zip("ac", corpus.ids, strict=False):
        soundfile.write(tmp_path / f"{name}.wav", corpus.wave(utterance), 16_000)
    (tmp_path / "b.wav").write_bytes(b"no sound")
    (tmp_path / "t.csv").write_text(
        "id,audio,text,emotion\n" + "".join(f"{n},{n}.wav,你好,happy\n" for n in "abc"), encoding="utf-8"
    )
    words = ["corpus", "transcribe", "manifest", "--root", str(tmp_path / "t.csv"), "--weights", str(checkpoint)]
    first, again = CliRunner().invoke(app, words), CliRunner().invoke(app, words)
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert "bad: b: cannot read" in first.output
    assert "2 clips have a text_asr now, 2 of them new" in first.output
    assert "of 4: " in first.output
    assert "2 clips have a text_asr now, 0 of them new" in again.output
    heard = load_corpus("manifest", tmp_path / "t.csv").frame.set_index("id")["text_asr"]
    assert heard["a"]
    assert heard["c"]
    assert heard["b"] == ""


def test_timed_words_are_kept_heard_once_and_give_cme_its_spans(babbler, tmp_path, corpus, monkeypatch):
    import soundfile

    soundfile.write(tmp_path / "a.wav", corpus.wave(corpus.ids[0]), 16_000)
    (tmp_path / "b.wav").write_bytes(b"no sound")
    (tmp_path / "t.csv").write_text("id,audio,text,emotion\na,a.wav,你好啊,happy\nb,b.wav,你好,sad\n", encoding="utf-8")
    corpus = load_corpus("manifest", tmp_path / "t.csv")
    heard = [("你", 0.1, 0.2), ("好 ", 0.25, 0.5)]
    monkeypatch.setattr(babbler, "words", lambda wave: heard)
    result = time_words(corpus, babbler)
    assert (result.new, set(result.problems), time_words(corpus, babbler).new) == (1, {"b"}, 0)
    assert Store(asr.recorded(babbler.settings)).answers == {}  # texts and times are kept apart
    added.keep_word_times(result.corpus, asr.recorded(babbler.settings))
    again = load_corpus("manifest", tmp_path / "t.csv")
    assert list(timed_letters(again.frame))[0][0] == "你好"
    assert list(timed_letters(again.frame))[1][0] == ""
    spans = word_spans(["你好", "啊"], *list(timed_letters(again.frame))[0])
    assert spans[0].tolist() == [10, 50]
    assert spans[1].tolist() == [25, 50]  # what was not heard takes the nearest time


def test_text_only_corpora_and_unknown_heads_are_refused(babbler):
    import pandas as pd

    from vcemo_lib.data.corpus import Corpus

    text = pd.DataFrame(
        {"id": ["a"], "audio": [None], "text": ["好"], "text_asr": [None], "emotion": ["sad"], "speaker": ["s"]}
    )
    with pytest.raises(CorpusError, match="text only"):
        transcribe_corpus(Corpus("t", text, has_audio=False), babbler)
    with pytest.raises(AsrError, match="heads follow the words"):
        babbler.words(waves()[0])


@pytest.mark.parametrize(("name", "backend", "message"), [
    ("base", "whisper", "'base' are not on this machine.*load_model.'base'"), ("nowhere.pt", "whisper", "'nowhere.pt' are not on this machine"),
    ("base", "faster", "are not on this machine.*hf download Systran/faster-whisper-base"),
    ("no-such", "faster", "are not on this machine"), ("base", "sphinx", "choose one of whisper, faster")])  # fmt: skip
def test_missing_weights_are_a_sentence_within_seconds(name, backend, message):
    pytest.importorskip("faster_whisper", reason="the extra faster-whisper is not installed")
    start = time.monotonic()
    with pytest.raises(AsrError, match=message):
        asr.load(name, backend=backend)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("device", ["cuda", "gpu"])
def test_a_device_that_is_not_there_is_a_sentence(checkpoint, device, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(AsrError, match=f"no device '{device}' on this machine: choose cpu"):
        asr.load(str(checkpoint), device)


def test_whisper_takes_the_gpu_if_there_is_one_and_no_device_is_named(checkpoint, monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(asr, "openai", lambda path, device: asked.append(device))
    for device in ("", "cpu"):
        asr.load(str(checkpoint), device)
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


def test_where_nothing_is_said_nothing_is_heard(babbler, corpus, monkeypatch, tmp_path):
    """Whisper makes words of noise: it is not asked."""
    import soundfile

    noise = 0.1 * np.random.default_rng(0).standard_normal(32_000)
    wave = corpus.wave(corpus.ids[0])
    for name, sound in (("a", wave), ("b", noise), ("c", np.concatenate([np.zeros(48_000), wave]))):
        soundfile.write(tmp_path / f"{name}.wav", sound, 16_000)
    rows = "".join(f"{n},{n}.wav,你好,happy\n" for n in "abc")
    (tmp_path / "t.csv").write_text("id,audio,text,emotion\n" + rows, encoding="utf-8")
    table, asked = load_corpus("manifest", tmp_path / "t.csv"), []
    monkeypatch.setattr(babbler, "texts", lambda waves: asked.extend(map(len, waves)) or ["好"] * len(waves))
    assert transcribe_corpus(table, babbler).corpus.frame["text_asr"].tolist() == ["好", "", "好"]
    assert len(asked) == 2
    assert max(asked) < len(wave) + 8_000
    monkeypatch.setattr(babbler, "words", lambda wave: [("好", 0.3, 0.4)])
    times = time_words(table, babbler).corpus.frame["word_times"]
    assert times[0] == [(0.3, 0.4)] and times[1] == []
    assert 2.7 < times[2][0][0] < 3.6
