"""How an emotion sounds: one rule per emotion, as differences from the speaker's own neutral voice.

The directions are those on which the literature agrees; the sizes are ours and one dial scales them.

- Murray & Arnott (1993), J. Acoust. Soc. Am. 93(2): the classical table of rate, pitch average, range, changes,
  intensity and voice quality for anger, happiness, sadness, fear.
- Banse & Scherer (1996), J. Pers. Soc. Psychol. 70(3): acoustic profiles; high-frequency energy in hot anger, panic.
- Juslin & Laukka (2003), Psychol. Bull. 129(5): review of 104 studies of vocal expression; cue by emotion table.
- Scherer (2003), Speech Communication 40: review; individual differences between speakers.
- Tartter (1980), Percept. Psychophys. 27: smiling raises the formants.
- Yuan, Shen & Chen (2002), ICSLP: anger, fear, joy and sadness in Chinese; anger and joy raise and widen F0,
  sadness narrows it, tones stay recognisable.
- Zhang, Ching & Kong (2006), ISCSLP: acoustic analysis of emotional speech in Mandarin.
"""

from dataclasses import dataclass, replace

import numpy as np
from dials import Dials
from voices import DIMENSIONS, Voice


@dataclass(frozen=True)
class Prosody:
    """A change of delivery. f0_level in semitones; f0_range, rate and formant as natural logarithms of ratios;
    energy in dB; tilt in dB per octave; breath as a share of noise in [0, 1]; tremor in semitones (amplitude);
    rise in semitones at the very end of the utterance (negative: a fall)."""

    f0_level: float = 0.0
    f0_range: float = 0.0
    rate: float = 0.0
    energy: float = 0.0
    tilt: float = 0.0
    breath: float = 0.0
    tremor: float = 0.0
    rise: float = 0.0
    formant: float = 0.0

    def vector(self) -> np.ndarray:
        """The nine numbers in the order of DIMENSIONS."""
        return np.array([getattr(self, name) for name in DIMENSIONS])


RULES = {
    # fast, loud, wide, tense and bright, with hard falls at the end
    "angry": Prosody(2.5, 0.25, 0.10, 5.0, 2.0, -0.06, 0.0, -2.5, -0.010),
    # high and narrow, fast, thin, trembling
    "fear": Prosody(4.0, -0.25, 0.14, -1.5, 0.6, 0.15, 0.6, 0.5, 0.005),
    # high, wide and lively, somewhat loud, smiling formants
    "happy": Prosody(3.5, 0.35, 0.05, 2.0, 0.6, 0.03, 0.0, 1.0, 0.030),
    # level and moderate: neutral is a delivery too
    "neutral": Prosody(-0.5, -0.12, 0.0, -0.6, -0.2, 0.0, 0.0, -0.5, 0.0),
    # low, narrow, slow, soft, dull and breathy
    "sad": Prosody(-2.0, -0.40, -0.18, -5.0, -2.0, 0.22, 0.15, -0.5, -0.012),
    # very high and wide, rising at the end
    "surprise": Prosody(4.5, 0.50, -0.04, 2.0, 0.6, 0.04, 0.0, 5.0, 0.010),
}
# Standard deviation of what changes from one utterance to the next without meaning anything.
JITTER = Prosody(1.2, 0.12, 0.07, 2.0, 0.8, 0.05, 0.05, 0.8, 0.008)


def intended(emotion: str, emotion2: str, voice_cue: float, weights: dict[str, float], dials: Dials) -> Prosody:
    """The emotion's rule as this speaker realises it at this strength, with the second emotion mixed in.

    p = gain · cue · w ⊙ (rule₁ + admixture · rule₂)
    """
    rule = RULES[emotion].vector()
    if emotion2:
        rule = rule + dials.admixture * RULES[emotion2].vector()
    weight = np.array([weights[name] for name in DIMENSIONS])
    return Prosody(*(dials.voice_gain * voice_cue * weight * rule))


def jittered(prosody: Prosody, calm: float, dials: Dials, rng: np.random.Generator) -> Prosody:
    """Add the random variation of one utterance; `calm` in [0, 1] halves it at 1."""
    noise = rng.normal(size=len(DIMENSIONS)) * JITTER.vector() * dials.jitter * (1.0 - 0.5 * calm)
    return Prosody(*(prosody.vector() + noise))


def draw_prosody(row: dict, voice: Voice, dials: Dials, rng: np.random.Generator) -> Prosody:
    """The delivery of one planned utterance (`row` has emotion, emotion2, voice_cue), held within what is speakable.

    A neutral utterance with a strong voice cue is plainly neutral: level, and less variable.
    """
    cue = float(row["voice_cue"])
    meant = intended(row["emotion"], row["emotion2"], cue, voice.weights, dials)
    drawn = jittered(meant, cue if row["emotion"] == "neutral" else 0.0, dials, rng)
    return replace(
        drawn,
        f0_level=float(np.clip(drawn.f0_level, -7.0, 9.0)),
        f0_range=float(np.clip(drawn.f0_range, -0.9, 0.7)),
        rate=float(np.clip(drawn.rate, -0.35, 0.28)),
        energy=float(np.clip(drawn.energy, -14.0, 11.0)),
        tilt=float(np.clip(drawn.tilt, -4.5, 4.5)),
        rise=float(np.clip(drawn.rise, -6.0, 9.0)),
        formant=float(np.clip(drawn.formant, -0.06, 0.07)),
    )
