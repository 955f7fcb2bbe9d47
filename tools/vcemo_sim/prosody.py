"""What each emotion does to the voice, when the cue is at full strength.

Directions follow the reviews of Murray and Arnott (1993), Banse and Scherer (1996), Juslin and Laukka (2003) and
Scherer (2003): anger is high, loud, fast and bright; fear high, fast and trembling; joy high, wide and lively; sadness
low, narrow, slow, soft, dark and breathy; surprise high and very wide with a rising end. The sizes are ours, chosen
so that the voice alone does not suffice.
"""

from dataclasses import astuple, dataclass

import numpy as np


@dataclass(frozen=True)
class Prosody:
    """Changes against a voice's neutral speech."""

    f0: float = 0.0  # level, semitones
    f0_range: float = 0.0  # log factor on the excursions of F0
    rate: float = 0.0  # log factor on the speaking rate
    energy: float = 0.0  # decibels
    tilt: float = 0.0  # spectral tilt, decibels an octave above 500 Hz
    breath: float = 0.0  # 0 … 1
    tremor: float = 0.0  # depth of a 6 Hz wobble of F0, semitones
    rise: float = 0.0  # F0 at the end, semitones


RULES = {
    "neutral": Prosody(),
    "angry": Prosody(f0=2.5, f0_range=0.25, rate=0.12, energy=4.5, tilt=1.8, rise=-1.0),
    "fear": Prosody(f0=3.0, f0_range=-0.15, rate=0.16, energy=-1.0, tilt=-0.5, breath=0.25, tremor=0.8, rise=1.0),
    "happy": Prosody(f0=2.8, f0_range=0.40, rate=0.05, energy=2.0, tilt=0.6, rise=1.5),
    "sad": Prosody(f0=-2.0, f0_range=-0.45, rate=-0.18, energy=-4.5, tilt=-1.8, breath=0.30, tremor=0.2, rise=-1.0),
    "surprise": Prosody(f0=4.0, f0_range=0.55, rate=-0.02, energy=2.0, tilt=0.3, rise=4.0),
}
# What any utterance of any emotion varies by chance (standard deviations): nobody says a thing twice the same way.
JITTER = Prosody(f0=1.1, f0_range=0.16, rate=0.08, energy=1.8, tilt=0.7, breath=0.04, tremor=0.08, rise=1.0)

# The voices of the irony part, plain enough to be heard: a rule and its strength. Cold is angry or flat.
FLAT = Prosody(f0=-1.5, f0_range=-0.7, rate=-0.05, energy=-2.0, tilt=-0.8, rise=-1.0)
CROSSED = {"warm": (RULES["happy"], 1.4), "angry": (RULES["angry"], 1.4), "flat": (FLAT, 1.0)}


def prosody(emotion: str, second: str, cue: float, weights: tuple[float, ...], rng: np.random.Generator) -> Prosody:
    """The rule, scaled by the cue's strength and the voice's habits, plus a third of a second emotion, plus chance."""
    rule = np.array(astuple(RULES[emotion])) + (np.array(astuple(RULES[second])) / 3 if second else 0)
    values = cue * np.array(weights) * rule + np.array(astuple(JITTER)) * rng.standard_normal(8)
    return Prosody(*values)
