"""The 120 voices, all made from one recorded speaker's synthesiser by pyworld, and their habits."""

from dataclasses import dataclass

import numpy as np

SEED = 120


@dataclass(frozen=True)
class Voice:
    """How a voice differs from the synthesiser's own (a woman of about 250 Hz)."""

    gender: str
    age_group: str
    f0: float  # factor on F0
    formants: float  # factor on the frequency axis of the spectral envelope
    f0_range: float  # factor on the excursions of log F0
    rate: float  # factor on the speaking rate
    breath: float  # 0 … 1, noise mixed into the voice
    weights: tuple[float, ...]  # how strongly this voice uses each of the eight prosodic means


def voice(number: int) -> Voice:
    """Voice 0 … 119; the same number gives the same voice."""
    rng = np.random.default_rng([SEED, number])
    gender = "female" if number % 2 == 0 else "male"
    age = ("young", "adult", "adult", "senior")[rng.integers(4)]
    # Gentle changes: far from the synthesiser's own formants, and at its own pace, Whisper errs more by 2 to 4 points each.
    centre, formants = (0.95, 1.0) if gender == "female" else (0.62, 0.945)
    young, senior = age == "young", age == "senior"
    return Voice(
        gender,
        age,
        f0=float(np.clip(centre * np.exp(rng.normal(0.05 * young - 0.03 * senior, 0.08)), 0.5, 1.3)),
        formants=float(np.clip(formants + rng.normal(0.01 * young, 0.014), 0.91, 1.04)),
        f0_range=float(np.exp(rng.normal(0, 0.12))),
        rate=float(np.exp(rng.normal(-0.12 - 0.05 * senior, 0.06))),
        breath=float(np.clip(rng.normal(0.02 + 0.04 * senior, 0.02), 0, 0.15)),
        weights=tuple(np.clip(rng.normal(1.0, 0.35, 8), 0.1, 1.9).round(3)),
    )
