"""Prosodic focus: one word of a sentence is longer, higher and louder, and what follows it is lower and softer.

Directions follow Xu (1999), "Effects of tone and focus on the formation and alignment of F0 contours", and Chen and
Gussenhoven (2008) on Standard Chinese; the sizes are ours, chosen so that the stress is plain.
"""

from dataclasses import dataclass

import numpy as np
from speak import PERIOD_MS, Analysis

FRAME = PERIOD_MS / 1000


@dataclass(frozen=True)
class Focus:
    """Of the stressed word: its length as a factor, F0 in semitones, level in decibels; and the same of what follows."""

    length: float
    f0: float
    energy: float
    after_f0: float
    after_energy: float


def drawn(rng: np.random.Generator) -> Focus:
    """A stress as anybody may make it: nobody says a thing twice the same way."""
    means, deviations = (0.35, 4.0, 6.0, -1.5, -3.0), (0.06, 0.7, 1.0, 0.4, 0.7)
    length, *others = rng.normal(means, deviations)
    return Focus(float(np.exp(length)), *map(float, others))


def paced(a: Analysis, times: np.ndarray, start: float, end: float, rate: float, longer: float = 1.0):
    """The frames at another rate, and `longer` between start and end (seconds).

    Returns:
        The frames, the times (N, 2) where they now are, and start and end.
    """
    last = len(a.f0) * FRAME
    before = np.array([0.0, start, end, last])
    after = np.r_[0.0, np.cumsum(np.diff(before) * np.array([1.0, longer, 1.0]) / rate)]
    frames = np.interp(np.arange(0, after[-1], FRAME), after, before) / FRAME
    rows = np.minimum(np.rint(frames).astype(int), len(a.f0) - 1)
    moved = np.interp(times, before, after)
    return Analysis(a.f0[rows], a.envelope[rows], a.noise[rows]), moved, after[1], after[2]


def stressed(a: Analysis, start: float, end: float, focus: Focus) -> Analysis:
    """F0 and level of the word between start and end (seconds) and of what follows; its length is changed by `paced`."""
    time = np.arange(len(a.f0)) * FRAME
    inside = np.clip(np.minimum(time - start, end - time) / 0.04 + 0.5, 0, 1)  # 40 ms from plain to stressed
    after = np.clip((time - end) / 0.04 - 0.5, 0, 1)
    semitones = focus.f0 * inside + focus.after_f0 * after
    decibels = focus.energy * inside + focus.after_energy * after
    f0 = np.where(a.f0 > 0, np.clip(a.f0 * 2 ** (semitones / 12), 55, 700), 0.0)
    return Analysis(f0, a.envelope * 10 ** (decibels[:, None] / 10), a.noise)
