"""Temperature and calibration error against cases whose answer is known."""

import numpy as np
import pytest
from scipy.special import softmax

from vcemo_lib.evaluation.calibration import expected_calibration_error, temperature


def drawn(n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits (N, 3) and classes that are drawn by their softmax."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (n, 3))
    return logits, (softmax(logits, 1).cumsum(1) > rng.random((n, 1))).argmax(1)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_takes_back_what_the_logits_were_stretched_by(factor):
    logits, truth = drawn()
    assert temperature(factor * logits, truth) == pytest.approx(factor, rel=0.05)


def test_the_error_is_small_where_confidence_is_right_and_large_where_it_is_not():
    logits, truth = drawn()
    assert expected_calibration_error(softmax(logits, 1), truth) < 0.02
    assert expected_calibration_error(softmax(4 * logits, 1), truth) > 0.1


def test_the_error_of_a_handful_by_hand():
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    truth = np.array([0, 1, 0, 0])  # of the sure ones half is right, of the others all are
    assert expected_calibration_error(p, truth) == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)


def test_it_stays_finite_where_every_answer_is_right():
    logits = 10 * np.eye(3)
    assert 0 < temperature(logits, np.arange(3)) < 1
