"""The planted truth: who finds what, on answers made for the test."""

import pandas as pd
import pytest

from vcemo_lib.experiments.planted_truth import CUES, cue_of, right_by_cue

FRAME = pd.DataFrame([("a", "sad", 0, 0.9), ("b", "sad", 2, 0.1), ("c", "happy", 2, 0.9), ("d", "happy", 0, 0.1),
                      ("e", "happy", 1, 0.9), ("f", "neutral", 2, 0.9), ("g", "angry", 0, 0.7)],
                     columns=["id", "emotion", "text_cue", "voice_cue"])  # fmt: skip


def answers(right):
    """A record whose utterances are right where `right` names them."""
    ids = FRAME["id"].tolist()
    return {"test_ids": ids, "truth": [1] * len(ids), "predicted": [int(i in right) for i in ids]}


def test_where_the_emotion_was_planted():
    assert cue_of(FRAME).fillna("").tolist() == ["voice", "wording", "both", "neither", "", "", "voice"]


def test_shares_are_of_emotional_utterances_and_pooled_over_runs():
    one, other = answers("acf"), answers("abg")
    assert right_by_cue([one], FRAME).tolist() == [0.5, 0.0, 1.0, 0.0]
    assert right_by_cue([one, other], FRAME).to_dict() == pytest.approx(
        dict(zip(CUES, (0.75, 0.5, 0.5, 0.0), strict=True))
    )
