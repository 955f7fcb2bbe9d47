"""Records of what was measured on real corpora by simple means, one line a question."""

from pathlib import Path

import numpy as np
import pandas as pd

from ..data.corpus import Corpus
from ..evaluation.metrics import bootstrap_interval, confusion, paired_bootstrap, scores
from ..evaluation.records import environment, write_rows
from ..storage import read_json


def write_lines(path: Path, corpus: Corpus, lines: dict[str, dict]) -> dict[str, dict]:
    """Write what was measured beside what it was measured on; returns the lines."""
    head = {"corpus": corpus.name, "corpus_hash": corpus.hash, "licence": corpus.licence, "environment": environment()}
    write_rows(path, head, "lines", lines)
    return lines


def read_lines(path: Path) -> dict[str, dict]:
    """The lines of a record, by what was asked."""
    return read_json(path)["lines"]


def told_gain(line: dict[str, float], prefix: str = "", digits: int = 1) -> str:
    """The gain of a line with its 95 % interval, such as "+1.2 (+0.3 to +2.1)"."""
    gain, low, high = (f"{line[prefix + name]:+.{digits}f}" for name in ("gain", "low", "high"))
    return f"{gain} ({low} to {high})"


def told(y: np.ndarray, p: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    """Accuracy with its 95 % interval over groups, mean recall, and the share of the commonest class; per cent."""
    said, n = p.argmax(1), p.shape[1]
    low, high = bootstrap_interval(y, said, n, groups=groups)
    metrics = scores(confusion(y, said, n))
    values = (metrics["wa"], low, high, metrics["ua"], np.bincount(y).max() / len(y))
    names = ("accuracy", "low", "high", "mean recall", "majority")
    return {name: round(100 * float(value), 1) for name, value in zip(names, values, strict=True)}


def over_scripts(values: np.ndarray, scripts: np.ndarray) -> dict[str, float]:
    """Per cent, the mean of values (N, K), a column a seed, with its 95 % interval over whole scripts and seeds."""
    sums, sizes = pd.DataFrame(values).groupby(scripts).sum().to_numpy(), pd.Series(scripts).value_counts().sort_index()
    sizes, k, rng = sizes.to_numpy(), values.shape[1], np.random.default_rng(1)

    def mean(rows: np.ndarray) -> float:
        return sums[np.ix_(rows, rng.integers(0, k, k))].sum() / sizes[rows].sum() / k

    low, high = paired_bootstrap(mean, len(sums))
    return {name: round(100 * float(v), 1) for name, v in (("accuracy", values.mean()), ("low", low), ("high", high))}


def told_over_seeds(y: np.ndarray, runs: list[np.ndarray], scripts: np.ndarray) -> dict[str, float | list]:
    """The accuracy of a model that was trained with several seeds: the mean, as `over_scripts`, and that of each."""
    right = np.stack([p.argmax(1) == y for p in runs], 1).astype(float)
    each = (100 * right.mean(0)).round(1).tolist()
    return over_scripts(right, scripts) | {"seeds": len(runs), "by seed": each}
