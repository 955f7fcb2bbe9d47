"""What is peculiar to one corpus: its encodings, its votes, its tasks, its parts."""

import json
from dataclasses import replace
from pathlib import Path

import layouts
import pytest

from vcemo_lib.data.corpora import CARDS, brighter, deeply, load_corpus, m3ed
from vcemo_lib.data.corpora.meld import mended
from vcemo_lib.data.corpus import CorpusError

ABSENT = "its clip is not in this copy"


def test_m3ed_may_lack_as_many_clips_as_every_copy_does(make, tmp_path, monkeypatch):
    monkeypatch.setattr(m3ed, "CARD", replace(CARDS["m3ed"], published={"utterances": 21}, missing=1))
    corpus = make("m3ed", layouts.m3ed, strict=True)
    assert corpus.dropped[ABSENT] == 1
    assert CARDS["m3ed"].missing == 24_449 - 24_437
    (tmp_path / "copy" / "modality_speech" / "A_rucike_1_2.wav").unlink()
    with pytest.raises(CorpusError, match="utterances 19 instead of 21"):
        load_corpus("m3ed", tmp_path / "copy", strict=True)


def test_esd_reads_every_encoding_and_believes_the_folder(make):
    frame = make("esd", layouts.esd).frame.set_index("id")
    assert set(frame["text"]) == {"打远一看。"}  # of gb2312, utf-16 and utf-8, tabs or not
    assert frame.loc["0001_000351", "emotion"] == "angry"  # its text file says 伤心
    assert frame.loc["0001_000001", "split"] == "val"
    assert frame.loc["0004_000003", "split"] == "train"
    assert frame["gender"].groupby(frame["speaker"]).first().to_dict() == {
        "0001": "female",
        "0003": "female",
        "0004": "male",
    }


def test_esd_flat_and_english(tmp_path):
    layouts.esd(tmp_path, flat=True)
    english = load_corpus("esd", tmp_path, language="en")
    assert "split" not in english.frame
    assert english.language == "en"
    assert set(english.frame["speaker"]) == {"0011", "0016"}
    assert set(english.frame["text"]) == {"The café nearby."}
    with pytest.raises(CorpusError, match="choose zh or en"):
        load_corpus("esd", tmp_path, language="fr")


def test_emotiontalk_takes_the_votes_that_were_asked_for(make, tmp_path):
    corpus = make("emotiontalk", layouts.emotiontalk)
    assert corpus.row("G00001_02_01_001")["text"] == "你怎么不说"
    assert corpus.row("G00004_02_01_001")["text"] == "别走"
    assert set(zip(corpus.frame["session"], corpus.frame["split"], strict=True)) == {
        ("G00001", "val"),
        ("G00003", "test"),
        ("G00004", "train"),
    }
    heard = load_corpus("emotiontalk", tmp_path / "copy", votes="Audio")
    assert set(heard.frame["emotion"]) == {"neutral"}
    assert len(heard) == 7


def test_m3ed_parts_share_no_series_and_text_has_no_pauses(make):
    frame = make("m3ed", layouts.m3ed).frame
    assert set(frame["text"]) == {"你怎么了"}
    assert frame.groupby("session")["split"].nunique().eq(1).all()
    assert set(frame["speaker"]) == {f"{s}_{p}" for s in ("zhinanzhi", "jiaqi", "rucike") for p in "甲乙"}


def test_meld_text_is_mended_and_parts_are_its_own(make):
    corpus = make("meld", layouts.meld)
    assert set(corpus.frame["text"]) == {"You’re late, man"}
    assert mended("plain") == "plain"
    assert corpus.frame["split"].value_counts().to_dict() == {"test": 7, "train": 6, "val": 6}


def test_cped_has_no_audio_and_a_split_only_when_whole(tmp_path):
    layouts.cped(tmp_path / "all")
    layouts.cped(tmp_path / "one", ("valid",))
    whole, part = load_corpus("cped", tmp_path / "all"), load_corpus("cped", tmp_path / "one")
    assert not whole.has_audio
    assert set(whole.frame["split"]) == {"train", "val", "test"}
    assert "split" not in part.frame
    assert CARDS["cped"].split(part).promises == ("dialogue",)
    with pytest.raises(CorpusError, match="text only"):
        part.wave(part.ids[0])
    with pytest.raises(CorpusError, match=r"valid_split.csv has 13 utterances instead of 11,137"):
        load_corpus("cped", tmp_path / "one", strict=True)


def test_emobox_folds_are_the_corpus_folds(make, tmp_path):
    corpus = make("emobox", layouts.emobox, strict=True)
    assert corpus.language == "zh"
    assert corpus.frame.groupby("fold").size().to_dict() == dict.fromkeys("1234", 6)
    lists = tmp_path / "copy" / "data" / "casia"
    (lists / "fold_1" / "casia_test_fold_1.jsonl").write_text('{"key": "a", "wav"')
    with pytest.raises(CorpusError, match="casia_test_fold_1.jsonl, line 1: not a line of EmoBox"):
        load_corpus("emobox", lists)
    with pytest.raises(CorpusError, match="pass audio="):
        (tmp_path / "copy" / "downloads").rename(tmp_path / "copy" / "elsewhere")
        (lists / "fold_1" / "casia_test_fold_1.jsonl").unlink()
        load_corpus("emobox", lists)


@pytest.mark.parametrize(
    ("task", "classes"),
    [
        ("voice", ("negative", "neutral", "positive")),
        ("text", ("negative", "neutral", "positive")),
        ("both", tuple(f"{a} + {b}" for a in deeply.SENTIMENT.values() for b in deeply.SENTIMENT.values())),
        ("agreement", ("agree", "differ")),
    ],
)
def test_deeply_has_four_tasks_and_keeps_what_each_is_made_of(make, task, classes):
    corpus = make("deeply", layouts.deeply, task=task)
    frame = corpus.frame
    assert corpus.labels == classes and (corpus.counts() > 0).all()
    expected = {
        "voice": frame["voice_sentiment"],
        "text": frame["text_sentiment"],
        "both": frame["text_sentiment"] + " + " + frame["voice_sentiment"],
        "agreement": (frame["text_sentiment"] == frame["voice_sentiment"]).map({True: "agree", False: "differ"}),
    }
    assert frame["emotion"].tolist() == expected[task].tolist()
    assert (corpus.name, corpus.language, corpus.text_is_informative) == ("deeply", "ko", task != "voice")
    assert sorted(set(zip(frame["room"], frame["distance"], frame["device"], strict=True))) == [
        ("AirbnbStudio", 0.4, "iPhone X"),
        ("AnechoicChamber", 4.0, "Galaxy S7"),
    ]
    split = CARDS["deeply"].split(corpus)
    assert split.promises == ("script",) and split.check(corpus)
    with pytest.raises(CorpusError, match="published .*utterances 35 instead of 1,697"):
        make("deeply", layouts.deeply, task=task, strict=True)


def test_deeply_is_refused_where_it_is_not_as_it_should_be(make, tmp_path):
    with pytest.raises(CorpusError, match="no task 'mood': choose voice, text, both, agreement"):
        make("deeply", layouts.deeply, task="mood")
    assert len(load_corpus("deeply", tmp_path / "copy" / "dataset")) == 35
    path = tmp_path / "copy" / "dataset" / "Korean_Read_Speech_Corpus_sample.json"
    for spoil in ({"room": [1]}, {"room": {"a": {"text_sentiment": 0}}}, {"room": {"a": {"text_sentiment": 9}}}, [1]):
        path.write_text(json.dumps(spoil))
        with pytest.raises(CorpusError, match="sample.json is not as Deeply has it .*: copy it again"):
            load_corpus("deeply", tmp_path / "copy")


def test_brighter_keeps_its_marks_and_its_parts(make, tmp_path):
    corpus = make("brighter", layouts.brighter)
    assert not corpus.has_audio and corpus.labels == brighter.MARKS
    assert (corpus.frame[list(brighter.MARKS)].sum(axis=1) == 1).all()
    assert all(row[row["emotion"]] == 1 for _, row in corpus.frame.iterrows())
    assert corpus.frame["split"].value_counts().to_dict() == dict.fromkeys(("train", "val", "test"), 6)
    assert CARDS["brighter"].split(corpus).name == "8/1/1 of the corpus"
    every = brighter.table(tmp_path / "copy")
    assert every["marks"].value_counts().to_dict() == {1: 18, 2: 6, 0: 3}
    (tmp_path / "copy" / "dev.csv").write_text("id,text,anger,disgust,fear,joy,sadness,surprise\nx,好,0,0,0,2,0,0\n")
    with pytest.raises(CorpusError, match="dev.csv: the text 'x' has a mark that is not 0 or 1"):
        load_corpus("brighter", tmp_path / "copy")
    (tmp_path / "copy" / "dev.csv").unlink()
    with pytest.raises(CorpusError, match="no dev.csv in"):
        load_corpus("brighter", tmp_path / "copy")


def test_csemotions_lays_its_clips_out_once(make, tmp_path):
    corpus = make("csemotions", layouts.csemotions)
    path = Path(corpus.frame["audio"][0])
    before = path.stat().st_mtime_ns
    assert load_corpus("csemotions", tmp_path / "copy").frame.equals(corpus.frame)
    assert path.stat().st_mtime_ns == before
    (tmp_path / "copy" / "data" / "train-00000-of-00008.parquet").write_bytes(b"PAR1 cut short")
    with pytest.raises(CorpusError, match="not a whole parquet file"):
        load_corpus("csemotions", tmp_path / "copy")
