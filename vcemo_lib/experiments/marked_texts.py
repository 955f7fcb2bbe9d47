"""Supervised contrast beside other losses where a text has several emotions: BRIGHTER's Chinese texts (Paper §3.4).

The paper lets SupCon "diminish the influence of multiple emotions". Here it is known which texts have several. A loss
that wants one label gets one of the marks, drawn by chance, as a corpus with one label an utterance has it; the sigmoid
gets them all. Words and BERT alone; there is no sound. "Two views" reads each text twice, with other words hidden,
as SupCon does, without contrast. Beside them stand simple classifiers that are told the same marks. Judged are the
official test texts with one mark or more.

Before, it is counted how often a text is felt to hold more than one emotion: the premise of SupCon.

    python -m vcemo_lib.experiments.marked_texts FOLDER     # writes brighter_marks.json and brighter_losses.json
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import label_ranking_average_precision_score
from torch import Tensor

from ..config import FeatureConfig, ModelConfig
from ..data.batch import Batch
from ..data.corpora import brighter, load_corpus
from ..data.corpora.card import build
from ..data.corpus import UNNAMED, Corpus
from ..data.features import FeatureStore
from ..evaluation.calibration import calibration_error
from ..evaluation.metrics import crossed_draws, middle
from ..evaluation.simple import MAJORITY, TEXT, simple_answers
from ..messages import only_argument
from ..paths import RESULTS
from ..recipes import LAPTOP
from .probes.loop import Plan, answers, train, two_parts
from .probes.synthetic import hide_words
from .real_records import told_gain, write_lines

READ, HIDDEN = ("words", "bert"), 0.2  # what is read; the share of words hidden in training
MODEL = ModelConfig(
    n_classes=len(brighter.MARKS), d=64, n_layers=1, n_heads=4, d_ff=128, dropout=0.3, length=20, modalities=READ,
    d_proj=64,
)  # fmt: skip
PLAIN, PAPER, SIGMOID = "cross-entropy", "SupCon, α = 0.1, τ = 1 (paper)", "sigmoid, all marks"
ARMS = {
    PLAIN: {},
    "cross-entropy, two views": {"two_views": True},
    PAPER: {"two_views": True, "alpha": 0.1},
    "SupCon, α = 1, τ = 0.1": {"two_views": True, "alpha": 1.0, "temperature": 0.1},
    "label smoothing 0.1": {"smoothing": 0.1},
    SIGMOID: {"sigmoid": True},
}
BESIDE = (MAJORITY, TEXT)  # simple classifiers, told the same marks
PLAN = Plan(updates=300, batch_size=64, learning_rate=1e-3, view=partial(hide_words, share=HIDDEN))
SEEDS = range(5)
SCORES = ("answer is a mark", "of one mark", "of several marks", "ranking", "calibration error")


def emotions_at_once(frame: pd.DataFrame) -> dict[str, dict]:
    """How many texts are marked for no emotion, one, two and more; which pairs; and how seldom each stands alone.

    Args:
        frame: as `brighter.table` gives it, with the six marks (0 or 1) and `marks`, how many are 1.
    """
    n, marked = len(frame), frame[frame["marks"] > 0]
    counts = frame["marks"].value_counts().sort_index()
    lines = {f"{k} marked": _share(count, n) for k, count in counts.items()}
    lines["two or more, of the texts with any"] = _share((marked["marks"] > 1).sum(), len(marked))
    for name in brighter.MARKS:
        its = frame[frame[name] == 1]
        lines[f"{name} beside another"] = _share((its["marks"] > 1).sum(), len(its))
    pairs = {f"{a} and {b}": int((frame[a] & frame[b]).sum()) for a, b in combinations(brighter.MARKS, 2)}
    common = sorted(pairs, key=pairs.get, reverse=True)[:5]
    return lines | {pair: _share(pairs[pair], len(marked)) for pair in common}


def _share(count: int, of: int) -> dict[str, float]:
    return {"texts": int(count), "of": int(of), "per cent": round(100 * float(count) / max(of, 1), 1)}


def marked(root: Path) -> Corpus:
    """All texts with a mark; the class of a text with several is the first of them, which `drawn` replaces."""
    frame = brighter.table(root)
    frame = frame[frame["marks"] > 0].reset_index(drop=True)
    label = frame[list(brighter.MARKS)].idxmax(axis=1)
    return build(brighter.CARD, frame.assign(label=label, audio=None, speaker=UNNAMED))


def parts(corpus: Corpus) -> tuple[Batch, Batch]:
    """The official training and test part, each as one batch; `marks` (N, 6) stand in its `others`."""
    store, labels = FeatureStore(corpus, FeatureConfig(text="text", max_tokens=MODEL.length), READ), list(corpus.labels)
    fit, test = two_parts(corpus, store, lambda rows: {"marks": torch.tensor(rows[labels].to_numpy()).float()})
    return fit, test


def drawn(marks: Tensor, seed: int) -> Tensor:
    """(N, C) marks → (N,) one of them by chance, as who gives one label would."""
    return marks.multinomial(1, generator=torch.Generator().manual_seed(seed))[:, 0]


def judged(logits: Tensor, marks: Tensor, sigmoid: bool) -> dict[str, np.ndarray | float]:
    """Per text: whether the answer is a mark. Of all: label ranking average precision, calibration error of the answer.

    Args:
        logits: (N, C) · marks: (N, C) of 0 and 1 · sigmoid: whether logits are those of C questions, or of one.
    """
    sure = (logits.sigmoid() if sigmoid else logits.softmax(1)).amax(1).numpy()
    right = marks.gather(1, logits.argmax(1, keepdim=True))[:, 0].numpy()
    ranking = label_ranking_average_precision_score(marks.numpy(), logits.numpy())
    return {"right": right, "ranking": float(ranking), "calibration error": calibration_error(sure, right, bins=10)}


def simple_logits(corpus: Corpus, seed: int) -> dict[str, Tensor]:
    """By name: log p (N, C) of a simple classifier for the test part, told the marks that the losses are told."""
    frame, labels = corpus.frame.copy(), np.array(corpus.labels)
    for _, rows in frame.groupby("split"):
        marks = torch.tensor(rows[list(labels)].to_numpy()).float()
        frame.loc[rows.index, "emotion"] = labels[drawn(marks, seed).numpy()]
    told, recipe = replace(corpus, frame=frame), LAPTOP.but(text="text", modalities=("words",), n_classes=len(labels))
    said = simple_answers(FeatureStore(told, recipe.features, ("words",)), brighter.CARD.split(told), recipe)
    return {name: torch.tensor(said[name].probabilities).clamp(min=1e-9).log() for name in BESIDE}


def compare_losses(corpus: Corpus, say: Callable[[str], None]) -> dict[str, dict]:
    """A line a loss or simple classifier: per cent, mean over the seeds; its gain over cross-entropy.

    The interval of the gain is over texts and seeds.
    """
    results: dict[str, list[dict]] = {name: [] for name in (*ARMS, *BESIDE)}
    fit, test = parts(corpus)
    sizes = replace(MODEL, word_dim=fit.words.shape[-1], bert_dim=fit.bert.shape[-1])
    for seed, (name, change) in product(SEEDS, ARMS.items()):
        labelled = fit.but(labels=drawn(fit["marks"], seed))
        logits = answers(train(sizes, labelled, replace(PLAN, **change), seed), test).logits
        results[name].append(judged(logits, test["marks"], name == SIGMOID))
        say(f"seed {seed}, {name}: {_percent(results[name][-1]['right'])}")
    for seed in SEEDS:
        for name, logits in simple_logits(corpus, seed).items():
            results[name].append(judged(logits, test["marks"], sigmoid=False))
    several = (test["marks"].sum(1) > 1).numpy()
    return {name: _line(runs, results[PLAIN], several) for name, runs in results.items()}


def _line(runs: list[dict], plain: list[dict], several: np.ndarray) -> dict[str, float | int | list]:
    each = np.stack([run["right"] for run in runs], 1)  # (texts, seeds)
    right, gain = each.mean(1), each - np.stack([run["right"] for run in plain], 1)
    low, high = middle(crossed_draws(gain))
    of_all = [np.mean([run[name] for run in runs]) for name in ("ranking", "calibration error")]
    values = (right.mean(), right[~several].mean(), right[several].mean(), *of_all, gain.mean(), low, high)
    line = {n: round(100 * float(v), 1) for n, v in zip((*SCORES, "gain", "low", "high"), values, strict=True)}
    return line | {"texts": len(right), "seeds": len(runs), "by seed": [_percent(run["right"]) for run in runs]}


def _percent(right: np.ndarray) -> float:
    return round(100 * float(right.mean()), 1)


def loss_table(lines: dict[str, dict]) -> pd.DataFrame:
    """The lines of `compare_losses`, or of its record, as a table."""
    frame = pd.DataFrame(lines).T
    gains = {"gain over cross-entropy": [*map(told_gain, lines.values())]}
    return frame[list(SCORES)].assign(**gains).rename_axis("loss, or simple classifier")


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder = Path(only_argument(__doc__))
    counts = emotions_at_once(brighter.table(folder))
    print(pd.DataFrame(write_lines(RESULTS / "brighter_marks.json", load_corpus("brighter", folder), counts)).T)
    texts = marked(folder)
    made = compare_losses(texts, say=lambda line: print(line, flush=True))
    print(loss_table(write_lines(RESULTS / "brighter_losses.json", texts, made)).to_string())
