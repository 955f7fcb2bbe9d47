"""Temperature and calibration error against cases whose answer is known."""

import numpy as np
import pytest
from scipy.special import softmax

from vcemo_lib.evaluation.calibration import abstention_curve, expected_calibration_error, temperature


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


@pytest.mark.parametrize("n", [3, 9, 30])
def test_a_few_right_answers_make_no_certainty(n):
    """By hand: where all clips are alike, p(truth) is the target, (N + 1) / (N + 2)."""
    truth = np.arange(n) % 3
    logits = 2 * np.eye(3)[truth]
    sure = softmax(logits / temperature(logits, truth), axis=1).max(1)
    assert sure == pytest.approx((n + 1) / (n + 2), rel=1e-3)


def test_abstention_by_hand():
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.2, 0.8], [0.6, 0.4]])
    curve = abstention_curve(p, np.array([0, 0, 0, 1, 1]))  # of those with 0.6 one of three is right
    assert curve["at_least"].tolist() == [0.6, 0.8, 0.9]
    assert curve["answered"].tolist() == [1.0, 0.4, 0.2]
    assert curve["right"].tolist() == pytest.approx([3 / 5, 1.0, 1.0])


def test_every_row_of_abstention_is_what_its_threshold_leaves():
    logits, truth = drawn(300)
    p = softmax(logits, 1).round(2)  # so that many are as sure as others
    curve = abstention_curve(p, truth)
    assert len(curve) < 100 and curve["at_least"].is_monotonic_increasing
    for row in curve.itertuples():
        there = p.max(1) >= row.at_least
        assert row.answered == pytest.approx(there.mean())
        assert row.right == pytest.approx((p.argmax(1) == truth)[there].mean())
    assert curve["right"].iloc[-1] > curve["right"].iloc[0]
