"""From several channels to one that none of them silences."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

Blocks = Iterator[np.ndarray]  # (n, channels) float32 each


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
    """Whether a channel that `one_channel` leaves out holds another sound, as the other person of a call.

    A copy, turned round or late, is loud where the loudest is: the loudness of each 4,096 samples correlates. What is
    20 dB below the loudest is no voice.
    """
    first = next(blocks(), np.zeros((0, 1)))
    if first.shape[1] == 1 or (loudest := _loudest(blocks())) is None:
        return False
    parts = np.concatenate([_energies(block) for block in blocks() if len(block)]).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):  # a channel whose loudness never changes
        alike = np.corrcoef(np.sqrt(parts).T)[loudest]
    total = parts.sum(axis=0)
    return bool(((alike < 0.5) & (total > total[loudest] / 100)).any())


def _energies(block: np.ndarray) -> np.ndarray:
    """(n, channels) → (⌈n / 4096⌉, channels): of each 4,096 samples, about the block's mean."""
    return np.add.reduceat(np.square(block - block.mean(axis=0)), np.arange(0, len(block), 4096))


def _loudest(blocks: Blocks) -> int | None:
    """The channel that stands for all; None: their mean does."""
    count, total, squares = 0, np.zeros(1), np.zeros(1)  # of each channel, and last of their mean
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused later
        for block in blocks:
            if count and block.shape[1] + 1 != len(total):
                raise OSError("its channels changed while it was read")
            all_of = np.column_stack([block, block.mean(axis=1)]).astype(np.float64)
            count, total = count + len(block), total + all_of.sum(axis=0)
            squares = squares + np.square(all_of).sum(axis=0)
        *energy, joined = squares - total**2 / max(count, 1)
        at_odds = joined < 0.55 * max(energy) or min(energy) < max(energy) / 1000
    return int(np.argmax(energy)) if at_odds else None
