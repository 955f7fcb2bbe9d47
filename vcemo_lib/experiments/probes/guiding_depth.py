"""Which output guides: the final one of the guide, or that of the same depth (Paper §3.3, Fig. 2)."""

import torch

from ...data.batch import Batch
from .binding import stress_is_heard
from .probe import Arm, Probe
from .synthetic import EMOTIONS, source, utterances, vocabulary

PAIRS = 3  # of two words: a word that may feel, and one behind it that may turn it
NEGATORS = 2  # the last words of the vocabulary


def negated(depth: float, n: int, seed: int, test: bool) -> Batch:
    """The stress task with negation: a feeling word counts as its opposite, 0 ↔ 1 and 2 ↔ 3, where a negator follows.

    The words must have been read together before they can guide. `depth` is the model's and changes nothing here.
    """
    rng, rows = source(seed, test), torch.arange(n)
    said = rng.draw(EMOTIONS, n)
    second = (2 * (1 - said // 2) + rng.draw(2, n)) % EMOTIONS  # of the other pair of opposites
    turned = torch.stack([rng.chance(0.5, n), rng.chance(0.5, n)], 1)
    pair = torch.rand(n, PAIRS, generator=rng).argsort(1)[:, :2]
    numbers = rng.fillers(n, 2 * PAIRS).clamp(max=len(vocabulary(seed)) - NEGATORS - 1)
    for k, emotion in enumerate((said, second)):
        numbers[rows, 2 * pair[:, k]] = rng.feeling(emotion)
        negator = len(vocabulary(seed)) - 1 - rng.draw(NEGATORS, n)
        behind = 2 * pair[:, k] + 1
        numbers[rows, behind] = torch.where(turned[:, k], negator, numbers[rows, behind])
    mel = rng.spoken(n, 2 * PAIRS, 2 * pair[:, 0])
    return utterances(vocabulary(seed)[numbers], mel, said ^ turned[:, 0].long())


DEPTH = (
    Probe(
        name="depth",
        claim="the guide's final output is a more accurate guide than that of the same depth (§3.3)",
        dial="depth of the co-attention",
        points=(1.0, 2.0, 4.0),
        arms={"final output": Arm(), "same depth": Arm({"cascade": "stacking"}), "no guide": Arm({"n_layers": 0})},
        lead="final output",
        rival="same depth",
        corpus=negated,
        ceiling=lambda depth: stress_is_heard(),
        floor=lambda depth: 0.5,
        by_point=lambda depth: {"n_layers": int(depth)},
    ),
)
