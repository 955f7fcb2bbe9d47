"""A table brings its own classes: any two or more words, in an order of their own; what cannot be classes is refused."""

import shlex

import layouts
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import added, has_own_classes, load_corpus, require_task
from vcemo_lib.data.corpus import Corpus, CorpusError
from vcemo_lib.data.labels import EMOTIONS, FOUR, TaskError, task_labels
from vcemo_lib.data.own_classes import as_word, class_order, unknown_words


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a table with these labels in turn, as a CSV or another kind; returns its path."""
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    layouts.tone(tmp_path / "a.wav")

    def write(labels, ending=".csv"):
        frame = pd.DataFrame({"id": [f"u{n}" for n in range(len(labels))], "audio": "a.wav", "text": "你好"})
        frame["emotion"] = labels
        path = tmp_path / f"t{ending}"
        if ending == ".jsonl":
            frame.to_json(path, orient="records", lines=True, force_ascii=False)
        elif ending == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ",")
        return path

    return write


EVIL = ["two words", "héhé 很好", 'it\'s "it"', "1", "02", "NA", "None", "nan", "a=b", "-x", "x,y", "🙂", "L" * 60]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_evil_words_are_classes_as_they_stand(write, ending):
    corpus = load_corpus("manifest", write([f" {word} " for word in EVIL * 3], ending), classes="own")
    assert corpus.labels == tuple(sorted(EVIL))
    assert corpus.frame["emotion"].tolist() == EVIL * 3
    assert corpus.counts().tolist() == [3] * len(EVIL)
    assert corpus.task_labels() == corpus.task_labels(len(EVIL)) == corpus.labels
    assert len(corpus.for_task()) == len(corpus)


@pytest.mark.parametrize(("labels", "said"), [
    (["calm"] * 4, "all are 'calm': two classes or more are needed"),
    (["Calm", "calm", "sad"], "'Calm' and 'calm' differ in nothing but case or form: .*--label calm=Calm"),
    (["ﬁne", "fine"], "differ in nothing but case or form"),
    (["sad", "sa\u200dd"], r"'sad' and 'sa\\u200dd' differ in nothing but case or form"),
    (["a  b", "a b"], "differ in nothing but case or form"),
    (["1", "01", "1.0"], "'1' and '01' differ in nothing but case or form: .*--label 01=1 --label 1.0=1"),
    (["sad", "\u200d"], r"'\\u200d' has no character that can be seen: give a name"),
    (["sad", "two\u2028lines"], "cannot be printed: write it without"),
    (["sad", "x" * 61], "has 61 characters: give names of at most 60"),
    (["sad", "two\nlines"], "cannot be printed: write it without"),
    ([str(n / 7) for n in range(30)], "30 of 30 different ones occur once: put values into a few bins first"),
    (["sad", ""], r"row 2 \(id 'u1'\) has no emotion: give it one"),
    (["sad", None, "calm"], r"row 2 \(id 'u1'\) has no emotion: give it one"),
])  # fmt: skip
def test_what_cannot_be_classes_is_refused(write, labels, said):
    with pytest.raises(CorpusError, match=rf"^t.csv: .*{said}") as error:
        load_corpus("manifest", write(labels), classes="own")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("cell", [["a", "b"], {"a": 1}])
def test_a_cell_of_several_classes_is_refused(write, cell):
    with pytest.raises(CorpusError, match=r"row 1 has .* for emotion \(\w+\): give one word"):
        load_corpus("manifest", write([cell, cell], ".parquet"), classes="own")


@pytest.mark.parametrize("votes", ["['sad']", '{"sad": "3"}', "0.6 0.4", "0.6, 0.4"])
def test_votes_and_shares_that_are_written_as_text_are_refused_too(write, votes):
    for classes in ("own", "six"):
        with pytest.raises(CorpusError, match="holds several, and an utterance has one label: write the one of most"):
            load_corpus("manifest", write([votes, "angry"]), classes=classes)


@pytest.mark.parametrize("votes", ["angry;Sad;sad", "sad|angry", "sad angry", "sad: 3, angry: 2", "高兴、悲伤"])
def test_several_words_are_several_labels_but_classes_of_ones_own(write, votes):
    with pytest.raises(CorpusError, match="holds several, and an utterance has one label: write the one of most"):
        load_corpus("manifest", write([votes, "angry"]))
    assert set(load_corpus("manifest", write([votes, "angry"]), classes="own").labels) == {votes, "angry"}


def test_bins_and_one_label_of_several_words_are_no_votes(write):
    bins = ["(0.0, 0.5]", "(0.5, 1.0]", "1,5", "0-1", "very sad"]
    assert len(load_corpus("manifest", write(bins), classes="own").labels) == len(bins)
    with pytest.raises(CorpusError, match="unknown are 'very sad' .1.; give 'vcemo corpus add' --label"):
        load_corpus("manifest", write(["very sad", "angry"]))


def test_the_last_of_some_bins_may_be_closed_and_they_go_by_their_lower_end(write):
    bins = ["[0, 2)", "[10, 12]", "[2, 10)"]
    assert load_corpus("manifest", write(bins), classes="own").labels == ("[0, 2)", "[2, 10)", "[10, 12]")
    for shares in (["[0.6, 0.4]", "[0.5, 0.5]"], ["[2, 3]", "low"], ["[0, 2)", "[1, 2, 3]"]):
        with pytest.raises(CorpusError, match="holds several, and an utterance has one label"):
            load_corpus("manifest", write(shares), classes="own")


def test_numbers_are_in_the_order_of_their_values(write):
    assert load_corpus("manifest", write([10, 9, -1], ".jsonl"), classes="own").labels == ("-1", "9", "10")
    assert load_corpus("manifest", write([0.0, 1.0], ".parquet"), classes="own").labels == ("0", "1")
    assert class_order(["b", "10", "9"]) == ("10", "9", "b")
    assert class_order(["9", "nan", "10"]) == ("10", "9", "nan")
    cells = (True, 2.5, np.float32(3), None, float("nan"), "e\u0301")
    assert [as_word(cell) for cell in cells] == ["True", "2.5", "3", "", "", "é"]


def test_classes_are_joined_renamed_and_left_out_as_asked(write):
    labels = {"HATE": "negative", "rage": "negative", "Odd": ""}
    corpus = load_corpus("manifest", write(["hate", "Rage", "joy", "odd"]), classes="own", labels=labels)
    assert corpus.labels == ("joy", "negative")
    assert corpus.frame["emotion"].tolist() == ["negative", "negative", "joy"]
    assert corpus.frame["label"].tolist() == ["hate", "Rage", "joy"]
    assert corpus.dropped == {"'odd': left out as you asked": 1}


def test_the_refusal_names_every_word_and_both_cures_and_each_cure_cures(write):
    path = write(["hapy", "hapy", "bored stiff", "it's", "NA", "a=b", "-x", "sad", "anger"])
    with pytest.raises(CorpusError) as error:
        load_corpus("manifest", path)
    said = str(error.value)
    assert said.startswith(
        "t.csv: row 1 (id 'u0') and 6 more has an unknown emotion ('hapy'): unknown are 'hapy' (2), "
    )
    for word in ("'bored stiff' (1)", '"it\'s" (1)', "'na' (1)", "'a=b' (1)", "--classes own", "--label hapy=happy"):
        assert word in said, said
    assert "\n" not in said
    pasted = shlex.split(said.partition("corpus add' ")[2].partition(" (after")[0])
    done = CliRunner().invoke(app, ["corpus", "add", "manifest", str(path), *pasted])
    assert done.exit_code == 0, done.output + repr(done.exception)
    assert load_corpus("manifest").frame["emotion"].tolist() == ["happy", "happy", "sad", "angry"]
    done = CliRunner().invoke(app, ["corpus", "add", "manifest", str(path), "--classes", "own"])
    assert done.exit_code == 0, done.output + repr(done.exception)
    assert load_corpus("manifest").labels == ("-x", "NA", "a=b", "anger", "bored stiff", "hapy", "it's", "sad")


def test_only_a_misspelt_word_is_taken_for_another():
    for word, label in (
        ("hapy", "hapy=happy"),
        ("netural", "netural=neutral"),
        ("unhappy", "unhappy="),
        ("odd", "odd="),
    ):
        assert f"corpus add' --label {label} (after" in unknown_words([word])


def test_as_it_was_added_it_is_found_and_a_task_it_has_not_is_refused(write):
    path = write(["calm", "tense", "wild"] * 10)
    words = ["corpus", "add", "manifest", str(path), "--classes", "own", "--as", "mine"]
    done = CliRunner().invoke(app, words)
    assert "added with 3 classes of its own" in done.output
    assert added.recall("mine").options["classes"] == "own"
    assert has_own_classes("mine") and not has_own_classes("vcemo_sim")
    assert load_corpus("mine").labels == load_corpus("manifest", path, classes="own").labels
    with pytest.raises(TaskError, match=r"3 classes of its own \(calm, tense, wild\), not 4: .* or give 3"):
        load_corpus("mine").for_task(4)
    require_task("mine", 3)
    with pytest.raises(TaskError, match="a 4-way and a 6-way task, not 3"):
        require_task("vcemo_sim", 3)
    for given, said in (("mine", "--classes is 'mine'"), ("", None)):
        if said:
            with pytest.raises(CorpusError, match=said):
                load_corpus("manifest", path, classes=given)
    result = CliRunner().invoke(app, ["corpus", "add", "nemo", str(path.parent), "--classes", "own"])
    assert isinstance(result.exception, CorpusError) and "is not read with classes" in str(result.exception)


def test_the_six_stay_the_default(corpus):
    assert corpus.labels == EMOTIONS == corpus.task_labels() == task_labels(6)
    assert corpus.task_labels(4) == FOUR
    assert set(corpus.for_task(4).frame["emotion"]) <= set(FOUR)
    for labels in ((), ("a",), ("a", "a")):
        with pytest.raises(CorpusError, match="give two or more, each once"):
            Corpus("c", corpus.frame, labels=labels)
