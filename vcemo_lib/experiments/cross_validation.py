"""Leave one session out: every fold of a corpus, both rules of choosing the epoch, and Table 2 (Paper §4.3; A7)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..data.splits import session_folds
from ..evaluation.metrics import IN_WORDS, confusion, scores
from ..evaluation.records import same_protocol
from .comparison import pooled
from .experiment import Experiment, run
from .tables import Row, TableError, fitted

# A7: which utterances choose the epoch. The paper's wording is the second, the honest rule the first.
RULES = {"inner validation": True, "held-out session": False}
METRICS = ("wa", "ua")


def run_folds(experiment: Experiment, row: Row, rule: str, seed: int, folder: Path) -> list[dict]:
    """Records of one row of a table, one a session left out, by a rule of `RULES`; recorded ones are not run again.

    Raises:
        TableError: there is no such rule.
    """
    if rule not in RULES:
        raise TableError(f"no rule {rule!r} of choosing the epoch: use one of {', '.join(RULES)}")
    recipe = fitted(row, experiment)
    folds = session_folds(experiment.corpus, "session", RULES[rule], seed)
    return [run(replace(experiment, split=fold, recipe=recipe), recipe, seed, folder) for fold in folds]


def summary(records: Sequence[dict]) -> dict[str, float]:
    """WA and UA, per cent: the mean over folds, its standard deviation, and the score of the pooled predictions.

    The two differ: folds differ in size, and UA divides by the classes of each fold. A paper should say which it gives.
    """
    same_protocol(list(records), except_for=("split",))
    joined, line = pooled(records), {}
    for metric in METRICS:
        values = 100 * np.array([record["scores"][metric] for record in records])
        line |= {metric: values.mean(), f"{metric} ±": values.std(ddof=1), f"{metric} pooled": 100 * joined[metric]}
    return {name: float(value) for name, value in line.items()}


def table_2(results: dict[tuple[str, str], list[dict]], rows: Sequence[Row]) -> pd.DataFrame:
    """One line a model and rule: the paper's WA and UA beside the mean of the folds and the pooled score, per cent.

    `results`: (row name, rule) → records of the folds.
    """
    paper = {row.name: row.paper for row in rows}
    lines = []
    for (name, rule), records in results.items():
        ours, line = summary(records), {"model": name, "epoch chosen on": rule}
        for metric, theirs in zip(METRICS, paper[name], strict=True):
            line |= {
                f"{IN_WORDS[metric]} paper": f"{theirs:.2f}",
                f"{IN_WORDS[metric]} here": f"{ours[metric]:.1f} ± {ours[f'{metric} ±']:.1f}",
                f"{IN_WORDS[metric]} pooled": f"{ours[f'{metric} pooled']:.1f}",
            }
        lines.append(line)
    return pd.DataFrame(lines).set_index("model")


def by_style(records: Sequence[dict], style_of: dict[str, str]) -> pd.DataFrame:
    """Pooled WA and UA, per cent, of the utterances of each style, such as IEMOCAP's improvised and scripted ones."""
    ids = np.concatenate([record["test_ids"] for record in records])
    truth, predicted = (np.concatenate([record[key] for record in records]) for key in ("truth", "predicted"))
    style, lines = np.array([style_of[i] for i in ids]), {}
    for name in sorted(set(style)):
        at = style == name
        measured = scores(confusion(truth[at], predicted[at], len(records[0]["labels"])))
        lines[name] = {"utterances": int(at.sum()), **{m: 100 * measured[m] for m in METRICS}}
    return pd.DataFrame(lines).T.rename_axis("style").astype({"utterances": int})
