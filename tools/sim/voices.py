"""The 120 voices: how each changes the one synthetic speaker, and how each shows feeling.

All voices start from the same female voice (mean F0 about 240 Hz). Sex, age and person are then ratios: of F0,
of the formants (a longer vocal tract has lower ones), of the F0 range, of speaking rate, and additions of breath,
tilt and tremor. Older voices are slower, breathier and less steady; women's F0 falls with age and men's rises
slightly (Linville, Vocal Aging, 2001).
"""

from dataclasses import dataclass

import numpy as np
from dials import N_SPEAKERS

# What a voice or a feeling can change; prosody.py says in which unit.
DIMENSIONS = ("f0_level", "f0_range", "rate", "energy", "tilt", "breath", "tremor", "rise", "formant")
AGES = ("young", "adult", "senior")
AGE_SHARES = (0.35, 0.45, 0.2)


@dataclass(frozen=True)
class Voice:
    """One speaker. `f0` and `formant` are ratios to the source voice, `f0_range` and `rate` too (rate > 1 is faster);
    `tilt` in dB per octave, `breath` in [0, 1], `tremor` in semitones, `gain` in dB, `noise` in dBFS.
    `weights` holds one factor per dimension: how strongly this person uses it to show feeling."""

    speaker: str
    gender: str
    age_group: str
    f0: float
    formant: float
    f0_range: float
    rate: float
    tilt: float
    breath: float
    tremor: float
    gain: float
    noise: float
    weights: dict[str, float]


def _draw_f0(gender: str, age: str, rng: np.random.Generator) -> float:
    if gender == "male":
        centre = {"young": 0.60, "adult": 0.55, "senior": 0.58}[age]
        return float(np.clip(rng.normal(centre, 0.05), 0.5, 0.74))
    centre = {"young": 1.08, "adult": 0.98, "senior": 0.88}[age]
    return float(np.clip(rng.normal(centre, 0.07), 0.78, 1.3))


def _draw_formant(gender: str, rng: np.random.Generator) -> float:
    if gender == "male":
        return float(np.clip(rng.normal(0.895, 0.022), 0.85, 0.94))
    return float(np.clip(rng.normal(1.02, 0.035), 0.95, 1.12))


def make_voice(number: int, seed: int) -> Voice:
    """Voice `number` (1, 2, …) of the corpus with this seed; it does not depend on how many voices there are."""
    rng = np.random.default_rng([seed, 71, number])
    gender = "female" if number % 2 else "male"
    age = str(rng.choice(AGES, p=AGE_SHARES))
    old = age == "senior"
    return Voice(
        speaker=f"spk{number:03d}",
        gender=gender,
        age_group=age,
        f0=_draw_f0(gender, age, rng),
        formant=_draw_formant(gender, rng),
        f0_range=float(np.clip(rng.normal(1.0, 0.12), 0.75, 1.3)),
        rate=float(np.clip(rng.normal({"young": 1.0, "adult": 0.95, "senior": 0.86}[age], 0.05), 0.78, 1.1)),
        tilt=float(rng.normal(0.0, 0.7)),
        breath=float(np.clip(rng.normal(0.16 if old else 0.06, 0.05), 0.0, 0.3)),
        tremor=float(np.clip(rng.normal(0.18 if old else 0.04, 0.04), 0.0, 0.3)),
        gain=float(rng.normal(0.0, 1.5)),
        noise=float(rng.uniform(-66.0, -54.0)),
        weights={name: float(np.clip(rng.lognormal(-0.06, 0.35), 0.3, 1.9)) for name in DIMENSIONS},
    )


def make_voices(seed: int, n: int = N_SPEAKERS) -> dict[str, Voice]:
    """The first `n` voices by name."""
    voices = [make_voice(number, seed) for number in range(1, n + 1)]
    return {voice.speaker: voice for voice in voices}
