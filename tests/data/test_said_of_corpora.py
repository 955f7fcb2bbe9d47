"""What makes a result on a corpus worthless is said in a sentence: one emotion, classes met only in a test, repeats."""

import io
import re

import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpus import Corpus, CorpusError, require_two_classes
from vcemo_lib.data.leakage import repeated
from vcemo_lib.data.speaker_splits import doubtful_names, doubts
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.recipes import TINY


def clip(k: int) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, 0.1 * np.random.default_rng(k).normal(size=1600), 16_000, format="WAV")
    return out.getvalue()


def corpus(emotions, parts, clips=None) -> Corpus:
    n = len(emotions)
    frame = pd.DataFrame(
        {
            "id": [f"u{k}" for k in range(n)],
            "audio": [clip(k) for k in (clips or range(n))],
            "text": [f"第{k}" for k in range(n)],
            "text_asr": None,
            "emotion": emotions,
            "speaker": "s",
            "split": parts,
        }
    )
    return Corpus("mine", frame)


PARTS = ["train"] * 4 + ["val", "test"]


def test_one_emotion_is_refused_before_anything_is_trained():
    one = corpus(["sad"] * 6, PARTS)
    for call in (lambda: require_two_classes(one), lambda: prepare(TINY, one)):
        with pytest.raises(CorpusError, match="corpus mine has utterances of sad alone: a model needs two classes"):
            call()
    require_two_classes(corpus(["sad", "happy"] * 3, PARTS))


def test_a_class_that_is_met_only_in_the_test_part_is_said():
    odd = corpus(["sad", "happy", "sad", "happy", "sad", "fear"], PARTS)
    assert "the training part has no utterance of fear: no model can learn it" in doubts(split_8_1_1(odd), odd)
    even = corpus(["sad", "happy", "sad", "happy", "sad", "happy"], PARTS)
    assert not [doubt for doubt in doubts(split_8_1_1(even), even) if "training" in doubt]


def test_one_recording_in_two_parts_or_with_two_emotions_is_said():
    emotions = ["sad", "happy", "sad", "happy", "sad", "happy"]
    whole = corpus(emotions, PARTS)
    assert repeated(whole, split_8_1_1(whole)) == []
    again = corpus(emotions, PARTS, [0, 1, 2, 3, 0, 5])
    assert repeated(again, split_8_1_1(again)) == [
        "found in two parts of the split: 1 recording, such as that of 'u0' and 'u4': keep one of each"
    ]
    other = corpus(emotions, PARTS, [0, 0, 2, 3, 4, 5])
    assert repeated(other, split_8_1_1(other)) == [
        "found with two emotions: 1 recording, such as that of 'u0' and 'u1': keep one of each"
    ]


def test_of_a_corpus_of_texts_alone_the_text_counts_by_its_letters():
    whole = corpus(["sad", "happy", "sad", "happy", "sad", "happy"], PARTS)
    texts = Corpus("texts", whole.frame.assign(audio=None), has_audio=False)
    assert repeated(texts, split_8_1_1(texts)) == []
    again = texts.frame.assign(text=["好！", "好", "唉", "", "唉", ""])
    again = Corpus("texts", again, has_audio=False)
    assert repeated(again, split_8_1_1(again)) == [
        "found in two parts of the split: 1 text, such as that of 'u2' and 'u4': keep one of each",
        "found with two emotions: 1 text, such as that of 'u0' and 'u1': keep one of each",
    ]


def test_check_says_it(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    rows = []
    for k, (emotion, part, of) in enumerate(zip(["sad", "happy"] * 3, PARTS, [0, 1, 2, 3, 0, 5], strict=True)):
        (tmp_path / f"{k}.wav").write_bytes(clip(of))
        rows.append(f"{k}.wav,{emotion},好{k},{part}")
    (tmp_path / "t.csv").write_text("\n".join(["audio,emotion,text,split", *rows]), encoding="utf-8")
    done = CliRunner().invoke(app, ["corpus", "check", "manifest", "--root", str(tmp_path / "t.csv")])
    assert done.exit_code == 0, done.output + repr(done.exception)
    assert re.search("^doubtful: found in two parts of the split: 1 recording", done.output, re.MULTILINE), done.output


def test_rows_without_a_speaker_and_names_in_two_forms_are_said():
    whole = corpus(["sad", "happy"] * 3, PARTS)
    named = [f"s{k}" for k in range(6)]
    for speakers, said in (
        (named, []),
        (["s"] * 6, []),
        ([None, *named[1:]], ["1 utterance of 6 name no speaker, such as 'u0', so the same person may stand in two"]),
        (["Anna", "Ben", "anna", "1", "01", "2"], ["2 speakers may be another one .* such as '01' and '1'"]),
    ):
        told = doubtful_names(Corpus("mine", whole.frame.assign(speaker=speakers)))
        assert len(told) == len(said) and all(map(re.search, said, told)), told
