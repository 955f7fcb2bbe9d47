"""The parts of VCEMO-Sim in which words and voice tell only together: what is planted, the control, late fusion."""

from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.experiments.comparison import gap_between
from vcemo_lib.experiments.evidence import CLAIMS, evidence_table
from vcemo_lib.experiments.together import (
    CONTROL,
    EACH,
    LATE,
    SOUND,
    SYSTEMS,
    VCEMO,
    WORDS,
    _weight,
    ceiling_of,
    exchanged,
    late_record,
    recipe_of_system,
    together_records,
    together_table,
)
from vcemo_lib.text.word_vectors import segment


@pytest.mark.parametrize("effect", ["stress", "irony"])
def test_no_text_tells_anything_and_stands_in_one_part(effect):
    corpus = load_corpus(f"vcemo_sim_{effect}", strict=True)
    texts = corpus.frame.groupby("text")
    assert (texts.size() == 2).all()
    assert (texts["emotion"].nunique() == 2).all()  # so a reader is right in half of the clips at best
    assert (texts["speaker"].nunique() == 1).all() and (texts["split"].nunique() == 1).all()
    shares = corpus.frame.groupby(["split", "emotion"]).size().unstack()
    assert (shares.nunique(axis=1) == 1).all()  # as many of each class in each part
    split = split_8_1_1(corpus)
    assert split.text_overlap(corpus) == 0


def test_the_label_follows_its_rule():
    irony = load_corpus("vcemo_sim_irony").frame
    agree = (irony["wording"] == "kind") == (irony["voice"] == "warm")
    assert irony["emotion"].eq("sincere").equals(agree)
    assert irony.groupby(["wording", "voice"])["id"].size().to_dict() == {
        ("kind", "angry"): 108,
        ("kind", "flat"): 108,
        ("kind", "warm"): 216,
        ("unkind", "angry"): 108,
        ("unkind", "flat"): 108,
        ("unkind", "warm"): 216,
    }
    stress = load_corpus("vcemo_sim_stress").frame
    assert stress.groupby("stressed")["emotion"].nunique().eq(1).all()  # each feeling word has one emotion
    assert [word in text for word, text in zip(stress["stressed"], stress["text"], strict=True)]


def test_the_stressed_word_is_longer_and_louder_than_in_the_other_clip_of_the_text():
    corpus = load_corpus("vcemo_sim_stress")
    longer, louder = [], []
    for _, rows in list(corpus.frame.groupby("pair"))[:40]:
        one, other = rows.to_dict("records")
        spans = [_seconds(row, one["stressed"]) for row in (one, other)]
        waves = [corpus.wave(row["id"]) for row in (one, other)]
        longer.append(spans[0][1] - spans[0][0] > spans[1][1] - spans[1][0])
        level = [
            np.mean(w[int(16000 * a) : int(16000 * b)] ** 2) / np.mean(w**2)
            for w, (a, b) in zip(waves, spans, strict=True)
        ]
        louder.append(level[0] > level[1])
    assert np.mean(longer) > 0.85
    assert np.mean(louder) > 0.95


def _seconds(row: dict, word: str) -> tuple[float, float]:
    at = row["text"].index(word)
    return row["char_times"][at][0], row["char_times"][at + len(word) - 1][1]


def test_the_words_that_tell_are_whole_after_cutting():
    """But in three clips, where jieba cuts 不安 in two."""
    frame = load_corpus("vcemo_sim_stress").frame
    cut = [t for word, t in zip(frame["stressed"], frame["text"], strict=True) if word not in segment(t)]
    assert len(cut) == 3 and all("不安" in text for text in cut)


def test_the_control_exchanges_half_of_the_sounds_and_nothing_else():
    corpus = load_corpus("vcemo_sim_stress")
    other = exchanged(corpus)
    moved = corpus.frame["audio"] != other.frame["audio"]
    assert moved.groupby(corpus.frame["split"]).mean().eq(0.5).all()  # else who follows the voice is above chance
    assert moved.groupby(corpus.frame["pair"]).nunique().eq(1).all()
    kept = [c for c in corpus.frame if c not in ("audio", "char_times")]
    assert corpus.frame[kept].equals(other.frame[kept])
    assert other.hash != corpus.hash
    assert exchanged(corpus).hash == other.hash


def test_late_fusion_multiplies_and_takes_no_class_for_more_frequent():
    sound = {"probabilities": [[0.6, 0.4], [0.2, 0.8]], "truth": [0, 1], "seed": 0}
    words = {"probabilities": [[0.3, 0.7], [0.6, 0.4]], "truth": [0, 1], "seed": 0}
    late = late_record(sound, words)
    assert late["predicted"] == [1, 1]  # .18 against .28, .12 against .32
    assert late["scores"]["wa"] == 0.5


def test_the_weight_of_a_span_is_that_of_the_positions_in_it():
    pool = np.array([0.1, 0.2, 0.3, 0.4])
    assert _weight(pool, np.array([50, 100]), 100) == pytest.approx(0.35)
    assert _weight(pool, np.array([30, 32]), 100) == pytest.approx(0.2)  # none inside: the nearest


@pytest.mark.parametrize("effect", ["stress", "irony"])
def test_each_system_has_a_recipe_of_its_own(effect):
    made = [recipe_of_system(effect, name) for name in SYSTEMS[effect]]
    assert len({recipe.key for recipe in made}) == len(made) - 1  # the control differs in its corpus alone
    assert replace(made[0], name="") == replace(made[-1], name="")


def manner(frame):
    """What the voice tells whoever understands no word: whether the first feeling is stressed, or how it sounds."""
    if "voice" in frame:
        return frame["voice"]
    feelings = set(frame["stressed"])
    first = [min((word for word in feelings if word in text), key=text.index) for text in frame["text"]]
    return frame["stressed"] == first


@pytest.mark.parametrize(("effect", "voice"), [("stress", 25.0), ("irony", 50.0)])
def test_the_card_has_what_each_alone_tells_at_best(effect, voice):
    """Whoever says the commonest emotion of a text, or of the way in which it is said, in the test part itself."""
    frame = load_corpus(f"vcemo_sim_{effect}").frame
    frame = frame[frame["split"] == "test"]
    known = frame["text"], manner(frame)
    for name, of, best in zip(EACH, known, (50.0, voice), strict=True):
        said = of.map(frame.groupby(of)["emotion"].agg(lambda its: its.mode()[0]))
        assert ceiling_of(effect, f"{name}, at best") == 100 * (said == frame["emotion"]).mean() == best
    assert together_table(effect)["accuracy"].iloc[-3:].tolist() == [50.0, voice, ceiling_of(effect)]


@pytest.mark.parametrize("effect", ["stress", "irony"])
def test_the_records_show_that_only_both_together_tell(effect):
    kept = together_records(effect)
    n = len(kept[LATE])
    gap = gap_between(kept[VCEMO][:n], kept[LATE])
    assert gap.sure and gap.mean > 10
    for name in (SOUND, WORDS):
        assert gap_between(kept[VCEMO][:n], kept[name][:n]).mean > 10
    for record in kept[CONTROL]:
        low, high = record["interval_wa"]
        assert low <= 0.52 and high >= 0.48  # half: the words are left, or nothing
    assert ceiling_of(effect) > 99


def test_the_map_finds_the_stressed_word():
    for record in together_records("stress")[VCEMO]:
        assert record["stress_found"]["share"] > 0.8  # of two words
        assert record["stress_found"]["times"] > 1.5


def test_the_table_of_claims_has_a_line_each():
    table = evidence_table(CLAIMS[:2])
    assert list(table.columns) == ["paper", "probe", "simulated speech", "real voices or texts"]
    assert table["simulated speech"].str.contains("holds").all()
    assert "Deeply" in table["real voices or texts"].iloc[1]


def test_a_claim_of_two_probes_tells_both():
    (order,) = (claim for claim in CLAIMS if "BERT" in claim.sentence and len(claim.probes.split()) == 2)
    told = evidence_table([order])["probe"].iloc[0].split("; ")
    assert [cell.partition(":")[0] for cell in told] == ["sentence_explains", "words_explain"]
    assert [cell.rpartition(", ")[2] for cell in told] == ["holds", "holds"]
