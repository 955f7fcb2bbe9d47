"""The order of the fusions: whose knowledge explains whom (Paper §3.3, "rather than" in A16)."""

from collections.abc import Callable

import torch

from ...data.batch import Batch
from .binding import stress_is_heard
from .probe import Arm, Probe
from .synthetic import EMOTIONS, SENTENCE_WIDTH, source, utterances, vocabulary

WORDS = 6
OPPOSITE = SENTENCE_WIDTH - 1  # the number of the sentence vector that says "read the opposite"


def sentence_explains(share: float, n: int, seed: int, test: bool) -> Batch:
    """The stress task; in half of this share the sentence vector says that words mean their opposite, 0 ↔ 1, 2 ↔ 3."""
    rng, rows = source(seed, test), torch.arange(n)
    said, at = rng.draw(EMOTIONS, n), rng.places(n, WORDS)
    second = (2 * (1 - said // 2) + rng.draw(2, n)) % EMOTIONS  # of the other pair of opposites
    numbers = rng.fillers(n, WORDS)
    numbers[rows, at[:, 0]], numbers[rows, at[:, 1]] = rng.feeling(said), rng.feeling(second)
    turned = rng.chance(share / 2, n)
    bert = rng.noise(n, SENTENCE_WIDTH)
    bert[:, OPPOSITE] += torch.where(turned, 2.0, -2.0)
    return utterances(vocabulary(seed)[numbers], rng.spoken(n, WORDS, at[:, 0]), said ^ turned.long(), bert)


def words_explain(share: float, n: int, seed: int, test: bool) -> Batch:
    """The sentence vector tells the emotion, but in half of this share its opposite: where the stressed word turns it.

    Two words of the sentence are marks, one that turns and one that does not; the stressed one counts.
    """
    rng, rows = source(seed, test), torch.arange(n)
    told, at = rng.draw(EMOTIONS, n), rng.places(n, WORDS)
    turned = rng.chance(share / 2, n).long()
    numbers = rng.fillers(n, WORDS)
    numbers[rows, at[:, 0]], numbers[rows, at[:, 1]] = rng.feeling(turned), rng.feeling(1 - turned)
    bert = rng.noise(n, SENTENCE_WIDTH)
    bert[rows, told] += 2.0
    return utterances(vocabulary(seed)[numbers], rng.spoken(n, WORDS, at[:, 0]), told ^ turned, bert)


def _order(corpus: Callable[[float, int, int, bool], Batch], dial: str, planted: str) -> Probe:
    return Probe(
        name=corpus.__name__,
        claim="sound and words are fused first, then the sentence vector (§3.3)",
        dial=dial,
        points=(0.0, 0.5, 1.0),
        arms={"audio first": Arm(), "BERT first": Arm({"order": "bert_first"})},
        lead="audio first",
        rival="BERT first",
        corpus=corpus,
        ceiling=lambda share: stress_is_heard(),
        floor=lambda share: 1 - share / 2,
        planted=planted,
        model={"modalities": ("audio", "words", "bert")},
    )


ORDER = (
    _order(sentence_explains, "share of sentences in which the sentence vector decides what words mean", "bert"),
    _order(words_explain, "share in which the stressed word decides what the sentence vector means", "mel"),
)
