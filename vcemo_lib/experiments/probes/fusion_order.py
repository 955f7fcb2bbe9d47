"""The order of the fusions, whose knowledge explains whom, and which output guides (Paper §3.3, Fig. 2; A16)."""

from collections.abc import Callable

import torch

from ...data.batch import Batch
from .binding import stress_is_heard
from .loop import Plan
from .probe import Arm, Probe
from .synthetic import EMOTIONS, SENTENCE_WIDTH, source, utterances, vocabulary

WORDS = 6
OPPOSITE = SENTENCE_WIDTH - 1  # the number of the sentence vector that says "read the opposite"
PAIRS = 3  # of two words: a word that may feel, and one behind it that may turn it
NEGATORS = 2  # the last words of the vocabulary
LONGER = Plan(updates=300, learning_rate=3e-3)  # 80 at 1e-2 leave the guided models untaught


def sentence_explains(share: float, n: int, seed: int, test: bool) -> Batch:
    """The stress task; in half of this share the sentence vector says that words mean their opposite, 0 ↔ 1, 2 ↔ 3."""
    rng, rows = source(seed, test), torch.arange(n)
    said, at = rng.draw(EMOTIONS, n), rng.positions(n, WORDS)
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
    told, at = rng.draw(EMOTIONS, n), rng.positions(n, WORDS)
    turned = rng.chance(share / 2, n).long()
    numbers = rng.fillers(n, WORDS)
    numbers[rows, at[:, 0]], numbers[rows, at[:, 1]] = rng.feeling(turned), rng.feeling(1 - turned)
    bert = rng.noise(n, SENTENCE_WIDTH)
    bert[rows, told] += 2.0
    return utterances(vocabulary(seed)[numbers], rng.spoken(n, WORDS, at[:, 0]), told ^ turned, bert)


def negated(depth: float, n: int, seed: int, test: bool) -> Batch:
    """The stress task with negation: a feeling word counts as its opposite, 0 ↔ 1 and 2 ↔ 3, where a negator follows.

    The words must have been read together before they can guide. `depth` is the model's and changes nothing here.
    """
    rng, rows = source(seed, test), torch.arange(n)
    said = rng.draw(EMOTIONS, n)
    second = (2 * (1 - said // 2) + rng.draw(2, n)) % EMOTIONS  # of the other pair of opposites
    turned = torch.stack([rng.chance(0.5, n), rng.chance(0.5, n)], 1)
    pair = rng.positions(n, PAIRS)[:, :2]
    numbers = rng.fillers(n, 2 * PAIRS).clamp(max=len(vocabulary(seed)) - NEGATORS - 1)
    for k, emotion in enumerate((said, second)):
        numbers[rows, 2 * pair[:, k]] = rng.feeling(emotion)
        negator = len(vocabulary(seed)) - 1 - rng.draw(NEGATORS, n)
        behind = 2 * pair[:, k] + 1
        numbers[rows, behind] = torch.where(turned[:, k], negator, numbers[rows, behind])
    mel = rng.spoken(n, 2 * PAIRS, 2 * pair[:, 0])
    return utterances(vocabulary(seed)[numbers], mel, said ^ turned[:, 0].long())


def _order(corpus: Callable[[float, int, int, bool], Batch], dial: str, floor: Callable[[float], float]) -> Probe:
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
        floor=floor,
        model={"modalities": ("audio", "words", "bert")},
        plan=LONGER,
    )


ORDER = (
    # Without the stress one of the two feeling words is guessed, whatever the sentence vector says of their meaning.
    _order(sentence_explains, "share of sentences in which the sentence vector decides what words mean", lambda _: 0.5),
    _order(
        words_explain, "share in which the stressed word decides what the sentence vector means", lambda at: 1 - at / 2
    ),
)
DEPTH = Probe(
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
    plan=LONGER,
)
