"""Intervals as records and chapters have them: of a thousand draws of seed 0, written down anew."""

import numpy as np
import pytest

from vcemo_lib.evaluation.metrics import bootstrap_interval, paired_bootstrap


def drawn(values: np.ndarray) -> tuple[float, float]:
    """The interval of a mean over rows, written down anew."""
    rng = np.random.default_rng(0)
    means = sorted(values[rng.integers(0, len(values), len(values))].mean() for _ in range(1000))

    def at(share):  # linear between two neighbours, as numpy's percentiles are
        place = share * 999
        below = int(place)
        return means[below] + (place - below) * (means[below + 1] - means[below])

    return at(0.025), at(0.975)


def test_a_paired_interval_is_of_a_thousand_draws_of_seed_0():
    gap = np.random.default_rng(5).normal(0.1, 1, 80)
    assert paired_bootstrap(lambda rows: gap[rows].mean(), 80) == pytest.approx(drawn(gap), rel=1e-12)


def test_so_is_the_interval_of_an_accuracy():
    truth = np.random.default_rng(3).integers(0, 3, 90)
    predicted = np.random.default_rng(4).integers(0, 3, 90)
    assert bootstrap_interval(truth, predicted, 3) == pytest.approx(drawn((truth == predicted).astype(float)))


def test_so_is_that_of_whole_speakers():
    rng = np.random.default_rng(6)
    speaker = np.repeat([f"s{k}" for k in range(9)], 10)  # as many utterances each, so that the mean is of speakers
    hit = (rng.random(90) < np.repeat(rng.random(9), 10)).astype(int)
    found = bootstrap_interval(np.zeros(90, int), 1 - hit, 2, groups=speaker)
    assert found == pytest.approx(drawn(hit.reshape(9, 10).mean(axis=1)))
