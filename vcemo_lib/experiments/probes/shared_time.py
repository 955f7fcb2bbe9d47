"""Shared time: addition where words and sound run side by side, and where they do not (Paper §3.3; A11)."""

import numpy as np
import torch
from scipy.stats import hypergeom
from torch import Tensor

from ...data.batch import Batch
from .binding import stress_is_heard
from .loop import Plan
from .probe import Arm, Probe
from .synthetic import BANDS, EMOTIONS, FRAMES, LOUD, LOUD_BANDS, Draws, source, utterances, vocabulary

WORDS, LATEST = 4, 4  # words of a sentence, the longest silence before it in words
SHORTEST, LONGEST = 3, 6  # sentences of unequal length
VOICED = -1  # the band that tells speech from silence


def lagging(lag: float, n: int, seed: int, test: bool) -> Batch:
    """The stress task with four words, spoken after a silence of 0 … lag words that the text knows nothing of.

    At 0 word k is spoken in step k. Sound tells when speech begins, so the stressed word can always be found.
    """
    rng = source(seed, test)
    start = rng.draw(int(lag) + 1, n)
    return _stressed(torch.full((n,), WORDS), start, torch.full((n,), WORDS + LATEST), seed, rng)


def of_any_length(steps: float, n: int, seed: int, test: bool) -> Batch:
    """The stress task with sentences of three to six words; `steps` is the model's L and changes nothing here."""
    rng = source(seed, test)
    count = SHORTEST + rng.draw(LONGEST - SHORTEST + 1, n)
    return _stressed(count, torch.zeros_like(count), count, seed, rng)


def _stressed(count: Tensor, start: Tensor, room: Tensor, seed: int, rng: Draws) -> Batch:
    """Sentences of `count` (N,) words; each begins at word `start` (N,) of a sound as long as `room` (N,) words."""
    n, place, slot = len(count), torch.arange(int(count.max())), torch.arange(int(room.max()))
    rows, emotion, here = torch.arange(n), rng.draw(4, n), place < count[:, None]
    at = (torch.rand(n, len(place), generator=rng) + 2 * ~here).argsort(1)  # places in random order, real ones first
    numbers = rng.fillers(n, len(place))
    numbers[rows, at[:, 0]] = rng.feeling(emotion)
    numbers[rows, at[:, 1]] = rng.feeling(rng.unlike(emotion))
    mel = rng.noise(n, len(slot), FRAMES, BANDS)
    mel[rows, start + at[:, 0], :, :LOUD_BANDS] += LOUD
    voiced = (slot >= start[:, None]) & (slot < (start + count)[:, None])
    mel[..., VOICED] += LOUD * voiced[..., None]
    heard = (slot < room[:, None]).repeat_interleave(FRAMES, 1)
    first = FRAMES * (start[:, None] + place)
    spans = torch.stack([first, first + FRAMES], -1) * here[..., None]
    words, sound = vocabulary(seed)[numbers] * here[..., None], mel.flatten(1, 2) * heard[..., None]
    return utterances(words, sound, emotion, words_mask=here, mel_mask=heard, spans=spans)


def words_are_cut(steps: float, both_seen: float, one_seen: float) -> float:
    """The best accuracy where only the first L words of a sentence are read (`WordEncoder`): the mean over the lengths.

    Args:
        both_seen: how often one is right where both feeling words are read; one_seen: where one of them is. Where
            neither is, four emotions are left.
    """
    lengths = range(SHORTEST, LONGEST + 1)
    chances = [hypergeom(n, 2, min(int(steps), n)).pmf((2, 1, 0)) for n in lengths]  # that both, one or none are read
    return float(np.mean(chances, axis=0) @ (both_seen, one_seen, 1 / EMOTIONS))


HEARD = stress_is_heard()
GUIDES = {"no guide": {"n_layers": 0}, "words guide": {}, "sound guides": {"guide1": "audio"}}


def _crossed(guides: dict[str, dict], reading: str, values: tuple[str, ...]) -> dict[str, Arm]:
    return {f"{who}, {value}": Arm(change | {reading: value}) for who, change in guides.items() for value in values}


SHARED_TIME = (
    Probe(
        name="time",
        claim="akin temporal structures are best added, others concatenated (§3.3)",
        dial="longest silence before the sentence, in words",
        points=(4.0, 1.0, 0.0),
        arms=_crossed(GUIDES, "fuse1", ("add", "concat")),
        lead="words guide, add",
        rival="words guide, concat",
        along=("no guide, add", "no guide, concat", "sound guides, add"),
        corpus=lagging,
        ceiling=lambda lag: HEARD,
        floor=lambda lag: 0.5,
        model={"length": WORDS + LATEST},
        plan=Plan(updates=120),
    ),
    Probe(
        name="length",
        claim="akin temporal structures are best added (§3.3): the shorter padded, or both stretched (A11)",
        dial="steps L",
        points=(2.0, 6.0, 12.0),
        arms=_crossed({who: GUIDES[who] for who in ("no guide", "words guide")}, "align", ("stretch", "pad")),
        lead="words guide, stretch",
        rival="words guide, pad",
        along=("no guide, stretch", "no guide, pad"),
        corpus=of_any_length,
        # The stressed word is found; if it was cut off, as half of the time, one of three emotions is guessed.
        ceiling=lambda steps: words_are_cut(steps, HEARD, HEARD / 2 + 1 / 6),
        floor=lambda steps: words_are_cut(steps, 0.5, 0.5),  # one of two is guessed, or the one that is seen
        by_point=lambda steps: {"length": int(steps)},
    ),
)
