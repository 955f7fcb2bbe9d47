"""Training: it can learn, goes on after a kill as if nothing had been, and keeps the test part for one look."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from vcemo_lib import provenance
from vcemo_lib.errors import VcemoError
from vcemo_lib.training import run as train
from vcemo_lib.training import trainer
from vcemo_lib.training.run import fit, predict
from vcemo_lib.training.sampling import draw_batches
from vcemo_lib.training.schedule import rate_at
from vcemo_lib.training.trainer import Trainer, TrainError


@pytest.fixture
def contrast(small):
    return small.but(alpha=0.1)


@pytest.mark.parametrize("alpha", [0.0, 0.1], ids=["cross-entropy", "SupCon"])
def test_eight_utterances_are_learnt_by_heart(store, split, small, alpha):
    few = replace(split, train=split.train[:8])
    recipe = small.but(alpha=alpha, dropout=0.0, learning_rate=1e-2, weight_decay=0.0)
    store.augment(few.train)
    trainer = Trainer(store, few, recipe, 0)
    for _ in range(60):
        last = trainer.run_epoch()
        truth, logits = predict(trainer.model, store, few.train, recipe)
        if (logits.argmax(1) == truth).all() and last["ce"] < 0.1:
            break
    assert len(set(truth)) > 1
    assert (logits.argmax(1) == truth).all()
    assert ("supcon" in last) == (alpha > 0)


class Killed(Exception):
    pass


def kill_at(epoch):
    def stop(line):
        if line["epoch"] == epoch:
            raise Killed

    return stop


def test_a_killed_run_goes_on_with_the_same_result(store, split, contrast, tmp_path):
    recipe = contrast.but(epochs=3, schedule="cosine", mask_bands=4, mask_frames=10, shift_bands=2, stretch_frames=0.1)
    whole = fit(store, split, recipe, 3, tmp_path / "whole")
    with pytest.raises(Killed):
        fit(store, split, recipe, 3, tmp_path / "killed", kill_at(2))
    before = torch.load(tmp_path / "killed" / "checkpoint.pt", weights_only=True)["seconds"]
    seen = []
    resumed = fit(store, split, recipe, 3, tmp_path / "killed", seen.append)
    assert [line["epoch"] for line in seen] == [3]
    assert resumed.seconds > before > 0  # the time before the kill counts too
    assert resumed.best_epoch == whole.best_epoch
    exact = not torch.cuda.is_available()  # a GPU adds in an order that changes from run to run
    for mine, theirs in zip(resumed.history, whole.history, strict=True):
        assert mine == pytest.approx(theirs, rel=0 if exact else 1e-3, abs=0)
    last = [torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("whole", "killed")]
    for part in ("model", "queue", "momentum_encoder", "best_state"):
        for name, value in last[0][part].items():
            assert torch.equal(value, last[1][part][name]) or not exact, (part, name)


def test_a_checkpoint_of_another_run_and_a_damaged_one_are_sentences(store, split, small, tmp_path):
    with pytest.raises(Killed):
        fit(store, split, small, 0, tmp_path, kill_at(1))
    with pytest.raises(
        TrainError, match="checkpoint.pt: the checkpoint belongs to another recipe, corpus, split or seed"
    ):
        fit(store, split, small, 1, tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes((tmp_path / "checkpoint.pt").read_bytes()[:1000])
    with pytest.raises(TrainError, match="checkpoint.pt cannot be read .*delete it"):
        fit(store, split, small, 0, tmp_path)


@pytest.mark.parametrize("unit, last", [("epochs", 1 + 5 / 6), ("updates", 2 * 6 - 1)])
def test_the_rate_follows_its_schedule_from_epoch_to_epoch(store, split, small, unit, last):
    total = 4 if unit == "epochs" else 24
    recipe = small.but(schedule="cosine", learning_rate=1e-2, step_unit=unit, epochs=total, copies=0)
    trainer = Trainer(store, split, recipe, 0)
    lines = [trainer.run_epoch() for _ in range(2)]
    assert [line["updates"] for line in lines] == [6, 6]
    assert trainer.optimiser.rate == pytest.approx(1e-2 * rate_at(last / total, "cosine"))
    plain = Trainer(store, split, recipe.but(schedule="constant"), 0)
    plain.run_epoch()
    assert plain.optimiser.rate == 1e-2


@pytest.mark.parametrize(("epochs", "least", "expected"), [(3, 0, 3), (3, 18, 3), (2, 18, 3), (2, 19, 4), (1, 1, 1)])
def test_a_small_corpus_gets_as_many_epochs_as_make_its_updates(store, split, small, epochs, least, expected):
    recipe = small.but(epochs=epochs, min_updates=least, schedule="cosine")  # 48 utterances, six batches an epoch
    run = fit(store, split, recipe)
    assert len(run.history) == expected
    assert sum(line["updates"] for line in run.history) >= least
    trainer = Trainer(store, split, recipe, 0)
    trainer.run_epoch()
    rate = recipe.learning_rate * rate_at((5 / 6) / expected, "cosine")
    assert trainer.optimiser.rate == pytest.approx(rate)


def test_no_utterance_is_left_out_of_every_epoch(small):
    ids, lengths, rng = [str(k) for k in range(54)], np.arange(54), np.random.default_rng(0)
    recipe = small.but(batch_size=32, imbalance="none")
    epochs = [draw_batches(ids, lengths, ["sad"] * 54, recipe, rng) for _ in range(300)]
    read = Counter(i for epoch in epochs for batch in epoch for i in batch)
    assert set(read) == set(ids)  # also the longest, although a batch is of utterances of about equal lengths
    assert 130 < min(read.values()) < max(read.values()) < 230  # 32 of 54 in each epoch: 178 of 300


@pytest.mark.parametrize(("least", "passes"), [(0, 1), (6, 1), (7, 2), (13, 3)])
def test_an_epoch_reads_a_small_training_part_as_often_as_makes_its_updates(store, split, small, least, passes):
    recipe = small.but(epochs=1, epoch_updates=least, min_updates=36)  # 48 utterances, six batches a pass
    trainer = Trainer(store, split, recipe, 0)
    assert trainer.planned == 6 // passes
    batches = trainer._batches(np.random.default_rng(0))
    read = Counter(i for batch in batches for i in batch)
    assert (read.total(), max(read.values())) == (48 * passes, passes)  # of each pass a short last batch is dropped


def test_no_gradient_is_longer_than_the_clip(store, split, small, monkeypatch):
    lengths, recipe = [], small.but(copies=0, clip=0.01)
    trainer = Trainer(store, split, recipe, 0)
    before = trainer.optimiser.step

    def measured():
        gradients = [p.grad.flatten() for p in trainer.model.parameters() if p.grad is not None]
        lengths.append(torch.cat(gradients).norm().item())
        before()

    monkeypatch.setattr(trainer.optimiser, "step", measured)
    trainer.run_epoch()
    assert len(lengths) == 6
    assert max(lengths) == pytest.approx(0.01, rel=1e-3)


def test_a_checkpoint_of_another_split_or_corpus_is_refused(store, corpus, split, small):
    saved = Trainer(store, split, small, 0).snapshot()
    other = replace(split, train=split.train[1:])
    with pytest.raises(TrainError, match="another recipe, corpus, split or seed"):
        Trainer(store, other, small, 0).restore(saved)
    Trainer(store, split, small, 0).restore(saved)


def test_a_checkpoint_of_other_code_is_refused(store, split, small, monkeypatch):
    saved = Trainer(store, split, small, 0).snapshot()
    assert len(provenance.code_version()) == 10
    monkeypatch.setattr(trainer, "code_version", lambda: "another")
    with pytest.raises(TrainError, match="made by another version of the code: use another folder or delete it"):
        Trainer(store, split, small, 0).restore(saved)


def test_a_seed_decides_the_run(store, split, contrast):
    split = replace(split, train=split.train[:16])
    runs = [fit(store, split, contrast.but(epochs=1), seed).history for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_a_checkpoint_of_another_recipe_or_seed_is_not_taken(store, split, small, tmp_path):
    fit(store, split, small.but(epochs=1), 0, tmp_path)
    with pytest.raises(TrainError, match="another recipe, corpus, split or seed"):
        fit(store, split, small.but(epochs=1, learning_rate=0.1), 0, tmp_path)
    with pytest.raises(TrainError, match="another recipe, corpus, split or seed"):
        fit(store, split, small.but(epochs=1), 1, tmp_path)


def test_the_best_validation_epoch_is_kept(store, split, small):
    run = fit(store, split, small.but(epochs=3, learning_rate=1e-2), 1)
    values = [line["val_wa"] for line in run.history]
    assert run.best_epoch == 1 + int(np.argmax(values))
    truth, logits = run.predict("val")
    assert (truth == logits.argmax(1)).mean() == pytest.approx(max(values))


def test_the_test_part_is_read_once(store, split, small):
    run = fit(store, split, small.but(epochs=1))
    truth, logits = run.predict("test")
    assert len(truth) == len(split.test)
    assert logits.shape == (len(truth), 6)
    run.predict("val"), run.predict("val")
    with pytest.raises(train.TestReadTwiceError, match="second look"):
        run.predict("test")


def test_predictions_come_in_the_order_of_the_ids(store, split, small, corpus):
    run = fit(store, split, small.but(epochs=1))
    ids = split.train[:11]
    truth, logits = predict(run.model, store, ids, small)
    emotion = corpus.frame.set_index("id")["emotion"]
    assert [run.labels[k] for k in truth] == emotion.loc[list(ids)].tolist()
    one = predict(run.model, store, ids[4:5], small)[1]
    np.testing.assert_allclose(one[0], logits[4], atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"segmenter": "char"}, "other settings"),
        ({"n_fft": 1024}, "other settings"),
        ({"copies": 2}, "other settings"),
        ({"bert_dim": 768}, r"recipe.but\(bert_dim=256\)"),
        ({"n_clases": 4}, "no field 'n_clases'"),
    ],
)
def test_a_recipe_that_does_not_fit_the_features_is_refused(store, split, small, changes, message):
    with pytest.raises(VcemoError, match=message):
        fit(store, split, small.but(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"modalities": ("words", "bert")}, {"moco": "queue"}, {"moco": "off"}, {"views": "dropout"}, {"views": "one"}, {"exclude_own": True},
        {"reduction": "sum"}, {"views": "one", "moco": "off"}, {"views": "dropout", "moco": "queue", "exclude_own": True},
    ],
    ids=str,
)  # fmt: skip
def test_every_reading_of_the_contrast_and_every_ablation_trains(store, split, contrast, changes):
    recipe = contrast.but(epochs=1, **changes)
    run = fit(store, replace(split, train=split.train[:16]), recipe)
    assert np.isfinite([run.history[0][k] for k in ("ce", "supcon", "loss")]).all()
    ce, sup, loss = (run.history[0][k] for k in ("ce", "supcon", "loss"))
    assert loss == pytest.approx((ce + 0.1 * sup) / 1.1, rel=1e-4)
