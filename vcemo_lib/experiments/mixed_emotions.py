"""Losses where an utterance holds two emotions and five annotators disagree: VCEMO-Sim's part *mixed* (Paper §3.4).

The paper lets SupCon "diminish the influence of multiple emotions". Here the mixture is planted, so that not the
answers alone but the probabilities can be judged. All losses but the last are told the majority of the votes; the last
is told how the five votes are shared. "Two views" sees each utterance twice, each time augmented anew, as SupCon does,
without contrast: it is what each loss is held against. Words, voice and BERT are read; the last state is asked.

    python -m vcemo_lib.experiments.mixed_emotions     # writes results/mixed_losses.json
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ..config import MODALITIES
from ..data.batch import Batch
from ..data.corpora import load_corpus
from ..data.corpus import Corpus
from ..data.features import FeatureStore
from ..evaluation.calibration import expected_calibration_error
from ..evaluation.metrics import crossed_draws, middle
from ..paths import RESULTS
from .probes.loop import Plan, answers, train, two_parts
from .probes.synthetic import hide_words
from .real_records import told_gain, write_lines
from .together import EFFECTS, RECIPE

STEP = 4  # frames made one
HIDDEN, NOISE = 0.7, 0.3  # in training: the share of words hidden, the deviation of the noise on the frames
# There are 280 clips to learn from: prosody in place of the mel, as for the irony part, and whatever keeps a model from
# learning them by heart, chosen on validation with two views (results/TRIALS.md).
READ = RECIPE.but(
    **EFFECTS["irony"], modalities=MODALITIES, n_classes=4, bert_pooling="mean", d=32, d_ff=64, dropout=0.5
)
PLAIN, TWO_VIEWS, VOTES = "cross-entropy", "cross-entropy, two views", "all votes"
PAPER = "SupCon, α = 0.1, τ = 1 (paper)"
ARMS = {
    TWO_VIEWS: {"two_views": True},
    PLAIN: {},
    PAPER: {"two_views": True, "alpha": 0.1},
    "SupCon, α = 1, τ = 0.1": {"two_views": True, "alpha": 1.0, "temperature": 0.1},
    "label smoothing 0.1": {"two_views": True, "smoothing": 0.1},
    VOTES: {"two_views": True, "soft": True},
}
SCORES = ("accuracy", "calibration error", "cross-entropy", "Brier")


def augmented(batch: Batch, rng: Generator) -> Batch:
    """One view: most of the word vectors are set to zero, and noise is on the frames of the voice."""
    batch = hide_words(batch, rng, HIDDEN)
    return batch.but(mel=batch.mel + NOISE * torch.randn(batch.mel.shape, generator=rng) * batch.mel_mask[..., None])


PLAN = Plan(updates=200, batch_size=32, learning_rate=1e-3, view=augmented)


def slowed(batch: Batch) -> Batch:
    """The mean of every four frames as one, of 80 ms, in which an LSTM takes a third of the time."""
    sound, mask = batch.mel, batch.mel_mask[..., None].float()
    mel, kept = (F.pad(x, (0, 0, 0, -x.shape[1] % STEP)).unflatten(1, (-1, STEP)) for x in (sound * mask, mask))
    count = kept.sum(2)  # (B, T / 4, 1)
    return batch.but(mel=mel.sum(2) / count.clamp(min=1), mel_mask=count[..., 0] > 0)


def parts(corpus: Corpus, store: FeatureStore) -> tuple[Batch, Batch]:
    """The training and the test part, each as one batch, with the mixture `soft` and the `shares` of the votes."""

    def truth(rows: pd.DataFrame) -> dict[str, Tensor]:
        shares = np.array([[votes.split().count(c) for c in corpus.labels] for votes in rows["votes"]]) / 5
        return {"soft": torch.tensor(np.stack(rows["soft"])).float(), "shares": torch.tensor(shares).float()}

    return tuple(map(slowed, two_parts(corpus, store, truth)))


def judged(logits: Tensor, test: Batch) -> dict[str, np.ndarray | float]:
    """Per clip: whether the majority is named, cross-entropy (nats) and Brier's score against the planted mixture.

    −Σ_c q_c log p_c and Σ_c (p_c − q_c)²; of all clips the calibration error of the answer.
    """
    p, soft = logits.softmax(1), test["soft"]
    return {
        "accuracy": 100.0 * (p.argmax(1) == test.labels).numpy(),
        "cross-entropy": -(soft * logits.log_softmax(1)).sum(1).numpy(),
        "Brier": (p - soft).square().sum(1).numpy(),
        "calibration error": 100 * expected_calibration_error(p.numpy(), test.labels.numpy()),
    }


def compare_mixed(
    corpus: Corpus, seeds: Sequence[int] = (0, 1, 2), plan: Plan = PLAN, say: Callable[[str], None] = lambda line: None
) -> dict[str, dict]:
    """A line a loss: mean over the seeds, what it gains over two views alone, interval over clips and seeds."""
    store = FeatureStore(corpus, READ.features, READ.model.reads)
    model, (fit, test) = READ.but(**store.widths).model, parts(corpus, store)
    results: dict[str, list[dict]] = {name: [] for name in ARMS}
    for seed, (name, change) in product(seeds, ARMS.items()):
        logits = answers(train(model, fit, replace(plan, **change), seed), test).logits
        results[name].append(judged(logits, test))
        say(f"seed {seed}, {name}: {results[name][-1]['accuracy'].mean():.1f}")
    return {name: _line(runs, results[TWO_VIEWS]) for name, runs in results.items()}


def _line(runs: list[dict], control: list[dict]) -> dict[str, float | int | list]:
    line = {name: _round(np.mean([np.mean(run[name]) for run in runs])) for name in SCORES}
    for name, prefix in (("accuracy", ""), ("cross-entropy", "cross-entropy ")):
        gain = np.stack([run[name] - its[name] for run, its in zip(runs, control, strict=True)], 1)  # (clips, seeds)
        low, high = middle(crossed_draws(gain))
        line |= {f"{prefix}{what}": _round(v) for what, v in (("gain", gain.mean()), ("low", low), ("high", high))}
    by_seed = [_round(run["accuracy"].mean()) for run in runs]
    return line | {"texts": len(runs[0]["accuracy"]), "seeds": len(runs), "by seed": by_seed}


def _round(value: float) -> float:
    return round(float(value), 3)


def mixed_table(lines: dict[str, dict]) -> pd.DataFrame:
    """The lines of `compare_mixed`, or of its record, as a table."""
    frame = pd.DataFrame(lines).T
    table = pd.DataFrame({name: frame[name].map(f"{{:.{1 if name in SCORES[:2] else 3}f}}".format) for name in SCORES})
    table["accuracy beside two views"] = [*map(told_gain, lines.values())]
    table["cross-entropy beside two views"] = [told_gain(line, "cross-entropy ", 3) for line in lines.values()]
    return table.rename_axis("loss")


if __name__ == "__main__":
    torch.set_num_threads(1)
    clips = load_corpus("vcemo_sim_mixed")
    made = compare_mixed(clips, say=lambda line: print(line, flush=True))
    print(mixed_table(write_lines(RESULTS / "mixed_losses.json", clips, made)).to_string())
