"""Several emotions in a text: what a loss is told, how an answer is judged, and what the record says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from vcemo_lib.data.corpora import brighter
from vcemo_lib.data.corpora.card import build
from vcemo_lib.data.corpus import UNNAMED
from vcemo_lib.experiments.marked_texts import (
    ARMS,
    BESIDE,
    MODEL,
    PAPER,
    PLAIN,
    PLAN,
    SIGMOID,
    drawn,
    judged,
    loss_table,
    marked,
    simple_logits,
)
from vcemo_lib.experiments.probes.loop import train
from vcemo_lib.experiments.probes.synthetic import utterances
from vcemo_lib.experiments.real_records import read_lines
from vcemo_lib.paths import RESULTS

BRIGHTER = Path(__file__).parents[3] / "shared" / "data" / "brighter_chn"


def test_a_label_is_one_of_the_marks_and_each_comes_as_often():
    marks = torch.tensor([[1.0, 0, 1, 0]]).repeat(4000, 1)
    labels = drawn(marks, 0)
    assert set(labels.tolist()) == {0, 2}
    assert (labels == 0).float().mean().item() == pytest.approx(0.5, abs=0.03)
    assert torch.equal(labels, drawn(marks, 0)) and not torch.equal(labels, drawn(marks, 1))


def test_an_answer_is_right_where_it_is_marked():
    marks = torch.tensor([[1.0, 1, 0], [0, 1, 0], [0, 0, 1]])
    logits = torch.tensor([[0.0, 5, 0], [5.0, 0, 0], [0, 0, 5.0]])
    scores = judged(logits, marks, sigmoid=False)
    assert scores["right"].tolist() == [1, 0, 1]
    sure = logits.softmax(1).amax(1).mean().item()
    assert scores["calibration error"] == pytest.approx(abs(2 / 3 - sure), abs=1e-6)
    assert judged(torch.where(marks > 0, 4.0, -4.0), marks, sigmoid=True)["ranking"] == 1


def test_a_view_hides_whole_words_and_nothing_else():
    batch = utterances(torch.ones(50, 6, 16), torch.ones(50, 12, 8), torch.zeros(50, dtype=torch.long))
    words = PLAN.view(batch, torch.Generator().manual_seed(0)).words
    assert set(words.flatten().tolist()) == {0.0, 1.0}
    assert (words.std(2) == 0).all()
    assert 0.1 < (words[..., 0] == 0).float().mean() < 0.3


@pytest.mark.parametrize("name", ARMS)
def test_every_loss_learns_marks_that_stand_in_the_words(name):
    rng = torch.Generator().manual_seed(0)
    marks = (torch.rand(200, MODEL.n_classes, generator=rng) < 0.3).float()
    marks[marks.sum(1) == 0, 0] = 1
    words = (4 * marks).repeat_interleave(3, 1)[:, None].repeat(1, 4, 1)
    batch = utterances(words, torch.zeros(200, 8, 8), drawn(marks, 0), torch.zeros(200, 8), marks=marks)
    sizes = replace(MODEL, word_dim=words.shape[2], bert_dim=8, d=16, n_heads=2, d_ff=16, dropout=0.0)
    model = train(sizes, batch, replace(PLAN, updates=40, learning_rate=1e-2, **ARMS[name]), 0)
    with torch.no_grad():
        scores = judged(model(batch).logits, marks, name == SIGMOID)
    assert scores["right"].mean() > 0.8  # by chance about a third


def test_simple_classifiers_are_told_the_drawn_marks_and_asked_the_test_part():
    """Every text has the commonest mark, two of three another, which their letters tell: who reads ranks it second."""
    labels, parts = brighter.CARD.classes, ["train"] * 60 + ["val"] * 12 + ["test"] * 12
    rows = [
        {"id": f"t{k}", "text": "气哭笑"[k % 3] * 2 + "你我他"[k % 2], "split": part} for k, part in enumerate(parts)
    ]
    marks = pd.DataFrame([[int(n == k % 3 or n == 0) for n in range(len(labels))] for k in range(len(parts))])
    frame = pd.DataFrame(rows).join(marks.set_axis(labels, axis=1))
    corpus = build(brighter.CARD, frame.assign(label=labels[0], audio=None, speaker=UNNAMED))
    said = {
        name: judged(logits, torch.tensor(marks[72:].to_numpy()).float(), sigmoid=False)
        for name, logits in simple_logits(corpus, 0).items()
    }
    assert [said[name]["right"].mean() for name in BESIDE] == [1, 1]
    assert [said[name]["ranking"] for name in BESIDE] == pytest.approx([(4 + 4 + (1 + 2 / 3) * 2) / 12, 1])


@pytest.mark.skipif(not BRIGHTER.is_dir(), reason="shared/data/brighter_chn is not here")
def test_the_record_is_of_the_real_texts():
    corpus = marked(BRIGHTER)
    text = (RESULTS / "brighter_losses.json").read_text(encoding="utf-8")
    assert corpus.hash in text
    lines = read_lines(RESULTS / "brighter_losses.json")
    assert list(lines) == [*ARMS, *BESIDE]
    several = (corpus.frame.loc[corpus.frame["split"] == "test", list(corpus.labels)].sum(axis=1) > 1).mean()
    for line in lines.values():
        mean = (1 - several) * line["of one mark"] + several * line["of several marks"]
        assert mean == pytest.approx(line["answer is a mark"], abs=0.15)
        assert np.mean(line["by seed"]) == pytest.approx(line["answer is a mark"], abs=0.1)
        assert line["answer is a mark"] - lines[PLAIN]["answer is a mark"] == pytest.approx(line["gain"], abs=0.15)
    assert len(loss_table(lines).loc[PAPER]) == 6
