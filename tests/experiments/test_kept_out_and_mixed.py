"""Two studies on small parts of VCEMO-Sim: what is known of unmet words, and losses where two emotions are mixed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers.batches import random_batch
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.experiments import together
from vcemo_lib.experiments.mixed_emotions import ARMS, PLAN, READ, compare_mixed, judged, mixed_table, parts, slowed
from vcemo_lib.experiments.probes.loop import _loss
from vcemo_lib.experiments.together import BOTH, WORDS


def test_who_reads_spelling_alone_is_at_chance():
    record = together.ngram_record()
    assert 0.15 < record["scores"]["wa"] < 0.35  # of 192 texts, four classes


def test_accuracy_is_told_kind_by_kind(monkeypatch):
    frame = load_corpus("vcemo_sim_knowledge").frame
    test = frame[frame["split"] == "test"]
    truth = np.zeros(len(test), int)
    kept = [
        {"seed": seed, "test_ids": test["id"].tolist(), "truth": truth.tolist(), "predicted": said.tolist()}
        for seed, said in enumerate([truth, (test["kind"] == "idiom").to_numpy().astype(int)])
    ]
    monkeypatch.setattr(together, "together_records", lambda *_: {WORDS: kept})
    monkeypatch.setattr(together, "ngram_record", lambda: kept[0])
    row = together.knowledge_table().loc[WORDS]
    assert row[list(together.KINDS)].tolist() == [100.0, 50.0, 100.0, 100.0]  # of two seeds one misses all idioms
    assert (row["accuracy"], row["seeds"]) == (87.5, 2)


def test_the_sentence_says_how_far_bert_helps(monkeypatch):
    ids = [str(k) for k in range(40)]

    def run(right: int) -> dict:
        said = [0] * right + [1] * (40 - right)
        return {"seed": 0, "test_ids": ids, "truth": [0] * 40, "predicted": said, "scores": {"wa": right / 40}}

    monkeypatch.setattr(together, "together_records", lambda *_: {WORDS: [run(10)], BOTH: [run(30)]})
    assert "+50.0 points" in together.bert_helps() and together.bert_helps().endswith("BERT helps.")
    monkeypatch.setattr(together, "together_records", lambda *_: {WORDS: [run(10)], BOTH: [run(11)]})
    assert together.bert_helps().endswith("it is not shown that BERT helps.")


@pytest.fixture(scope="module")
def few():
    corpus = load_corpus("vcemo_sim_mixed")
    return corpus.select(corpus.frame.groupby("split").head(12)["id"])


def test_a_batch_brings_mixture_and_votes(few):
    fit, test = parts(few, FeatureStore(few, READ.features, ("words",)))
    assert len(fit) == len(test) == 12
    for batch in (fit, test):
        torch.testing.assert_close(batch["soft"].sum(1), torch.ones(12))
        torch.testing.assert_close(batch["shares"].sum(1), torch.ones(12))
        assert (batch["shares"].gather(1, batch.labels[:, None]) >= 0.4).all()  # the majority has two votes at least


def test_a_slow_frame_is_the_mean_of_four_that_are_there():
    batch = random_batch(frames=(6, 3), tokens=(2, 1))
    slow = slowed(batch)
    assert slow.mel.shape == (2, 2, 20) and slow.mel_mask.tolist() == [[True, True], [True, False]]
    torch.testing.assert_close(slow.mel[0, 1], batch.mel[0, 4:6].mean(0))
    torch.testing.assert_close(slow.mel[1, 0], batch.mel[1, :3].mean(0))


def test_the_loss_of_all_votes_is_their_mean():
    batch = replace(random_batch(), others={})
    logits = torch.randn(len(batch), 4)
    votes = torch.randint(4, (len(batch), 5))
    shares = torch.nn.functional.one_hot(votes, 4).float().mean(1)
    each = torch.stack([torch.nn.functional.cross_entropy(logits, votes[:, k]) for k in range(5)])
    loss = _loss(logits, replace(batch, others={"shares": shares}), replace(PLAN, soft=True))
    torch.testing.assert_close(loss, each.mean())


def test_the_planted_mixture_itself_has_its_entropy_and_no_brier_score(few):
    _, test = parts(few, FeatureStore(few, READ.features, ("words",)))
    soft = test["soft"].clamp(min=1e-7)
    scored = judged(soft.log(), test)
    entropy = -(soft * soft.log()).sum(1)
    np.testing.assert_allclose(scored["cross-entropy"], entropy, atol=1e-4)
    np.testing.assert_allclose(scored["Brier"], 0, atol=1e-6)
    worse = judged(torch.zeros(12, 4), test)
    np.testing.assert_allclose(worse["cross-entropy"], np.log(4), atol=1e-5)


def test_each_loss_is_held_against_two_views(few):
    lines = compare_mixed(few, seeds=(0,), plan=replace(PLAN, updates=1, batch_size=4))
    assert list(lines) == list(ARMS)
    control = next(iter(lines.values()))
    assert control["gain"] == control["cross-entropy gain"] == 0
    assert all(line["texts"] == 12 and line["seeds"] == 1 for line in lines.values())
    table = mixed_table(lines)
    assert table["accuracy beside two views"].iloc[0] == "+0.0 (+0.0 to +0.0)"
    assert list(table.columns[:4]) == ["accuracy", "calibration error", "cross-entropy", "Brier"]
