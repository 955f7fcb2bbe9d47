"""Records of a table's rows side by side: beside the paper's values, pooled over folds, and whether rows differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..evaluation.metrics import IN_WORDS, confusion, crossed_draws, mcnemar, middle, scores
from ..evaluation.power import detectable
from ..evaluation.records import same_protocol
from .experiment import Experiment, run
from .tables import Row, TableError, fitted


def run_rows(experiment: Experiment, rows: Sequence[Row], seeds: Sequence[int], folder: Path) -> dict[str, list[dict]]:
    """Records of every row and seed; what is recorded already is not run again."""
    return {row.name: [run(experiment, fitted(row, experiment), seed, folder) for seed in seeds] for row in rows}


def compare(
    records: dict[str, list[dict]],
    rows: Sequence[Row],
    metrics: Sequence[str],
    paper: slice = slice(None),
    varies: tuple[str, ...] = (),
) -> pd.DataFrame:
    """The table, per cent: each metric's mean ± standard deviation over the seeds beside the paper's value, if any."""
    same_protocol([record for name in records for record in records[name]], varies)
    lines = {}
    for row in rows:
        line = {}
        for metric, theirs in zip(metrics, row.paper[paper] or [None] * len(metrics), strict=True):
            values = 100 * np.array([record["scores"][metric] for record in records[row.name]])
            spread = f" ± {values.std(ddof=1):.1f}" if len(values) > 1 else ""
            if theirs is not None:
                line[f"{IN_WORDS[metric]} paper"] = f"{theirs:.2f}"
            line[f"{IN_WORDS[metric]} here"] = f"{values.mean():.1f}{spread}"
        lines[row.name] = line
    return pd.DataFrame(lines).T.rename_axis("model")


def pooled(records: Sequence[dict]) -> dict[str, float]:
    """Scores over the joined predictions of several folds (the mean of the folds' scores is another number)."""
    truth, predicted = (np.concatenate([r[k] for r in records]) for k in ("truth", "predicted"))
    return scores(confusion(truth, predicted, len(records[0]["labels"])))


def best_validation(record: dict) -> float:
    """The validation metric of the epoch that was chosen, 0 to 1: what one trial of a setting came to."""
    return max(epoch[f"val_{record['settings']['select_by']}"] for epoch in record["history"])


def by_seed(records: Sequence[dict]) -> list[dict]:
    """The folds of each seed as one record: their answers joined and scored together.

    Raises:
        TableError: an utterance was tested twice with one seed.
    """
    seeds = dict.fromkeys(record["seed"] for record in records)
    return [_joined([record for record in records if record["seed"] == seed]) for seed in seeds]


def _joined(folds: Sequence[dict]) -> dict:
    lists = ("test_ids", "truth", "predicted", "probabilities")
    joined = {key: [value for fold in folds for value in fold[key]] for key in lists}
    if len(set(joined["test_ids"])) < len(joined["test_ids"]):
        raise TableError("folds that are to be joined test an utterance twice: give those of one seed")
    same_protocol(list(folds), except_for=("split",))
    card = folds[0]["card"] | {"split": f"{len(folds)} folds, {' and '.join(folds[0]['card']['disjoint'])} in one only"}
    return folds[0] | joined | {"card": card, "scores": pooled(folds), "seconds": sum(f["seconds"] for f in folds)}


@dataclass(frozen=True)
class Gap:
    """By how many points of accuracy one row is better than another: mean over pairs of runs (seeds or folds).

    `low` and `high`: its 95 % interval over utterances and, where there are several pairs, over them. `seen`: the
    difference that so many utterances and runs show eight times in ten (`detectable`). `sure`: more than noise, that
    is, the interval leaves out 0, and no pair of runs points the other way.
    """

    mean: float
    low: float
    high: float
    seen: float
    sure: bool
    pairs: int


def gap_between(a: Sequence[dict], b: Sequence[dict], names: tuple[str, str] = ("a", "b")) -> Gap:
    """Records of the same test utterances, pair by pair (seeds or folds).

    The bootstrap draws utterances and pairs of runs (`crossed_draws`), since both could have been others.

    Raises:
        TableError: they were tested on other utterances.
    """
    pairs = list(zip(a, b, strict=True))
    for x, y in pairs:
        if x["test_ids"] != y["test_ids"]:
            raise TableError(f"{names[0]} and {names[1]} were tested on other utterances: compare runs of one split")
    gaps = [100 * (x["scores"]["wa"] - y["scores"]["wa"]) for x, y in pairs]
    draws = 100 * crossed_draws(pd.concat([right_of(x) - right_of(y) for x, y in pairs], axis=1).to_numpy(float))
    (low, high), seen = middle(draws), detectable(draws.std())
    sure = bool(min(low * high, min(gaps) * max(gaps)) > 0)
    return Gap(float(np.mean(gaps)), low, high, seen, sure, len(pairs))


def difference(a: Sequence[dict], b: Sequence[dict], names: tuple[str, str]) -> str:
    """One plain sentence: is a better than b by more than noise? See `Gap`; McNemar's exact test looks at each pair."""
    gap = gap_between(a, b, names)
    p = [mcnemar(*map(np.array, (x["truth"], x["predicted"], y["predicted"]))) for x, y in zip(a, b, strict=True)]
    over = "utterances and runs" if gap.pairs > 1 else "utterances"
    return (
        f"{names[0]} against {names[1]}: {gap.mean:+.1f} points of accuracy in {gap.pairs} pair(s) of runs, 95 % "
        f"interval over {over} {gap.low:+.1f} to {gap.high:+.1f}, McNemar p = {', '.join(f'{v:.2f}' for v in p)}; "
        f"{gap.seen:.1f} points could have been seen: {'more' if gap.sure else 'not more'} than noise."
    )


def right_of(record: dict) -> pd.Series:
    """1 for each test utterance that was recognised, 0 for the others, by id."""
    return pd.Series(np.equal(record["truth"], record["predicted"]).astype(int), index=record["test_ids"])
