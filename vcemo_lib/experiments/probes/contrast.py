"""Supervised contrast: rare classes, wrong labels, two emotions in one sentence (Paper §3.4): what it is said to help.

Sentences alone, six words, so that a run is short; the words of a sentence agree with its emotion only for the most
part, so that nobody can be right always. α, τ and the queue are turned together. The control "two views" sees the same
augmented sentences twice as "α > 0" does, without contrast: what is left between them is the contrast's.
"""

from collections.abc import Callable
from itertools import permutations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ...data.batch import Batch
from ...evaluation.calibration import calibration_error
from ...models.output import Output
from .loop import Plan
from .probe import Arm, Probe, bayes
from .synthetic import EMOTIONS, NOISE, Draws, source, utterances, vocabulary

WORDS, FEELING, TRUE = 6, 0.5, 0.7  # the share of feeling words, and of those that tell the sentence's emotion
FIRST = 0.6  # the share of the stronger of two emotions
HIDDEN, NEIGHBOURS, BINS = 0.2, 5, 10


def sentences(mixture: Tensor, labels: Tensor, seed: int, rng: Draws) -> Batch:
    """Sentences that express emotions in these shares (N, C), which stay with the batch as `others["truth"]`."""
    n = len(mixture)
    told = (TRUE * mixture + (1 - TRUE) / EMOTIONS).multinomial(WORDS, replacement=True, generator=rng)
    plain = torch.rand(n, WORDS, generator=rng) >= FEELING
    numbers = torch.where(plain, rng.fillers(n, WORDS), rng.feeling(told.flatten()).view(n, WORDS))
    return utterances(
        vocabulary(seed)[numbers], rng.spoken(n, WORDS, None), labels, truth=mixture, told=told * ~plain - plain.long()
    )


def one_emotion(emotion: Tensor) -> Tensor:
    """(N,) → (N, C): all of the sentence expresses it."""
    return F.one_hot(emotion, EMOTIONS).float()


def rare(ratio: float, n: int, seed: int, test: bool) -> Batch:
    """The commonest emotion is this many times as frequent in training as the rarest; the test part is balanced."""
    rng = source(seed, test)
    shares = ratio ** (-torch.arange(EMOTIONS) / (EMOTIONS - 1)) if not test else torch.ones(EMOTIONS)
    emotion = shares.multinomial(n, replacement=True, generator=rng)
    return sentences(one_emotion(emotion), emotion, seed, rng)


def wrong_labels(share: float, n: int, seed: int, test: bool) -> Batch:
    """This share of the training labels is another emotion than the true one; those of the test part are right."""
    rng = source(seed, test)
    emotion = rng.draw(EMOTIONS, n)
    labels = emotion if test else torch.where(rng.chance(share, n), rng.unlike(emotion), emotion)
    return sentences(one_emotion(emotion), labels, seed, rng)


def mixed(share: float, n: int, seed: int, test: bool) -> Batch:
    """In this share of the sentences two emotions are expressed, 60 to 40; the label is one of them, drawn so."""
    rng = source(seed, test)
    first = rng.draw(EMOTIONS, n)
    weight = torch.where(rng.chance(share, n), FIRST, 1.0)[:, None]
    mixture = weight * one_emotion(first) + (1 - weight) * one_emotion(rng.unlike(first))
    return sentences(mixture, mixture.multinomial(1, generator=rng)[:, 0], seed, rng)


def augmented(batch: Batch, rng: Generator) -> Batch:
    """One view: noise on every word vector, and a fifth of them set to zero."""
    left = torch.rand(*batch.words.shape[:2], 1, generator=rng) >= HIDDEN
    return batch.but(words=(batch.words + NOISE * torch.randn(batch.words.shape, generator=rng)) * left)


def judged(output: Output, test: Batch) -> dict[str, float]:
    """Accuracy; fit, 1 − ½ Σ (p − q)² to the true shares q; calibration error (ECE); retrieval among 5 neighbours."""
    p = output.logits.softmax(1)
    sure, answer = p.max(1)
    right = (answer == test.labels).float()
    z = F.normalize(output.h, dim=1)
    near = (z @ z.T).fill_diagonal_(-2).topk(NEIGHBOURS, 1).indices
    return {
        "accuracy": right.mean().item(),
        "fit": 1 - 0.5 * (p - test["truth"]).square().sum(1).mean().item(),
        "ece": calibration_error(sure.numpy(), right.numpy(), BINS),
        "retrieval": (test.labels[near] == test.labels[:, None]).float().mean().item(),
    }


def reading_words() -> float:
    """Bayes accuracy of balanced emotions: which words were said is all that there is."""
    batch = rare(1.0, 20_000, 0, True)
    return bayes(log_likelihood(batch, one_emotion(torch.arange(EMOTIONS))))


def log_likelihood(batch: Batch, mixtures: Tensor) -> Tensor:
    """Of each sentence's words under each of K mixtures (K, C): (N, K). Words without feeling tell nothing."""
    words = (TRUE * mixtures + (1 - TRUE) / EMOTIONS).log()  # (K, C)
    counts = torch.stack([(batch["told"] == e).sum(1) for e in range(EMOTIONS)], 1).float()
    return counts @ words.T


def reading_shares(share: float, n: int = 20_000) -> float:
    """The best fit to the true shares: that of their mean under the posterior over one emotion or two."""
    batch = mixed(share, n, 0, True)
    single = one_emotion(torch.arange(EMOTIONS))
    double = torch.stack([FIRST * single[i] + (1 - FIRST) * single[j] for i, j in permutations(range(EMOTIONS), 2)])
    mixtures = torch.cat([single, double])
    prior = torch.cat([torch.full((4,), (1 - share) / 4), torch.full((12,), share / 12)])
    expected = (log_likelihood(batch, mixtures) + prior.log()).softmax(1) @ mixtures
    return 1 - 0.5 * (expected - batch["truth"]).square().sum(1).mean().item()


def reading_nothing(share: float) -> float:
    """The fit of one quarter for each emotion."""
    truth = share * (FIRST**2 + (1 - FIRST) ** 2) + (1 - share)  # Σ q²
    return 1 - 0.5 * (truth - 1 / EMOTIONS)


def _contrast(alpha: float, temperature: float, queue: int = 0) -> Arm:
    return Arm(plan={"two_views": True, "alpha": alpha, "temperature": temperature, "queue_size": queue})


ARMS = {
    "α = 0.1, τ = 1 (paper)": _contrast(0.1, 1.0),
    "two views, no contrast": Arm(plan={"two_views": True}),
    "α = 1, τ = 0.1": _contrast(1.0, 0.1),
    "one view, no contrast": Arm(),
    "α = 0.1, τ = 0.1": _contrast(0.1, 0.1),
    "α = 1, τ = 1": _contrast(1.0, 1.0),
    "α = 100, τ = 1": _contrast(100.0, 1.0),
    "α = 0.1, τ = 1, queue of 1024": _contrast(0.1, 1.0, 1024),
    "α = 0.1, τ = 0.1, queue of 1024": _contrast(0.1, 0.1, 1024),
    "α = 1, τ = 1, queue of 1024": _contrast(1.0, 1.0, 1024),
    "α = 1, τ = 0.1, queue of 1024": _contrast(1.0, 0.1, 1024),
}


def _probe(corpus: Callable[..., Batch], claim: str, dial: str, points: tuple[float, ...], **special) -> Probe:
    usual = {"ceiling": lambda point: reading_words(), "floor": lambda point: 1 / EMOTIONS}
    return Probe(
        name=corpus.__name__, claim=f"contrast {claim} (§3.4)", dial=dial, points=points, arms=ARMS,
        lead="α = 0.1, τ = 1 (paper)", rival="two views, no contrast", along=("α = 1, τ = 0.1",), corpus=corpus,
        planted="words", score=judged, model={"modalities": ("words",)},
        plan=Plan(batch_size=64, learning_rate=3e-3, view=augmented), **(usual | special),
    )  # fmt: skip


CONTRAST = (
    _probe(rare, "mitigates data imbalance", "commonest emotion to rarest, in training", (1.0, 8.0, 64.0)),
    _probe(wrong_labels, "mitigates the impact of labels", "share of wrong training labels", (0.0, 0.2, 0.4)),
    _probe(
        mixed,
        "diminishes the influence of multiple emotions",
        "share of sentences with two emotions",
        (0.0, 0.5, 1.0),
        ceiling=reading_shares,
        floor=reading_nothing,
        metric="fit",
    ),
)
