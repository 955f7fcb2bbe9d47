"""The simple classifiers: on the model's split, the same every time, and a sentence about what a score is worth."""

import re
from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.data.labels import task_labels
from vcemo_lib.evaluation.metrics import confusion, scores
from vcemo_lib.evaluation.simple import (
    BOTH,
    MAJORITY,
    SOUND,
    TEXT,
    Answers,
    fused,
    mfcc_statistics,
    pooled,
    simple_answers,
)
from vcemo_lib.evaluation.verdicts import verdict
from vcemo_lib.recipes import LAPTOP


def test_each_answers_the_whole_part_and_a_second_time_the_same(store, split, small, monkeypatch):
    answers = simple_answers(store, split, small)
    assert list(answers) == [MAJORITY, SOUND, TEXT, BOTH]
    emotion = store.corpus.frame.set_index("id")["emotion"]
    labels = task_labels(6)
    for answer in answers.values():
        assert [labels[k] for k in answer.truth] == emotion.loc[list(split.test)].tolist()
        np.testing.assert_allclose(answer.probabilities.sum(1), 1, atol=1e-5)
    monkeypatch.setattr("vcemo_lib.evaluation.simple._probabilities", None)  # they are kept
    again = simple_answers(store, split, small)
    assert all((again[name].probabilities == answers[name].probabilities).all() for name in answers)


def test_the_majority_is_that_of_the_training_part(store, split, small):
    emotion = store.corpus.frame.set_index("id")["emotion"]
    common = task_labels(6).index(emotion.loc[list(split.train)].mode()[0])
    truth = np.array([task_labels(6).index(e) for e in emotion.loc[list(split.val)]])
    expected = scores(confusion(truth, np.full(len(truth), common), 6))
    assert simple_answers(store, split, small, "val")[MAJORITY].scores == pytest.approx(expected)


@pytest.mark.parametrize(
    ("modalities", "names"), [(("audio",), [MAJORITY, SOUND]), (("words", "bert"), [MAJORITY, TEXT])]
)
def test_they_read_what_the_model_reads(store, split, small, modalities, names):
    assert list(simple_answers(store, split, small.but(modalities=modalities))) == names


def test_statistics_of_a_steady_sound_and_of_one_frame():
    flat = mfcc_statistics(np.full((50, 80), 2.0))
    assert flat.shape == (60,) and flat[0] == pytest.approx(2 * 80**0.5) and np.abs(flat[1:]).max() < 1e-5
    assert np.isfinite(mfcc_statistics(np.ones((1, 80)))).all()


def test_the_majority_of_folds_is_one_constant_answer():
    """Of balanced classes the training part of a fold has most of what its test part has least of."""
    folds = [
        {name: Answers(np.array(truth), np.eye(3)[[said] * 3]) for name in (MAJORITY, SOUND)}
        for truth, said in (((0, 0, 1), 2), ((1, 1, 2), 0), ((2, 2, 0), 1))
    ]
    assert [pooled(folds)[name].scores["wa"] for name in (SOUND, MAJORITY)] == [0, pytest.approx(1 / 3)]
    assert pooled(folds)[MAJORITY].scores["ua"] == pytest.approx(1 / 3)
    assert pooled(folds[:1])[MAJORITY].predicted.tolist() == [2, 2, 2]  # of one part it is that of its training part


def test_two_that_know_no_more_than_the_share_say_the_share():
    share = np.array([0.7, 0.2, 0.1])
    np.testing.assert_allclose(fused(share[None], share[None], share)[0], share)


def test_of_one_class_all_say_that_class(store, split, small):
    emotion = store.corpus.frame.set_index("id")["emotion"]
    calm = replace(split, train=tuple(i for i in split.train if emotion[i] == "neutral"))
    for answers in simple_answers(store, calm, small).values():
        assert set(answers.predicted) == {task_labels(6).index("neutral")}


SIMPLE = {MAJORITY: {"wa": 0.4, "ua": 0.25}, SOUND: {"wa": 0.6, "ua": 0.5}}


@pytest.mark.parametrize(("wa", "predicted", "sentence"), [
    (0.4, ["sad"] * 9, "it has learnt nothing: it says sad to every clip; try another seed"),
    (0.4, ["sad", "happy"] * 9, "it is not above the commonest emotion: 40.0 .mean recall 50.0. against 40.0"),
    (0.5, ["sad", "happy"] * 900, "not above the best of the simple classifiers: it has 50.0 .*, MFCC . SVM has 60.0 .mean recall 50.0.$"),
    (0.7, ["sad", "happy"] * 900, "it is above the simple classifiers, the best of which is MFCC . SVM with 60.0 .*, by 10.0 points$"),
    (0.7, ["sad", "happy"] * 20, "by 10.0 points, a gap that 40 clips cannot tell from chance"),
])  # fmt: skip
def test_the_verdict_says_what_a_score_is_worth(wa, predicted, sentence):
    assert re.search(sentence, verdict({"wa": wa, "ua": 0.5}, SIMPLE, predicted))


@pytest.mark.parametrize(("changes", "advised"), [
    ({}, ["min_updates", "normalise"]),
    ({"modalities": ("words", "bert")}, ["min_updates"]),
    ({"normalise": "speaker", "min_updates": 3000}, []),
])  # fmt: skip
def test_nothing_is_advised_that_a_recipe_has_or_cannot_use(changes, advised):
    said = verdict({"wa": 0.4, "ua": 0.5}, SIMPLE, ["sad"] * 9, LAPTOP.but(**changes))
    assert re.findall(r"--set (\w+)=", said) == advised


def test_speakers_mean_is_not_advised_where_nobody_is_known():
    said = verdict({"wa": 0.4, "ua": 0.5}, SIMPLE, ["sad"] * 9, LAPTOP, speakers_known=False)
    assert "min_updates" in said
    assert "normalise" not in said
