"""Each corpus is read from a tiny copy in its official layout: labels, parts, blemishes, counts."""

import json
from dataclasses import replace
from pathlib import Path

import layouts
import pytest

from vcemo_lib.data.corpora import CARDS, CORPORA, brighter, deeply, load_corpus, m3ed
from vcemo_lib.data.corpora.card import label_table
from vcemo_lib.data.corpora.meld import mended
from vcemo_lib.data.corpus import CorpusError, survey

ABSENT = "its clip is not in this copy"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def make(tmp_path):
    """A tiny copy and the corpus read from it."""

    def make(name, write, **options):
        root = write(tmp_path / "copy") or tmp_path / "copy"
        return load_corpus(name, root, **options)

    return make


# name, writer, utterances kept, speakers, emotions that are there, what is left out
CASES = [
    ("casia", layouts.casia_by_speaker, 24, 4, 6, {}),
    ("casia", layouts.casia_by_emotion, 24, 4, 6, {}),
    ("esd", layouts.esd, 45, 3, 5, {}),
    ("csemotions", layouts.csemotions, 12, 2, 6, {"'playfulness': none of the six": 2}),
    ("emotiontalk", layouts.emotiontalk, 5, 5, 3, {"'disgusted': disgust is none of the six": 2, ABSENT: 1}),
    ("m3ed", layouts.m3ed, 17, 6, 6, {"'disgust': disgust is none of the six": 3, ABSENT: 1}),
    (
        "meld",
        layouts.meld,
        19,
        1,
        6,
        {"'disgust': disgust is none of the six": 3, "a broken video": 1, "its video was never published": 1},
    ),
    ("emodb", layouts.emodb, 5, 3, 5, {"'l': boredom is none of the six": 1, "'e': disgust is none of the six": 1}),
    (
        "ravdess",
        layouts.ravdess,
        18,
        3,
        6,
        {"'02': calm is near neutral, but another instruction to the actor": 3, "'07': disgust is none of the six": 3},
    ),
    (
        "cremad",
        layouts.cremad,
        14,
        3,
        5,
        {
            "'dis': disgust is none of the six": 3,
            "a silent recording": 1,
            "a pointer of Git LFS and no sound: run 'git lfs pull' in the clone": 1,
        },
    ),
    ("cped", layouts.cped, 18, 9, 6, None),
    ("nemo", layouts.nemo, 17, 3, 6, {ABSENT: 1}),
    ("emobox", layouts.emobox, 24, 1, 6, {}),
    ("deeply", layouts.deeply, 35, 2, 3, {ABSENT: 1}),
    (
        "brighter",
        layouts.brighter,
        18,
        1,
        6,
        {"'none': marked with no emotion": 3, "'several': marked with several emotions": 6},
    ),
]


@pytest.mark.parametrize(
    ("name", "write", "kept", "speakers", "emotions", "dropped"),
    CASES,
    ids=[f"{case[0]}-{case[1].__name__}" for case in CASES],
)
def test_what_is_read_and_what_is_left_out(make, name, write, kept, speakers, emotions, dropped):
    corpus = make(name, write)
    assert (len(corpus), corpus.frame["speaker"].nunique(), (corpus.counts() > 0).sum()) == (kept, speakers, emotions)
    assert dropped is None or corpus.dropped == dropped
    assert corpus.text_is_informative == (CARDS[name].text == "own")
    if corpus.has_audio:
        assert (survey(corpus)["seconds"] > 0.1).all()
    table = label_table(CARDS[name], corpus)
    assert table["utterances"].sum() == kept + sum(corpus.dropped.values())
    assert set(table["read as"]) >= {e for e in corpus.labels if corpus.counts()[e]}


@pytest.mark.parametrize(
    ("name", "write"),
    [case[:2] for case in CASES if case[0] not in ("cped", "emobox")],
    ids=[f"{case[0]}-{case[1].__name__}" for case in CASES if case[0] not in ("cped", "emobox")],
)
def test_a_copy_with_other_counts_than_published_is_refused_when_strict(make, name, write):
    with pytest.raises(CorpusError, match=f"{name}: this copy does not hold .*utterances \\d+ instead of [\\d,]+"):
        make(name, write, strict=True)


@pytest.mark.parametrize(("name", "write", "said"), [
    ("meld", layouts.meld, "part train 8 instead of 9,989; part val 8 instead of 1,109; part test 8 instead of 2,610"),
    ("emotiontalk", layouts.emotiontalk, "speakers 7 instead of 19; part train 3 instead of 15,413; part val 2 instead of 1,908; part test 2 ")])  # fmt: skip
def test_parts_are_counted_when_strict(make, name, write, said):
    with pytest.raises(CorpusError, match=said):
        make(name, write, strict=True)


def test_m3ed_may_lack_as_many_clips_as_every_copy_does(make, tmp_path, monkeypatch):
    monkeypatch.setattr(m3ed, "CARD", replace(CARDS["m3ed"], published={"utterances": 21}, missing=1))
    corpus = make("m3ed", layouts.m3ed, strict=True)
    assert corpus.dropped[ABSENT] == 1
    assert CARDS["m3ed"].missing == 24_449 - 24_437
    (tmp_path / "copy" / "modality_speech" / "A_rucike_1_2.wav").unlink()
    with pytest.raises(CorpusError, match="utterances 19 instead of 21"):
        load_corpus("m3ed", tmp_path / "copy", strict=True)


@pytest.mark.parametrize("name", sorted(set(CORPORA) - {"vcemo_sim", "iemocap"}))
def test_a_folder_of_something_else_is_refused_in_a_sentence(name, tmp_path):
    (tmp_path / "else").mkdir()
    with pytest.raises(CorpusError, match=r"\w+.*: .*|no .*: pass|not a manifest"):
        load_corpus(name, tmp_path / "else")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("casia", layouts.casia_by_speaker),
        ("nemo", layouts.nemo),
        ("m3ed", layouts.m3ed),
        ("cped", layouts.cped),
        ("ravdess", layouts.ravdess),
        ("csemotions", layouts.csemotions),
    ],
)
def test_the_split_of_the_card_keeps_its_promise(make, name, write):
    corpus = make(name, write)
    if corpus.frame["speaker"].nunique() == 2:
        with pytest.raises(CorpusError, match="needs 3 or more"):
            CARDS[name].split(corpus)
        return
    split = CARDS[name].split(corpus)
    assert min(len(split.train), len(split.val), len(split.test)) > 0
    assert split.check(corpus)


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


def test_an_unknown_label_is_named_with_its_utterance(tmp_path):
    layouts.nemo(tmp_path)
    table = tmp_path / "data.tsv"
    table.write_text(table.read_text(encoding="utf-8").replace("\tanger\t", "\trage\t", 1), encoding="utf-8")
    with pytest.raises(CorpusError, match="utterance 'EB0_anger_1' has the label 'rage'"):
        load_corpus("nemo", tmp_path)


def test_every_card_is_filled_in():
    for card in CARDS.values():
        assert all(
            getattr(card, f) for f in ("title", "source", "licence", "forbidden", "citation", "layout", "labels")
        )
        assert set(card.labels.values()) <= set(card.classes)
        assert not set(card.labels) & set(card.outside)
        counted = [n for word, n in card.published.items() if word in {*card.labels, *card.outside}]
        assert not counted or sum(counted) == card.published["utterances"]
        assert json.dumps(card.lines())


def test_the_card_is_shown_once_and_the_line_every_time(tmp_path, caplog):
    layouts.nemo(tmp_path)
    caplog.set_level("INFO", logger="vcemo")
    load_corpus("nemo", tmp_path)
    first = caplog.text
    caplog.clear()
    load_corpus("nemo", tmp_path)
    second = caplog.text
    assert "not allowed:" in first
    assert "CC BY-NC-SA 4.0" in second
    assert "not allowed:" not in second
    assert "17 utterances, 3 speakers, 1 left out" in second
    assert "modalities=('audio',)" in second
