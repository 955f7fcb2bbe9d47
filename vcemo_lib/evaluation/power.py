"""What a comparison could have seen: the smallest difference of two systems that so many test utterances show.

Two systems answer the same n utterances. Each utterance's gain g is 1 where only the first is right, −1 where only the
second is, else 0; of several seeds it is their mean. δ = E[g] is the difference of the accuracies and D = E[g²] the
disagreement: with one pair of runs the share of utterances on which exactly one of the two is right. Under no
difference the mean of n gains has the variance D / n, under δ it has (D − δ²) / n, so that

    δ √n = z_(1 − level / 2) √D + z_power √(D − δ²)

(Connor 1987, "Sample size for testing differences in proportions for the paired-sample design", Biometrics 43).
"""

import math

from scipy.stats import norm

from ..errors import VcemoError


class PowerError(VcemoError):
    """A number of utterances, a share or a difference for which nothing can be said."""


def detectable(n: int, disagreement: float, power: float = 0.8, level: float = 0.05) -> float:
    """The difference of accuracies that n paired test utterances show with this power at this level.

    Args:
        n: test utterances that both systems answered.
        disagreement: D above, in (0, 1]; 0 says that the two answer alike, and then any difference would be seen.
        power: how often the difference is found where it is there, in (0.5, 1).
        level: how often one is found where there is none.

    >>> round(detectable(693, 0.2), 3)
    0.048
    """
    _check(power, level)
    if n < 1 or not 0 <= disagreement <= 1:
        raise PowerError(f"{n} utterances and a disagreement of {disagreement}: give 1 or more, and a share of 0 to 1")
    z, b, d = norm.ppf(1 - level / 2), norm.ppf(power), disagreement
    # the larger root of (δ √n − z √D)² = b² (D − δ²)
    root = math.sqrt(max(n * z * z * d - (n + b * b) * d * (z * z - b * b), 0.0))
    return float((math.sqrt(n * d) * z + root) / (n + b * b))


def needed(difference: float, disagreement: float, power: float = 0.8, level: float = 0.05) -> int:
    """The paired test utterances that show this difference of accuracies: `detectable`, solved for n.

    >>> needed(0.0041, 0.044), needed(0.015, 0.044)
    (20543, 1533)
    """
    _check(power, level)
    if not 0 < difference <= disagreement <= 1:
        raise PowerError(
            f"a difference of {difference} and a disagreement of {disagreement}: give 0 < difference <= disagreement "
            "<= 1, since two systems differ in accuracy by no more than they disagree"
        )
    z, b = norm.ppf(1 - level / 2), norm.ppf(power)
    root = z * math.sqrt(disagreement) + b * math.sqrt(disagreement - difference**2)
    return math.ceil((root / difference) ** 2)


def _check(power: float, level: float) -> None:
    if not 0.5 < power < 1 or not 0 < level < 1:
        raise PowerError(f"power {power} at level {level}: give a power between 0.5 and 1 and a level between 0 and 1")
