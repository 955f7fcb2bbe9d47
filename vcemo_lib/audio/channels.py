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
        energy = ChannelEnergy()
        for block in stream:
            energy.add(block)
        loudest, stream = energy.loudest(), blocks()
    for block in stream:
        if block.shape[1] != first.shape[1]:
            raise OSError("its channels changed while it was read")
        yield block.mean(axis=1) if loudest is None else block[:, loudest].copy()


class ChannelEnergy:
    """What is summed over the blocks of a sound to tell whether its channels can be joined, see `one_channel`."""

    def __init__(self):
        self.count, self.total, self.squares = 0, np.zeros(1), np.zeros(1)  # of each channel, and last of their mean

    def add(self, block: np.ndarray) -> None:
        """Count in (n, channels)."""
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused later
            all_of = np.column_stack([block, block.mean(axis=1)]).astype(np.float64)
            self.count, self.total = self.count + len(block), self.total + all_of.sum(axis=0)
            self.squares = self.squares + np.square(all_of).sum(axis=0)

    def loudest(self) -> int | None:
        """The channel that stands for all; None: their mean does."""
        with np.errstate(over="ignore", invalid="ignore"):
            *energy, joined = self.squares - self.total**2 / max(self.count, 1)
            if len(energy) > 1 and (joined < 0.55 * max(energy) or min(energy) < max(energy) / 1000):
                return int(np.argmax(energy))
        return None
