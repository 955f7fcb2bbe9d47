"""From several channels to one that none of them silences."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

Blocks = Iterator[np.ndarray]  # (n, channels) float32 each
PART, FEWEST = 4096, 8  # samples that are as loud as one another; so many parts make a course of loudness


def mono(blocks: Callable[[], Blocks]) -> np.ndarray:
    """(T,) float32: all blocks of a sound as one channel, see `one_channel`."""
    return np.concatenate([np.zeros(0, np.float32), *one_channel(blocks)])


def one_channel(blocks: Callable[[], Blocks]) -> Iterator[np.ndarray]:
    """(n, channels) blocks → (n,): the mean of the channels, or the loudest, where one is dead or they are at odds.

    Energy is counted about each channel's own mean, since a constant offset is no sound. Dead is a channel with a
    thousandth of the loudest one's; at odds are channels whose mean has less than 0.55 of it: one is turned round,
    late, or another sound. Several channels are read twice, so that no more than a block is in memory.
    """
    stream = blocks()
    first = next(stream, np.zeros((0, 1), np.float32))
    loudest, stream = 0, itertools.chain([first], stream)
    if first.shape[1] > 1:
        loudest, stream = _loudest(stream), blocks()
    for block in stream:
        if block.shape[1] != first.shape[1]:
            raise OSError("its channels changed while it was read")
        yield block.mean(axis=1) if loudest is None else block[:, loudest].copy()


def another_beside(blocks: Callable[[], Blocks]) -> bool:
    """Whether a channel that `one_channel` leaves out holds another voice, as the other person of a call.

    A copy, turned round or up to two parts late, is loud where the loudest is: the loudness of their parts correlates.
    What is as loud all the time is a hum or a hiss, what is 20 dB below the loudest is no voice.
    """
    parts: list[np.ndarray] = []
    loudest = _loudest(blocks(), parts)
    energies = np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, 1))
    if loudest is None or energies.shape[1] == 1 or len(energies) < FEWEST or not np.isfinite(energies).all():
        return False
    total, (faint, loud) = energies.sum(axis=0), np.percentile(energies, [10, 90], axis=0)
    changing = (loud >= 10 * faint) & (total > total[loudest] / 100)
    levels = np.sqrt(energies)
    return any(k != loudest and _alike(levels[:, loudest], levels[:, k]) < 0.5 for k in np.flatnonzero(changing))


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """The largest correlation of two courses of loudness (n,), one up to two parts late; 0 where one never changes."""
    pairs = [(one[max(k, 0) : len(one) + min(k, 0)], other[max(-k, 0) : len(one) - max(k, 0)]) for k in range(-2, 3)]
    return max((np.corrcoef(*pair)[0, 1] for pair in pairs if min(map(np.ptp, pair)) > 0), default=0.0)


def _loudest(blocks: Blocks, parts: list[np.ndarray] | None = None) -> int | None:
    """The channel that stands for all; None: their mean does. `parts` gets the energies of each `PART` samples."""
    count, total, squares = 0, np.zeros(1), np.zeros(1)  # of each channel, and last of their mean
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused later
        for block in blocks:
            if count and block.shape[1] + 1 != len(total):
                raise OSError("its channels changed while it was read")
            all_of = np.column_stack([block, block.mean(axis=1)]).astype(np.float64)
            count, total = count + len(block), total + all_of.sum(axis=0)
            squares = squares + np.square(all_of).sum(axis=0)
            if parts is not None and len(block):
                about = np.square(block - block.mean(axis=0))
                parts.append(np.add.reduceat(about, np.arange(0, len(block), PART)))
        *energy, joined = squares - total**2 / max(count, 1)
        at_odds = joined < 0.55 * max(energy, default=0) or min(energy, default=0) < max(energy, default=0) / 1000
    return int(np.argmax(energy)) if at_odds else None
