"""The learning rate over a run. The paper names one number and no schedule (A34)."""

from math import cos, pi

WARM_UP = 0.1  # share of the run in which the rate rises


def rate_at(progress: float, kind: str) -> float:
    """The factor on the learning rate when this share of the run, 0 … 1, is done.

    "constant" is 1. "cosine" rises from 0 to 1 over the first tenth, so that Adam's first estimates do no harm, and
    falls to 0 as half a cosine, so that the last epochs settle:

    p / 0.1 where p < 0.1, else (1 + cos(π · (p − 0.1) / 0.9)) / 2

    >>> [round(rate_at(p, "cosine"), 2) for p in (0, 0.05, 0.1, 0.55, 1)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if kind == "constant":
        return 1.0
    return progress / WARM_UP if progress < WARM_UP else (1 + cos(pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2
