"""Binding: what words and sound say only together. Stress picks the word that counts; a tone turns what is said."""

import torch
from scipy.stats import norm
from torch import Tensor

from ...data.batch import Batch
from .probe import Arm, Probe
from .synthetic import FRAMES, LOUD, LOUD_BANDS, NOISE, source, utterances, vocabulary

WORDS = 6
TONE = 1.0  # what an ironic voice adds to half of the bands
LONGER = {"updates": 160}  # baselines get twice the updates: what they do not learn is not for want of them
ARMS = {
    "Ours": Arm(),
    "late fusion": Arm(plan=LONGER, late=True),
    "sound guides": Arm({"guide1": "audio"}),
    "each guides the other": Arm({"guide1": "both"}),
    "the guide asks": Arm({"direction": "guide_asks"}),
    "no guide, add": Arm({"n_layers": 0}),
    "no guide, concatenate": Arm({"n_layers": 0, "fuse1": "concat"}),
    "UMONS": Arm({"system": "umons"}, LONGER),
    "MHA-2 (Yoon 2019)": Arm({"system": "mha2"}, LONGER),
    "MDRE (Yoon 2018)": Arm({"system": "mdre"}, LONGER),
    "Xu": Arm({"system": "xu"}, LONGER),
    "CME, given word times": Arm({"system": "cme"}, LONGER),
}


def stress(share: float, n: int, seed: int, test: bool) -> Batch:
    """Two feeling words in a sentence of six, one of them stressed: the emotion is that of the stressed word.

    In this share of the sentences the two are of unlike emotion, in the others of one, and then the words suffice.
    """
    rng, rows = source(seed, test), torch.arange(n)
    emotion, at = rng.draw(4, n), rng.positions(n, WORDS)
    second = torch.where(rng.chance(share, n), rng.unlike(emotion), emotion)
    numbers = rng.fillers(n, WORDS)
    numbers[rows, at[:, 0]], numbers[rows, at[:, 1]] = rng.feeling(emotion), rng.feeling(second)
    return utterances(vocabulary(seed)[numbers], rng.spoken(n, WORDS, at[:, 0]), emotion)


def said_twice(seed: int) -> tuple[Batch, Tensor]:
    """One sentence of the stress task in two voices: the first feeling word stressed, then the second.

    Returns:
        Two utterances with the same words, and the places (2,) of the two feeling words.
    """
    rng = source(seed, True)
    emotion = rng.draw(4, 1)
    pair = torch.cat([emotion, rng.unlike(emotion)])
    at = rng.positions(1, WORDS)[0, :2].sort().values
    numbers = rng.fillers(1, WORDS)
    numbers[0, at] = rng.feeling(pair)
    words = vocabulary(seed)[numbers].expand(2, -1, -1)
    return utterances(words, rng.spoken(2, WORDS, at), pair), at


def stress_is_heard() -> float:
    """How often an ideal listener tells which of two words is stressed: Φ(|u| / (√2 σ)), u what stress adds."""
    return norm.cdf((FRAMES * LOUD_BANDS) ** 0.5 * LOUD / (2**0.5 * NOISE))


def irony(share: float, n: int, seed: int, test: bool) -> Batch:
    """A kind or unkind word, in a sincere or ironic voice that turns its meaning. Ironic is half of this share."""
    rng, rows = source(seed, test), torch.arange(n)
    said, ironic = rng.draw(2, n), rng.chance(share / 2, n)
    numbers = rng.fillers(n, WORDS)
    numbers[rows, rng.draw(WORDS, n)] = rng.feeling(said)
    mel = rng.spoken(n, WORDS, None)
    mel[..., :LOUD_BANDS] += TONE * ironic[:, None, None]
    return utterances(vocabulary(seed)[numbers], mel, said ^ ironic.long())


def irony_is_heard(share: float) -> float:
    """How often an ideal listener tells an ironic voice, by its own rate q: a threshold of two normal distributions."""
    q, distance = share / 2, (WORDS * FRAMES * LOUD_BANDS) ** 0.5 * TONE / NOISE
    if q == 0:
        return 1.0
    shift = torch.log(torch.tensor((1 - q) / q)).item() / distance
    return q * norm.cdf(distance / 2 - shift) + (1 - q) * norm.cdf(distance / 2 + shift)


BINDING = (
    Probe(
        name="stress",
        claim="co-attention conveys to each modality the presence of the other (§3.3)",
        dial="share of sentences whose two feeling words differ",
        points=(0.0, 0.25, 0.5, 1.0),
        arms=ARMS,
        lead="Ours",
        rival="late fusion",
        along=("no guide, add", "UMONS"),
        corpus=stress,
        ceiling=lambda share: 1 - share + share * stress_is_heard(),
        floor=lambda share: 1 - share / 2,
    ),
    Probe(
        name="irony",
        claim="co-attention conveys to each modality the presence of the other (§3.3)",
        dial="share of sentences whose tone decides",
        points=(0.0, 0.25, 0.5, 1.0),
        arms=ARMS,
        lead="Ours",
        rival="late fusion",
        corpus=irony,
        ceiling=irony_is_heard,
        floor=lambda share: 1 - share / 2,
        model={"n_classes": 2},
    ),
)
