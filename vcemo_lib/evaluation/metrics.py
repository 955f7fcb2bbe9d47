"""Accuracy, recall and F1 by their exact definitions; intervals and tests that say whether a difference is noise.

WA ("weighted accuracy") is plain accuracy; UA ("unweighted accuracy") is the mean of the class recalls.
Paper §4.2; what is meant by F1 is A5.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ..errors import VcemoError

IN_WORDS = {"wa": "accuracy", "ua": "mean recall", "f1_weighted": "F1", "f1_macro": "macro F1"}
ROUNDS = 1000  # draws of a bootstrap


class MetricError(VcemoError):
    """Predictions that cannot be measured."""


def confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """(C, C) counts; rows are the truth, columns what was predicted.

    Raises:
        MetricError: a class number outside 0 … C − 1.
    """
    try:
        cells = np.ravel_multi_index((truth, predicted), (n_classes, n_classes))
    except ValueError:
        raise MetricError(
            f"a class number outside of the {n_classes} classes, among {sorted({*truth, *predicted})[:9]}: give 0 to "
            f"{n_classes - 1}, in the label order of the task"
        ) from None
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def scores(matrix: np.ndarray) -> dict[str, float]:
    """WA, UA, weighted and macro F1 of a confusion matrix (rows = truth).

    A class without examples is left out of UA and of both F1 means.

    >>> {k: round(v, 4) for k, v in scores(np.array([[8, 2], [1, 1]])).items()}
    {'wa': 0.75, 'ua': 0.65, 'f1_weighted': 0.7684, 'f1_macro': 0.6211}
    """
    support, predicted, hit = matrix.sum(1), matrix.sum(0), np.diag(matrix)
    there = support > 0
    recall = hit[there] / support[there]
    # F1 = 2 · precision · recall / (precision + recall) = 2 hit / (support + predicted)
    f1 = 2 * hit[there] / (support + predicted)[there]
    return {
        "wa": float(hit.sum() / support.sum()),
        "ua": float(recall.mean()),
        "f1_weighted": float((f1 * support[there]).sum() / support.sum()),
        "f1_macro": float(f1.mean()),
    }


def recalls(matrix: np.ndarray, labels: Sequence[str]) -> dict[str, float | None]:
    """Recall of each class; None where the class has no example."""
    support = matrix.sum(1)
    return {name: float(matrix[i, i] / support[i]) if support[i] else None for i, name in enumerate(labels)}


def bootstrap_interval(
    truth: np.ndarray,
    predicted: np.ndarray,
    n_classes: int,
    metric: str = "wa",
    groups: np.ndarray | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile interval of a metric of class numbers truth and predicted, (N,) each.

    Args:
        metric: a key of `scores`.
        groups: speaker of each utterance. Where given, whole speakers are drawn, since one speaker's utterances
            are not independent of each other; otherwise single utterances are drawn.
    """
    rng = np.random.default_rng(seed)
    units = np.arange(len(truth)) if groups is None else np.unique(groups, return_inverse=True)[1]
    n = units.max() + 1
    matrices = np.zeros((n, n_classes, n_classes))  # of each unit; a draw sums them with how often each was drawn
    np.add.at(matrices, (units, truth, predicted), 1)
    drawn = (np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(rounds))
    return middle([scores(np.tensordot(often, matrices, 1))[metric] for often in drawn])


def middle(values: Sequence[float]) -> tuple[float, float]:
    """The percentiles between which 95 % of the values lie."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def mcnemar(truth: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Exact two-sided p-value that two classifiers err equally often on the same utterances."""
    from scipy.stats import binomtest  # only where it is used: 40 MB that a training does without

    only_a, only_b = int(((a == truth) & (b != truth)).sum()), int(((a != truth) & (b == truth)).sum())
    return 1.0 if only_a + only_b == 0 else float(binomtest(only_a, only_a + only_b, 0.5).pvalue)


def paired_bootstrap(difference: Callable[[np.ndarray], float], n: int) -> tuple[float, float]:
    """95 % interval of `difference(rows)` over draws of n rows: is a minus b on the same utterances."""
    rng = np.random.default_rng(0)
    return middle([difference(rng.integers(0, n, n)) for _ in range(ROUNDS)])


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean of values (n,): `paired_bootstrap` of it, all rounds at once."""
    draws = np.random.default_rng(0).integers(0, len(values), (ROUNDS, len(values)))
    return middle(values[draws].mean(1))


def crossed_draws(values: np.ndarray) -> np.ndarray:
    """(ROUNDS,) means of values (N, K) over draws of N rows and of K columns: the pigeonhole bootstrap.

    Rows are test utterances, columns runs (seeds, or folds, NaN where a fold did not test an utterance): a mean over
    both would be another with other utterances and with other runs. Its spread is right or a little too wide where
    there are many of both (Owen 2007, "The pigeonhole bootstrap", Annals of Applied Statistics 1). Of three or five
    runs an interval of 95 % holds the mean 93 times in 100 or more where the runs bring up to half of its variance, and
    86 times where they bring four fifths (simulated, 300 rows).
    """
    rng, (n, k) = np.random.default_rng(0), values.shape
    drawn = ((rng.integers(0, n, n), rng.integers(0, k, k)) for _ in range(ROUNDS))
    return np.array([np.nanmean(values[np.ix_(rows, columns)]) for rows, columns in drawn])


def seeds_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean of a few values (n,), one a seed: mean ± t · deviation / √n, of one value itself.

    Of ten values a percentile bootstrap holds the mean nine times in ten only; Student's t nineteen in twenty.
    """
    from scipy.stats import t

    n, mean = len(values), values.mean()
    half = t.ppf(0.975, n - 1) * values.std(ddof=1) / n**0.5 if n > 1 else 0.0
    return float(mean - half), float(mean + half)


def share_interval(counts: np.ndarray, of: np.ndarray | int) -> pd.DataFrame:
    """Shares counts / of with their 95 % intervals after Wilson (1927): columns `mean`, `low`, `high`.

    Args:
        counts: (n,) how often, each at most its `of`, which is 1 or more.
    """
    from scipy.stats import binomtest

    counts, of = np.broadcast_arrays(counts, of)
    ends = [binomtest(int(k), int(n)).proportion_ci(method="wilson") for k, n in zip(counts, of, strict=True)]
    return pd.DataFrame({"mean": counts / of, "low": [e.low for e in ends], "high": [e.high for e in ends]})
