"""What a comparison could have seen: the smallest difference of two systems that so many test utterances show.

An estimate with the standard error s shows a difference δ with this power where δ = (z_(1 − level / 2) + z_power) s.

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
    """A standard error, a share or a difference for which nothing can be said."""


def detectable(error: float, power: float = 0.8, level: float = 0.05) -> float:
    """The difference that an estimate with this standard error shows with this power at this level.

    Args:
        error: the standard error of the difference, whatever is drawn: utterances, or utterances and seeds.
        power: how often the difference is found where it is there, in (0.5, 1).
        level: how often one is found where there is none.

    Raises:
        PowerError: an error that is negative or infinite, or a power or level outside its range.

    >>> round(detectable((0.2 / 693) ** 0.5), 3)
    0.048
    """
    _check(power, level)
    if not 0 <= error < math.inf:
        raise PowerError(f"a standard error of {error}: give 0 or more")
    return float((norm.ppf(1 - level / 2) + norm.ppf(power)) * error)


def needed(difference: float, disagreement: float, power: float = 0.8, level: float = 0.05) -> int:
    """The paired test utterances that show this difference of accuracies between two runs, by the formula above.

    Raises:
        PowerError: a difference above the disagreement, or a power or level outside its range.

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
