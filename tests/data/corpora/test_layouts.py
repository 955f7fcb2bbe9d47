"""Each corpus is read from a tiny copy in its official layout: labels, parts, blemishes, counts."""

import json

import layouts
import pytest

from vcemo_lib.data.corpora import CARDS, CORPORA, load_corpus
from vcemo_lib.data.corpora.card import label_table
from vcemo_lib.data.corpus import CorpusError, survey

ABSENT = "its clip is not in this copy"


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


def test_every_corpus_has_a_case():
    """Beside those that ship, and those with files of tests of their own."""
    elsewhere = {name for name in CARDS if CARDS[name].simulated} | {"vcemo", "manifest", "iemocap"}
    assert {case[0] for case in CASES} == set(CARDS) - elsewhere


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
    split = CARDS[name].split(corpus)
    assert min(len(split.train), len(split.val), len(split.test)) > 0
    assert split.check(corpus)


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
