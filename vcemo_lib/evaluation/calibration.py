"""A confidence that means something: of the answers given with probability p, about p should be right."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

BINS = 15
WIDEST = 20.0  # temperature: beyond it all classes are as likely


def temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The T > 0 by which softmax(logits / T) fits the truth best (Guo et al., *On calibration*, ICML 2017).

    t = (N + 1) / (N + 2);  T = argmin −Σ [ t · log p(truth) + (1 − t) · mean of log p(others) ]

    It changes no answer, only how sure it is. Fit it on the validation part: logits (N, C), class numbers truth (N,).
    The target t is Platt's (*Probabilistic outputs for support vector machines*, 1999): of a few clips that are all
    answered rightly it makes no certainty.
    """
    n, c = logits.shape
    right, target = np.eye(c, dtype=bool)[truth], (n + 1) / (n + 2)

    def loss(log_t: float) -> float:
        log_p = log_softmax(logits / np.exp(log_t), axis=1)
        return -(target * log_p[right].mean() + (1 - target) * log_p[~right].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-np.log(WIDEST), np.log(WIDEST)), method="bounded").x))


def expected_calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Σ_b n_b / N · |share right in b − mean confidence in b| over 15 bins of confidence of equal width (Guo et al.).

    Of probabilities (N, C) and class numbers truth (N,).
    """
    return calibration_error(probabilities.max(1), probabilities.argmax(1) == truth)


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """The same of any answers: how sure each is, (N,) from 0 to 1, and whether it is right, (N,)."""
    at = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(right[at == b].mean() - sure[at == b].mean()) * (at == b).mean() for b in np.unique(at)]
    return float(sum(gaps))


def abstention_curve(probabilities: np.ndarray, truth: np.ndarray) -> pd.DataFrame:
    """What "uncertain" below a threshold costs and gains: the risk-coverage curve of El-Yaniv and Wiener (JMLR 2010).

    Of probabilities (N, C), N of 1 or more, and class numbers truth (N,). A row for each confidence that occurs, from
    all answers to the surest: at_least, the threshold; answered, the share of utterances whose likeliest class has that
    probability or more; right, the share of right answers among those.
    """
    sure, right = probabilities.max(1), probabilities.argmax(1) == truth
    order = np.argsort(sure)
    levels, first = np.unique(sure[order], return_index=True)
    left = len(sure) - first
    return pd.DataFrame(
        {"at_least": levels, "answered": left / len(sure), "right": right[order][::-1].cumsum()[left - 1] / left}
    )
