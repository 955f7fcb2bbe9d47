"""Table 2 from records: the mean of folds, the pooled score, and the parts; the rule stands on the card."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.evaluation.metrics import confusion, scores
from vcemo_lib.evaluation.records import RecordError
from vcemo_lib.experiments import cross_validation
from vcemo_lib.experiments.cross_validation import RULES, by_style, run_folds, summary, table_2
from vcemo_lib.experiments.experiment import Experiment
from vcemo_lib.experiments.tables import TABLE_2, TableError

CARD = {"corpus": "x", "selected_on": "validation"}


def record(fold, truth, predicted):
    measured = scores(confusion(np.array(truth), np.array(predicted), 2))
    return {
        "card": CARD | {"split": f"fold {fold}"},
        "scores": measured,
        "truth": truth,
        "predicted": predicted,
        "labels": ["a", "b"],
        "test_ids": [f"{fold}-{k}" for k in range(len(truth))],
    }


@pytest.fixture
def folds():
    return [record(0, [0, 0, 0, 1], [0, 0, 0, 0]), record(1, [0, 1, 1, 1, 1, 1, 1, 1], [1] * 8)]


def test_the_mean_of_folds_is_not_the_pooled_score(folds):
    measured = summary(folds)
    assert measured["ua"] == 50
    assert measured["ua ±"] == 0
    assert measured["ua pooled"] == pytest.approx(100 * (3 / 4 + 7 / 8) / 2)
    assert measured["wa"] == pytest.approx((75 + 87.5) / 2)
    assert measured["wa pooled"] == pytest.approx(100 * 10 / 12)


def test_folds_of_unlike_protocols_are_not_averaged(folds):
    folds[1]["card"] = CARD | {"corpus": "y"}
    with pytest.raises(RecordError, match="differ in corpus"):
        summary(folds)


def test_the_table_has_a_line_for_each_model_and_rule(folds):
    table = table_2({("Xu", "inner validation"): folds, ("Ours", "held-out session"): folds}, TABLE_2)
    assert table.index.tolist() == ["Xu", "Ours"]
    assert table["epoch chosen on"].tolist() == [
        "inner validation",
        "held-out session",
    ]
    assert table["accuracy paper"].tolist() == ["70.41", "71.23"]
    assert table["mean recall here"].tolist() == ["50.0 ± 0.0"] * 2
    assert [row.name for row in TABLE_2] == ["Xu", "CME", "Ours", "Ours (SupCon)"]


def test_parts_are_scored_by_their_own_utterances(folds):
    style_of = {i: "scripted" if k % 2 else "improvised" for r in folds for k, i in enumerate(r["test_ids"])}
    table = by_style(folds, style_of)
    assert table["utterances"].to_dict() == {"improvised": 6, "scripted": 6}
    assert table.loc["improvised", "wa"] == pytest.approx(100 * 5 / 6)
    assert table.loc["scripted", "wa"] == pytest.approx(100 * 5 / 6)


@pytest.mark.parametrize("rule", RULES)
def test_each_fold_is_run_once_by_its_rule(corpus, small, tmp_path, monkeypatch, rule):
    sessions = replace(corpus, frame=corpus.frame.assign(session=np.arange(60) % 5))
    seen = []
    monkeypatch.setattr(
        cross_validation, "run", lambda experiment, recipe, seed, folder: seen.append((experiment, recipe)) or {}
    )
    run_folds(Experiment(sessions, None, None, small, "small"), TABLE_2[3], rule, 0, tmp_path)
    assert len(seen) == 5
    assert {recipe.alpha for _, recipe in seen} == {100.0}
    assert {r.views for _, r in seen} == {"dropout"}
    assert sorted(pd.concat([pd.Series(p.split.test) for p, _ in seen])) == sorted(corpus.ids)
    assert {p.split.chosen_on_test for p, _ in seen} == {rule == "held-out session"}
    with pytest.raises(TableError, match="no rule 'both'"):
        run_folds(Experiment(sessions, None, None, small, "small"), TABLE_2[0], "both", 0, tmp_path)
