"""Every number that decides what VCEMO-Sim tells its listener, in one place.

Two channels carry the emotion, the wording and the voice, and each has a dial. They were set by `calibrate.py`
so that neither channel suffices: text alone and audio alone both classify four emotions at 50-62 % (majority 43 %).
"""

from dataclasses import dataclass, field

EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
FOUR = ("angry", "happy", "neutral", "sad")
CODE_LETTER = {"angry": "A", "fear": "F", "happy": "H", "neutral": "N", "sad": "S", "surprise": "U"}
# Paper Fig. 4 gives percentages of 7,477; these are the counts that round to them.
CLASS_COUNTS = {"angry": 1570, "fear": 75, "happy": 2168, "neutral": 3140, "sad": 374, "surprise": 150}
# What an utterance can be mixed with, each pair known from everyday talk.
COMPANIONS = {
    "angry": ("sad", "surprise"),
    "fear": ("surprise", "sad"),
    "happy": ("surprise", "sad"),
    "neutral": ("happy", "sad", "angry"),
    "sad": ("angry", "fear"),
    "surprise": ("happy", "fear"),
}
N_SHARDS = 16
N_SPEAKERS = 120
SAMPLE_RATE = 16000


@dataclass(frozen=True)
class Dials:
    """The settings of one corpus.

    blank_text: share of utterances whose wording carries no emotion (text_cue 0), the same for every emotion.
    hint_text: share of hints (text_cue 1) among the worded ones; the rest is plain (text_cue 2).
    silent_voice: share of utterances whose voice_cue is exactly 0.
    voice_beta: shape (a, b) of the Beta distribution of the other voice cues.
    voice_gain: factor on every prosodic rule.  jitter: factor on the random variation of each utterance.
    mixed: share of emotional utterances with a second emotion; mixed_neutral: the same for neutral.
    admixture: weight of the second emotion's rule beside the first's.
    """

    blank_text: float = 0.55
    hint_text: float = 0.5
    silent_voice: float = 0.2
    voice_beta: tuple[float, float] = (2.0, 1.6)
    voice_gain: float = 1.0
    jitter: float = 1.0
    mixed: float = 0.15
    mixed_neutral: float = 0.05
    admixture: float = 0.35
    counts: dict[str, int] = field(default_factory=lambda: dict(CLASS_COUNTS))


DIALS = Dials()
