"""Augmentation: noise, pitch and pace in training, where the test part has them and where it has not (Paper §3.5)."""

from collections.abc import Sequence
from functools import cache
from math import exp

import torch
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from ...data.batch import Batch
from ...models.output import Output
from ...training.spec_augment import warp
from .probe import Arm, Probe, bayes
from .synthetic import BANDS, EMOTIONS, NOISE, WIDTH, source, utterances

LENGTH, RIDGE = 16, 1.0  # frames of an utterance, the width of its ridge in bands
MOST_NOISE, MOST_BANDS, MOST_PACE = 1.0, 2.0, 0.5  # at the end of the dial: deviation, bands, log of the tempo


def contours() -> Tensor:
    """Clean sounds (4, 16, 8): a ridge of energy over time that rises, falls, arches, or dips."""
    time = torch.linspace(-1, 1, LENGTH)
    centres = (BANDS - 1) / 2 + 2 * torch.stack([time, -time, 1 - 2 * time**2, 2 * time**2 - 1])
    return 2 * torch.exp(-((torch.arange(BANDS) - centres[..., None]) ** 2) / (2 * RIDGE**2))


def melodies(strength: float, n: int, seed: int, test: bool) -> Batch:
    """The emotion is the contour of the pitch, in a little noise; the test part is disturbed with this strength.

    `others["kind"]` says by what: 0 more noise, 1 another pitch, 2 another pace, a third of the utterances each.
    """
    rng = source(seed, test)
    emotion, kind = rng.draw(EMOTIONS, n), torch.arange(n) % 3
    batch = utterances(torch.zeros(n, 1, WIDTH), contours()[emotion], emotion, kind=kind)
    amount = strength * test * amounts(n, rng) * (kind[:, None] == torch.arange(3))
    return disturbed(batch, amount, rng, NOISE)


def amounts(n: int, rng: Generator) -> Tensor:
    """(n, 3) how much noise, pitch and pace, −1 … 1; 1 is the end of the dial."""
    return 2 * torch.rand(n, 3, generator=rng) - 1


def disturbed(batch: Batch, amount: Tensor, rng: Generator, noise: float = 0.0) -> Batch:
    """The batch with each sound changed by its amounts (N, 3), and noise of this deviation besides."""
    sounds = []
    for mel, length, by in zip(batch.mel, batch.mel_mask.sum(1).tolist(), amount.tolist(), strict=True):
        clean, more = changed(mel[:length], by)
        sounds.append(clean + (noise + more) * torch.randn(clean.shape, generator=rng))
    lengths = torch.tensor([len(sound) for sound in sounds])
    mel = pad_sequence(sounds, batch_first=True)
    return batch.but(mel=mel, mel_mask=torch.arange(mel.shape[1]) < lengths[:, None])


def changed(mel: Tensor, amount: Sequence[float]) -> tuple[Tensor, float]:
    """A sound (T, F) at another pitch and pace, and the deviation of the noise that its first amount asks for."""
    frames = max(round(len(mel) * exp(MOST_PACE * amount[2])), 2)
    return warp(mel, MOST_BANDS * amount[1], frames), MOST_NOISE * abs(amount[0])


def augmented(batch: Batch, rng: Generator) -> Batch:
    """One view: all three disturbances at once, each up to the end of the dial."""
    return disturbed(batch, amounts(len(batch), rng), rng)


def by_kind(output: Output, test: Batch) -> dict[str, float]:
    """Accuracy, over all and of each kind of disturbance."""
    right = (output.logits.argmax(1) == test.labels).float()
    kinds = {name: right[test["kind"] == k].mean().item() for k, name in enumerate(("noise", "pitch", "pace"))}
    return {"accuracy": right.mean().item(), **kinds}


@cache
def knows_the_disturbance(strength: float, n: int = 2000) -> float:
    """Bayes accuracy of who knows what was done to each sound: a bound, since that has to be guessed as well."""
    rng, likelihood = source(0, True), []
    emotion = rng.draw(EMOTIONS, n)
    by = (strength * amounts(n, rng) * (torch.arange(n)[:, None] % 3 == torch.arange(3))).tolist()
    for e, amount in zip(emotion.tolist(), by, strict=True):
        clean = torch.stack([changed(contour, amount)[0] for contour in contours()])
        loud = NOISE + changed(contours()[0], amount)[1]
        x = clean[e] + loud * torch.randn(clean[e].shape, generator=rng)
        likelihood.append(-((x - clean) ** 2).sum((1, 2)) / (2 * loud**2))
    return bayes(torch.stack(likelihood))


DISTURBANCE = Probe(
    name="augmentation",
    claim="augmentation mitigates the impact of noise and improves generalization (§3.5)",
    dial="strength of noise, pitch and pace in the test part",
    points=(0.0, 0.5, 1.0),
    arms={"augmented": Arm(plan={"view": augmented}), "as recorded": Arm()},
    lead="augmented",
    rival="as recorded",
    corpus=melodies,
    ceiling=knows_the_disturbance,
    floor=lambda strength: 1 / EMOTIONS,
    score=by_kind,
    model={"modalities": ("audio",)},
)
