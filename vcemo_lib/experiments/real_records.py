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


def gain_over_scripts(gain: np.ndarray, scripts: np.ndarray) -> dict[str, float]:
    """The mean of gains (N,) −1, 0 or 1, per cent, with its 95 % interval over draws of whole scripts."""
    sums = pd.Series(gain).groupby(scripts).agg(["sum", "size"]).to_numpy()
    low, high = paired_bootstrap(lambda rows: sums[rows, 0].sum() / sums[rows, 1].sum(), len(sums))
    return {name: round(100 * float(v), 1) for name, v in (("accuracy", gain.mean()), ("low", low), ("high", high))}
