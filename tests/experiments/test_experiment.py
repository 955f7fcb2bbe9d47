"""An experiment is recorded once: a record is used again, and never another one in its place."""

import json
from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.evaluation.records import ProtocolCard, RecordError, same_protocol, write_record
from vcemo_lib.experiments import experiment as experiments
from vcemo_lib.training.run import fit


@pytest.fixture
def experiment(store, corpus, split, small):
    return experiments.Experiment(corpus, store, split, small, "small")


@pytest.fixture
def counted(monkeypatch):
    """Calls of fit, as the experiment makes them."""
    calls = []
    monkeypatch.setattr(experiments, "fit", lambda *a, **k: (calls.append(a), fit(*a, **k))[1])
    return calls


def test_a_record_is_used_again_and_holds_what_it_needs(experiment, small, tmp_path, counted):
    recipe = small.but(epochs=1)
    first = experiments.run(experiment, recipe, 0, tmp_path)
    again = experiments.run(experiment, recipe.but(name="renamed"), 0, tmp_path)
    assert len(counted) == 1
    assert again == json.loads(json.dumps(first))
    # no checkpoint, nothing half-written
    assert [path.suffix or path.name for path in sorted(tmp_path.iterdir())] == ["test_parts", ".json"]
    assert first["card"]["simulated"] is True
    assert first["card"]["corpus_hash"] == experiment.corpus.hash
    assert np.sum(first["confusion"]) == len(experiment.split.test) == len(first["predicted"])


@pytest.mark.parametrize("change", ["learning_rate", "system", "seed", "text", "train", "test"])
def test_a_record_of_something_else_is_not_used(experiment, small, tmp_path, counted, change):
    recipe, split, corpus = small.but(epochs=1), experiment.split, experiment.corpus
    experiments.run(experiment, recipe, 0, tmp_path)
    if change == "text":
        frame = corpus.frame.copy()
        frame.at[0, "text"] += "啊"
        experiment = replace(experiment, corpus=replace(corpus, frame=frame))
    if change == "train":  # as two seeds of session_folds do: the same test part, another training part
        experiment = replace(experiment, split=replace(split, train=split.train[8:]))
    if change == "test":
        experiment = replace(experiment, split=replace(split, test=split.test[1:]))
    changed = recipe.but(**{"learning_rate": {"learning_rate": 2e-3}, "system": {"system": "xu"}}.get(change, {}))
    experiments.run(experiment, changed, 1 if change == "seed" else 0, tmp_path)
    assert len(counted) == 2


def test_the_experiment_reads_the_task_and_the_majority_is_its_share(sim_root, small, cache):
    four = experiments.prepare(small, root=sim_root, n_classes=4)
    assert set(four.corpus.frame["emotion"]) <= {"angry", "happy", "neutral", "sad"}
    assert four.recipe.model.n_classes == 4
    assert len(four.labels) == 4
    emotion = four.corpus.frame.set_index("id")["emotion"]
    common = emotion.loc[list(four.split.train)].mode()[0]
    assert experiments.majority(four)["wa"] == pytest.approx((emotion.loc[list(four.split.test)] == common).mean())


def test_no_record_without_a_card_and_no_table_of_unlike_records(experiment, tmp_path):
    with pytest.raises(TypeError, match="ProtocolCard"):
        write_record(tmp_path / "r.json", {"corpus": "x"}, {})
    card = experiment.card("validation")
    with pytest.raises(RecordError, match="without text"):
        ProtocolCard(**{**card.__dict__, "text": ""})
    other = replace(card, n_classes=4)
    records = [write_record(tmp_path / f"{i}.json", c, {}) for i, c in enumerate((card, other))]
    with pytest.raises(RecordError, match="differ in n_classes"):
        same_protocol(records)
    same_protocol(records, except_for=("n_classes",))
