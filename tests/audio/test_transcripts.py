"""A corpus is heard once: a killed run goes on, bad clips are passed over, and what was heard comes with the corpus."""

import numpy as np
import pytest

from vcemo_lib.audio import whisper_asr as asr
from vcemo_lib.audio.whisper_asr import AsrError
from vcemo_lib.data.corpora import added, load_corpus
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.transcripts import Store, time_words, transcribe_corpus
from vcemo_lib.text.alignment import timed_letters, word_spans

NOISE = 0.1 * np.random.default_rng(0).standard_normal(4000).astype(np.float32)
pytestmark = pytest.mark.usefixtures("no_other_whisper")


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


def test_other_settings_are_kept_apart(babble_weights, corpus):
    few = corpus.select(corpus.ids[:2])
    assert transcribe_corpus(few, asr.load(str(babble_weights))).new == 2
    assert transcribe_corpus(few, asr.load(str(babble_weights), language="en")).new == 2
    assert asr.recorded(asr.load(str(babble_weights)).settings)["condition_on_previous_text"] is False


def test_kept_transcripts_come_with_the_corpus(babbler, tmp_path):
    import soundfile

    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", NOISE, 16_000)
    (tmp_path / "t.csv").write_text("id,audio,text,emotion\na,a.wav,你好,happy\nb,b.wav,你好,sad\n", encoding="utf-8")
    corpus = load_corpus("manifest", tmp_path / "t.csv")
    heard = transcribe_corpus(corpus, babbler)
    added.keep_transcripts(heard.corpus, asr.recorded(babbler.settings))
    assert (
        load_corpus("manifest", tmp_path / "t.csv").frame["text_asr"].tolist()
        == heard.corpus.frame["text_asr"].tolist()
    )


def test_the_command_hears_the_good_clips_names_the_bad_one_and_hears_nothing_twice(babble_weights, tmp_path, corpus):
    import soundfile
    from typer.testing import CliRunner

    from vcemo_lib.cli import app

    for name, utterance in zip("ac", corpus.ids, strict=False):
        soundfile.write(tmp_path / f"{name}.wav", corpus.wave(utterance), 16_000)
    (tmp_path / "b.wav").write_bytes(b"no sound")
    (tmp_path / "t.csv").write_text(
        "id,audio,text,emotion\n" + "".join(f"{n},{n}.wav,你好,happy\n" for n in "abc"), encoding="utf-8"
    )
    words = ["corpus", "transcribe", "manifest", "--root", str(tmp_path / "t.csv"), "--weights", str(babble_weights)]
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
        babbler.words(NOISE)


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
