"""What a model's score is worth, in a sentence: beside one constant answer, and beside the simple classifiers."""

from collections.abc import Sequence

import numpy as np

from ..recipes import LAPTOP, Recipe
from .simple import MAJORITY

LONGER = 2_000  # updates after which more of them have not helped (results/TRIALS.md)


def verdict(
    model: dict[str, float],
    simple: dict[str, dict[str, float]],
    predicted: Sequence[str],
    recipe: Recipe = LAPTOP,
    speakers_known: bool = True,
) -> str:
    """What a model's scores are worth, in a sentence.

    Args:
        model: its scores on a part, with "wa" and "ua".
        simple: those of the simple classifiers on the same part, by name, "majority" among them.
        predicted: its answers on that part, as class names or numbers.
        recipe: what it was trained by, so that nothing is advised that it has already, or that it cannot use.
        speakers_known: whether each recording of the corpus names one of whom there are others.
    """
    if len(set(predicted)) == 1:
        return f"it has learnt nothing: it says {predicted[0]} to every clip; try {_cures(recipe, speakers_known)}"
    name = max(simple, key=lambda name: simple[name]["wa"])
    gain = 100 * (model["wa"] - simple[name]["wa"])
    if model["wa"] <= simple[MAJORITY]["wa"]:
        beside = f"{_told(model)} against {_told(simple[MAJORITY])}"
        return f"it is not above the commonest emotion: {beside}; try {_cures(recipe, speakers_known)}"
    share, n = model["wa"], len(predicted)
    noise = 196 * np.sqrt(2 * share * (1 - share) / n)  # points by which two may differ by chance, 95 of 100 times
    sure = "" if abs(gain) > noise else f", a gap that {n} clips cannot tell from chance"
    best = _told(simple[name])
    if gain <= 0:
        return f"it is not above the best of the simple classifiers: it has {_told(model)}, {name} has {best}{sure}"
    return f"it is above the simple classifiers, the best of which is {name} with {best}, by {gain:.1f} points{sure}"


def _cures(recipe: Recipe, speakers_known: bool) -> str:
    fields = [f"min_updates={LONGER}"] if recipe.min_updates < LONGER else []
    if "audio" in recipe.model.reads and not recipe.takes_voices and speakers_known:
        fields.append("normalise=speaker")
    return " or ".join(["another seed", *(f"'vcemo train --set {field}'" for field in fields)])


def _told(of: dict[str, float]) -> str:
    return f"{100 * of['wa']:.1f} (mean recall {100 * of['ua']:.1f})"
