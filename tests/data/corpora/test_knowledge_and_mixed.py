"""Two parts of VCEMO-Sim: what is kept out of training in *knowledge*, and the votes and mixtures of *mixed*."""

import importlib
import sys
from itertools import product

import numpy as np
import pytest

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.paths import DATA, ROOT

TOOLS = ROOT / "tools" / "vcemo_sim"


@pytest.fixture(scope="module")
def tool():
    """A module of the generator; none of these makes sound."""
    sys.path.insert(0, str(TOOLS))
    yield importlib.import_module
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def knowledge():
    return load_corpus("vcemo_sim_knowledge", strict=True)


@pytest.fixture(scope="module")
def mixed():
    return load_corpus("vcemo_sim_mixed", strict=True)


def test_each_class_is_as_frequent_in_each_part_and_kind(knowledge):
    counts = knowledge.frame.groupby(["split", "kind", "emotion"]).size().unstack()
    assert counts.shape == (12, 4) and (counts.nunique(axis=1) == 1).all()
    assert split_8_1_1(knowledge).text_overlap(knowledge) == 0
    assert knowledge.frame["text"].is_unique


@pytest.mark.parametrize("part", ["val", "test"])
def test_no_feeling_word_idiom_or_frame_is_met_in_training(knowledge, part):
    """Not even as a part of another word; nor any of their characters anywhere in a text of training."""
    frame = knowledge.frame
    train, asked = frame[frame["split"] == "train"], frame[frame["split"] == part]
    told = "".join(train["text"])
    words = {*asked["word"], *asked["denied"]} - {""}
    assert len(words) >= 16
    assert not [word for word in words if word in told]
    assert not set("".join(words)) & set(told)
    turns = asked["kind"].isin(["negation", "contrast"])
    assert not set(asked.loc[turns, "frame"]) & set(train["frame"])
    assert set(asked.loc[~turns, "frame"]) <= set(train["frame"])  # carriers of words and idioms are shared, as stated


def test_the_emotion_is_the_one_that_is_affirmed(knowledge, tool):
    frame = knowledge.frame
    plan = tool("knowledge_plan")
    lists = [words for kind in (plan.WORDS, plan.IDIOMS) for part in kind.values() for words in part.items()]
    emotion_of = {word: emotion for emotion, words in lists for word in words.split()}
    assert len(emotion_of) == sum(len(words.split()) for _, words in lists)  # no word has two emotions
    assert frame["emotion"].equals(frame["word"].map(emotion_of))
    turns = frame[frame["denied"] != ""]
    assert set(turns["kind"]) == {"negation", "contrast"} and len(turns) == 240
    denied = turns["denied"].map(emotion_of)
    assert denied.notna().all() and (denied != turns["emotion"]).all()
    first = [
        text.index(word) < text.index(no)
        for text, word, no in zip(turns["text"], turns["word"], turns["denied"], strict=True)
    ]
    for _, part in turns.assign(first=first).groupby("split"):
        assert 0.3 < part["first"].mean() < 0.7  # so the place of the word does not tell


def test_after_but_stands_what_counts(knowledge):
    frame = knowledge.frame[knowledge.frame["kind"] == "contrast"]
    for text, word, no in zip(frame["text"], frame["word"], frame["denied"], strict=True):
        for but in ("可是", "但是", "却"):
            if but in text:
                assert text.index(no) < text.index(but) < text.index(word) or "就算" in text
        for although in ("虽然", "尽管"):
            clause = text[text.index(although) :].split("，")[0] if although in text else no
            assert no in clause and word not in clause


def test_knowledge_is_what_its_plan_says(knowledge, tool):
    plan = tool("knowledge_plan").make_plan().set_index("id")
    frame = knowledge.frame.set_index("id")
    columns = ["text", "emotion", "kind", "word", "denied", "frame", "speaker", "split"]
    assert frame[columns].equals(plan.loc[frame.index, columns])


def test_the_mixture_is_what_words_and_voice_tell(mixed):
    frame = mixed.frame
    for row in frame.to_dict("records"):
        soft = dict(zip(mixed.labels, row["soft"], strict=True))
        told = {row["voice"]: 1 - row["share"]}
        told[row["words"]] = told.get(row["words"], 0) + row["share"]
        assert {name: p for name, p in soft.items() if p} == pytest.approx(told)
    assert (frame["words"] == frame["voice"]).mean() == pytest.approx(1 / 3)
    cells = frame[frame["words"] != frame["voice"]].groupby(["split", "words", "voice", "share"]).size()
    assert cells.groupby("split").nunique().eq(1).all() and len(cells) == 3 * 12 * 5


def test_the_emotion_is_the_majority_and_of_a_tie_the_first(mixed):
    for votes, emotion in zip(mixed.frame["votes"], mixed.frame["emotion"], strict=True):
        five = votes.split()
        assert len(five) == 5
        most = max(five.count(vote) for vote in five)
        assert emotion == next(vote for vote in five if five.count(vote) == most)


def test_annotators_lean_as_is_written(mixed, tool):
    """The readers among them follow the words more often than the listeners do."""
    plan = tool("mixed_plan")
    frame = mixed.frame[(mixed.frame["words"] != mixed.frame["voice"])]
    votes = np.array([row.split() for row in frame["votes"]])
    followed = (votes == frame[["words"]].to_numpy()).mean(0)
    by_leaning = followed[np.argsort(plan.LEANING)]
    assert by_leaning[-1] - by_leaning[0] > 0.2
    for leaning, share in product(plan.LEANING, plan.SHARES):
        p = plan.annotator("sad", "happy", share, leaning)
        assert p.sum() == pytest.approx(1) and p.min() == pytest.approx(plan.SLIP / 4)
    assert plan.annotator("sad", "happy", 0.35, 0.0)[2] == pytest.approx(0.9 * 0.35 + 0.025)


def test_the_agreement_is_fleiss_own_example(tool):
    """Ten subjects, fourteen raters, five categories: κ = .210 (Fleiss 1971, as it is told everywhere)."""
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert tool("ceilings").fleiss_kappa(np.array(counts)) == pytest.approx(0.210, abs=5e-4)


def test_the_chance_of_a_majority_counts_all_votes(tool):
    ceilings = tool("ceilings")
    p = ceilings.chance_of_majority("angry", "happy", 0.5)
    assert p.sum() == pytest.approx(1)
    assert p[0] == pytest.approx(p[1], abs=0.02)  # leanings are symmetric, and the first annotator has none
    assert ceilings.chance_of_majority("sad", "sad", 0.2)[2] > 0.99


@pytest.mark.parametrize("name", ["knowledge", "mixed"])
def test_the_card_tells_how_well_whisper_heard(name, tool, request):
    """Its character error is that of the column `text_asr`, and below a quarter."""
    frame = request.getfixturevalue(name).frame
    error = tool("measured").character_error(frame)
    card = (ROOT / "data" / f"vcemo_sim_{name}" / "DATA_CARD.md").read_text(encoding="utf-8")
    assert f"with {error:.1f} % of the characters wrong" in card
    assert error < 25


def test_who_reads_all_of_the_whole_corpus_is_right_as_often_as_its_dials_say(tool):
    """Where the wording tells, always; elsewhere the commonest emotion of such texts, neutral, is said."""
    plan, lines = tool("plan"), tool("ceilings").whole_lines(4000)
    four = [c for c in plan.COUNTS if c not in ("fear", "surprise")]
    told = sum(plan.cues(c, plan.COUNTS[c])[k] for c in four for k in (1, 2))
    right = 100 * (told + plan.cues("neutral", plan.COUNTS["neutral"])[0]) / sum(plan.COUNTS[c] for c in four)
    reads, hears, both = lines.values()
    assert reads == pytest.approx(right, abs=2)
    assert max(reads, hears) + 8 < both < 90


def test_the_card_of_the_whole_corpus_has_its_ceilings(tool):
    card = (DATA / "vcemo_sim" / "DATA_CARD.md").read_text(encoding="utf-8")
    for name, right in tool("ceilings").whole_lines().items():
        assert f"{name} {right:.1f}" in card
