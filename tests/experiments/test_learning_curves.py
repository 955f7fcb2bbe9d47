"""Runs that are watched: the library's own losses, readings that see what is silenced, records made once."""

from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.evaluation.metrics import bootstrap_interval
from vcemo_lib.evaluation.records import RecordError
from vcemo_lib.experiments import learning_curves as curves
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.inference.prediction import silenced
from vcemo_lib.training.trainer import Trainer

KNOWN = {"loss", "wa", "ua", "answers", "heard", "read", "voice", "wording"}


@pytest.fixture(scope="module")
def part():
    small = curves.PLAIN.but(limit=120, d=16, d_ff=16, n_heads=2, conv_channels=(2, 4), length=4, epochs=8)
    whole = prepare(small.but(batch_size=16), "vcemo_sim", n_classes=4)
    return replace(whole, split=curves.some(whole.split, 64, 0))


def test_it_trains_as_the_trainer_does(part):
    masked = part.recipe.but(**curves.MASKS)
    _, watched = curves.train_watched(part, masked, seed=3, read_at=())
    trainer = Trainer(part.store, part.split, masked, seed=3)
    lines = [trainer.run_epoch() for _ in range(2)]
    assert [line["updates"] for line in lines] == [4, 4] and trainer.done
    assert watched["loss"] == [pytest.approx(np.mean([line["ce"] for line in lines]), abs=1e-3)]


def test_the_last_update_is_read_whatever_is_asked_for(part):
    _, watched = curves.train_watched(part, part.recipe, seed=0, read_at=(2, 99))
    assert [at["update"] for at in watched["readings"]] == [2, 8]
    for reading in (watched["readings"][0][part] for part in ("train", "val")):
        assert {"loss", "wa", "ua", "answers", "heard", "read"} <= reading.keys() <= KNOWN
        assert not np.isnan(list(reading.values())).any()


def test_a_part_is_read_alone_without_changing_the_run(part):
    both, alone = (
        curves.train_watched(part, part.recipe, seed=0, read_at=(2,), read=read)[1]
        for read in (("train", "val"), ("val",))
    )
    assert alone["loss"] == both["loss"] and alone["norm"] == both["norm"]
    assert alone["readings"] == [{"update": at["update"], "val": at["val"]} for at in both["readings"]]


def test_a_reading_has_the_intervals_that_are_asked_for(part):
    model, plain = curves.train_watched(part, part.recipe, seed=0, read_at=(), read=["val"])
    _, wide = curves.train_watched(part, part.recipe, seed=0, read_at=(), read=["val"], intervals=True)
    bare, whole = plain["readings"][-1]["val"], wide["readings"][-1]["val"]
    assert {name: whole[name] for name in bare} == bare
    for name in ("heard", "read"):
        truth, logits = curves.answers(model, part, part.split.val, curves.SILENT[name])
        ends = bootstrap_interval(truth, logits.argmax(1), len(part.labels), "ua")
        assert (whole[f"{name}_low"], whole[f"{name}_high"]) == pytest.approx(ends, abs=1e-4)


def test_what_is_silenced_changes_nothing_any_more(part):
    model, _ = curves.train_watched(part, part.recipe, seed=0, read_at=())
    ids = part.split.val
    truth, logits = curves.answers(model, part, ids, ("audio",))
    batch = part.store.batch(ids, part.labels)
    louder = silenced(batch.but(mel=batch.mel + 3 * batch.mel_mask[..., None]), "audio")
    assert truth.tolist() == batch.labels.tolist()
    assert np.allclose(model.eval()(louder).logits.detach(), logits, atol=1e-4)
    assert not np.allclose(curves.answers(model, part, ids)[1], logits, atol=1e-4)


def test_a_draw_is_of_the_training_part_and_another_for_each_seed(part):
    one, same, other = (curves.some(part.split, 20, seed) for seed in (0, 0, 1))
    assert set(one.train) < set(part.split.train) and one == same and one.train != other.train
    assert one.val == part.split.val
    assert len(curves.some(part.split, 10_000, 0).train) == len(part.split.train)


def test_what_is_recorded_is_not_made_again(part, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(curves, "prepare", lambda *args, **named: part)
    monkeypatch.setattr(curves, "planned", lambda *args: [("plain", 300, 0), ("simple", 300, 0)])
    monkeypatch.setattr(curves, "_made", lambda part, arm, seed: made.append(arm) or {"scores": {"x": {"wa": 1.0}}})
    file = tmp_path / "curves.json"
    first = curves.make_records(file=file)
    assert curves.make_records(file=file) == first == curves.recorded_curves(file)
    assert made == ["plain", "simple"]
    monkeypatch.setattr(curves, "WINDOW", 11)
    with pytest.raises(RecordError, match="other settings"):
        curves.recorded_curves(file)


def test_the_committed_record_has_the_ends_of_the_curve():
    kept = curves.recorded_curves()
    readings, simple = curves.readings_of(kept), curves.simple_of(kept)
    for arm in curves.AT_EVERY_SIZE:
        assert {300, curves.WHOLE} <= set(readings[readings["arm"] == arm]["size"])
    assert set(readings["part"]) == {"train", "val"}
    assert simple["wa"].between(0, 1).all()
