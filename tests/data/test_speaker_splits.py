"""Splits by speaker: disjoint, near 8/1/1, stratified; and what is said of parts that are too small."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.speaker_splits import (
    doubts,
    grouped_folds,
    heard_in_training,
    only_strangers_tested,
    speaker_disjoint,
)
from vcemo_lib.data.splits import split_8_1_1

SHARES = {"angry": 0.2, "happy": 0.2, "neutral": 0.5, "sad": 0.1}


@pytest.fixture
def talk_show(corpus):
    """400 clips of 29 people, some of whom say much and most little, as in real talk."""
    rng = np.random.default_rng(0)
    weight = rng.lognormal(0, 1.3, 29)
    frame = pd.DataFrame(
        {
            "id": [f"c{n:03d}" for n in range(400)],
            "speaker": rng.choice([f"s{n}" for n in range(29)], 400, p=weight / weight.sum()),
            "emotion": rng.choice(list(SHARES), 400, p=list(SHARES.values())),
            "audio": b"",
            "text": "",
            "text_asr": "",
        }
    )
    return replace(corpus, name="talk", frame=frame)


@pytest.mark.parametrize("seed", range(5))
def test_parts_are_disjoint_near_a_tenth_and_hold_every_class(talk_show, seed):
    split = speaker_disjoint(talk_show, seed)
    speaker = talk_show.frame.set_index("id")["speaker"]
    parts = [set(speaker.loc[list(part)]) for part in (split.train, split.val, split.test)]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert sorted(split.train + split.val + split.test) == sorted(talk_show.ids)
    for part in (split.val, split.test):
        assert 30 <= len(part) <= 70
    assert doubts(split, talk_show) == []


def test_another_seed_tests_other_people(talk_show):
    assert set(speaker_disjoint(talk_show, 0).test) != set(speaker_disjoint(talk_show, 1).test)


def test_folds_test_each_utterance_once(talk_show):
    folds = grouped_folds(talk_show)
    tested = [i for fold in folds for i in fold.test]
    assert len(folds) == 5
    assert sorted(tested) == sorted(talk_show.ids)
    assert all(fold.disjoint == ("speaker",) for fold in folds)
    assert all(set(fold.val).isdisjoint(fold.test) for fold in folds)


def test_three_people_are_tested_one_by_one(talk_show):
    three = talk_show.select(talk_show.frame["speaker"].isin(talk_show.frame["speaker"].value_counts().index[:3]))
    assert len(grouped_folds(three)) == 3
    two = three.select(three.frame["speaker"] != three.frame["speaker"].iloc[0])
    speaker = two.frame.set_index("id")["speaker"]
    tested = [set(speaker.loc[list(fold.test)]) for fold in grouped_folds(two)]
    assert tested == [{name} for name in sorted(set(speaker))]
    alone = two.select(two.frame["speaker"] == two.frame["speaker"].iloc[0])
    for cut in (speaker_disjoint, grouped_folds):
        with pytest.raises(CorpusError, match="one value of speaker"):
            cut(alone)


@pytest.mark.parametrize("people", [2, 3, 4])
def test_of_few_people_all_but_the_tested_one_are_learnt_from(talk_show, people):
    few = talk_show.select(talk_show.frame["speaker"].isin(talk_show.frame["speaker"].value_counts().index[:people]))
    speaker = few.frame.set_index("id")["speaker"]
    for fold in grouped_folds(few):
        tested = set(speaker.loc[list(fold.test)])
        assert len(tested) == 1
        assert fold.unseen == ("speaker",)
        assert set(speaker.loc[list(fold.train)]) == set(speaker) - tested
        assert len(fold.val) == pytest.approx(0.1 * (len(few) - len(fold.test)), abs=1)


def test_small_parts_and_missing_classes_are_said(talk_show):
    split = speaker_disjoint(talk_show)
    emotion = talk_show.frame.set_index("id")["emotion"]
    few = replace(split, val=tuple(i for i in split.val if emotion[i] == "neutral")[:2])
    assert doubts(few, talk_show) == [
        "the validation part has 2 utterances: fewer than 30 tell little",
        "the validation part has no utterance of angry, happy, sad",
    ]


def test_who_is_heard_in_training_goes_by_the_clips_not_by_the_promise(talk_show):
    assert heard_in_training(split_8_1_1(talk_show), talk_show)
    apart = speaker_disjoint(talk_show)
    assert not heard_in_training(apart, talk_show)
    assert not heard_in_training(replace(apart, unseen=()), talk_show)
    nobody = replace(talk_show, frame=talk_show.frame.assign(speaker=None))
    assert not heard_in_training(split_8_1_1(nobody), nobody)
    assert only_strangers_tested(replace(apart, unseen=(), disjoint=()), talk_show)
    assert not only_strangers_tested(split_8_1_1(talk_show), talk_show)
    assert not only_strangers_tested(split_8_1_1(nobody), nobody)
    assert not only_strangers_tested(replace(apart, test=()), talk_show)
