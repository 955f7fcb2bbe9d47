"""External knowledge: words never met in training that the pretrained sentence vector knows (Paper §3.3, §4.4)."""

from functools import partial

import torch
from torch import Tensor

from ...data.batch import Batch
from .probe import Arm, Probe, bayes
from .synthetic import EMOTIONS, NOISE, SENTENCE_WIDTH, WORDS_EACH, hide_words, source, utterances, vocabulary

WORDS = 6
HIDDEN = 0.5  # the share of words that the remedy hides in training, so that the sentence vector is needed there too


def new_words(known: float, n: int, seed: int, test: bool) -> Batch:
    """One feeling word a sentence; those of the test part were never met. The sentence vector knows a share of them.

    Where it knows the word it tells the emotion (plus noise), else it is noise; so it is in training. The word vectors
    are random: a new one tells nothing.
    """
    rng, rows = source(seed, test), torch.arange(n)
    emotion = rng.draw(EMOTIONS, n)
    numbers = rng.fillers(n, WORDS)
    met = rng.feeling(emotion)
    numbers[rows, rng.draw(WORDS, n)] = len(_table(seed)) // 2 + met if test else met
    bert = sentence_codes(emotion) * rng.chance(known, n)[:, None]
    bert += rng.noise(n, SENTENCE_WIDTH)
    return utterances(_table(seed)[numbers], rng.spoken(n, WORDS, None), emotion, bert)


def sentence_codes(emotion: Tensor) -> Tensor:
    """What a sentence vector that knows the emotion (N,) is without noise: twice a unit vector, (N, 8)."""
    return 2 * torch.eye(SENTENCE_WIDTH)[emotion]


def _table(seed: int) -> Tensor:
    """The usual vocabulary, then as many words again that only a test part uses."""
    return vocabulary(seed, 2 * (EMOTIONS * WORDS_EACH + 20))


def vector_tells(known: float, n: int = 20_000) -> float:
    """Bayes accuracy of the sentence vector alone: a mixture of what it is with and without knowledge, in noise."""
    rng = source(0)
    emotion = rng.draw(EMOTIONS, n)
    x = sentence_codes(emotion) * rng.chance(known, n)[:, None]
    x = x + rng.noise(n, SENTENCE_WIDTH)
    with_it = -(torch.cdist(x, 2 * torch.eye(SENTENCE_WIDTH)[:EMOTIONS]) ** 2) / (2 * NOISE**2)  # (n, C)
    without = -(x**2).sum(1, keepdim=True) / (2 * NOISE**2)
    shares = torch.tensor([known, 1 - known]).log()
    return bayes(torch.logaddexp(with_it + shares[0], without + shares[1]))


KNOWLEDGE = Probe(
    name="knowledge",
    claim="BERT brings external knowledge to what the data teaches (§3.3, §4.4)",
    dial="share of new words that the sentence vector knows",
    points=(0.0, 0.5, 1.0),
    arms={
        "words and BERT": Arm(),
        "words alone": Arm({"modalities": ("words",)}),
        "words and BERT, words hidden in training": Arm(plan={"view": partial(hide_words, share=HIDDEN)}),
        "BERT alone": Arm({"modalities": ("bert",)}),
    },
    lead="words and BERT",
    rival="words alone",
    along=("words and BERT, words hidden in training", "BERT alone"),
    corpus=new_words,
    ceiling=vector_tells,
    floor=lambda known: 1 / EMOTIONS,
    planted="bert",
    model={"modalities": ("words", "bert")},
)
