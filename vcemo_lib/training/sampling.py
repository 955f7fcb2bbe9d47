"""Which utterances make the batches of an epoch, and which recording or copy of each is read."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from ..recipes import Recipe, RecipeError


def uses_copies(recipe: Recipe) -> bool:
    """Whether augmented recordings are read in training."""
    return recipe.features.copies > 0 and recipe.views != "dropout" and "audio" in recipe.model.modalities


def two_views(recipe: Recipe) -> bool:
    """Whether each utterance stands twice in a batch (A25)."""
    return recipe.alpha > 0 and recipe.views in ("augment", "dropout")


def rows_of_batch(recipe: Recipe) -> int:
    """How many utterances make a batch (A26)."""
    halved = recipe.batch_of == "views" and two_views(recipe)
    return max(recipe.batch_size // 2, 1) if halved else recipe.batch_size


def check_queue(recipe: Recipe, n: int) -> None:
    """Raise RecipeError where a batch out of n training utterances has more keys than the queue takes."""
    keys = min(rows_of_batch(recipe), n)
    if recipe.alpha > 0 and recipe.moco != "off" and keys > recipe.queue_size:
        raise RecipeError(f"queue_size={recipe.queue_size} holds no batch of {keys} keys: give {keys} or more.")


def planned_epochs(recipe: Recipe, n: int) -> int:
    """Epochs of a run on n training utterances: the recipe's, or more where these make fewer than its `min_updates`.

    >>> from vcemo_lib.recipes import PAPER_VCEMO
    >>> planned_epochs(PAPER_VCEMO.but(epochs=3, batch_size=32, min_updates=100), 320)
    10
    """
    return max(recipe.epochs, ceil(recipe.min_updates / (_per_pass(recipe, n) * passes(recipe, n))))


def passes(recipe: Recipe, n: int) -> int:
    """How often an epoch reads n training utterances: once, or as often as its `epoch_updates` need.

    >>> from vcemo_lib.recipes import PAPER_VCEMO
    >>> passes(PAPER_VCEMO, 54), passes(PAPER_VCEMO.but(batch_size=32, epoch_updates=10), 54)
    (1, 10)
    """
    return max(ceil(recipe.epoch_updates / _per_pass(recipe, n)), 1)


def _per_pass(recipe: Recipe, n: int) -> int:
    return max(n // rows_of_batch(recipe), 1)


def draw_batches(
    ids: Sequence[str], lengths: np.ndarray, emotions: Sequence[str], recipe: Recipe, rng: np.random.Generator
) -> list[list[str]]:
    """Random batches, each of clips of about equal length, so that little is padding.

    What makes no whole batch is left out, other clips in each call (A31); fewer than one batch are one short batch.

    Args:
        ids, lengths, emotions: the N training utterances, their frames and their labels.
        recipe: with imbalance "sampler" N utterances are drawn with replacement, every emotion as often.
    """
    ids, size = np.array(ids), rows_of_batch(recipe)
    order = _balanced(emotions, rng) if recipe.imbalance == "sampler" else rng.permutation(len(ids))
    whole = max(len(order) // size, 1)
    order = order[: whole * size]  # before they are sorted: else the longest of a small corpus would never be read
    pools = np.array_split(order, max(1, len(order) // (8 * size)))
    order = np.concatenate([pool[np.argsort(lengths[pool], kind="stable")] for pool in pools])
    chunks = [order[k * size : (k + 1) * size] for k in range(whole)]
    return [ids[chunks[k]].tolist() for k in rng.permutation(whole)]


def _balanced(emotions: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    _, kind, count = np.unique(np.array(emotions), return_inverse=True, return_counts=True)
    share = 1 / count[kind]
    return rng.choice(len(kind), len(kind), p=share / share.sum())


def draw_views(ids: list[str], recipe: Recipe, rng: np.random.Generator) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Ids of the rows of a batch, (B or 2B), the copy that each row reads, and those that the B keys read (A25).

    Copy 0 is the recording. Without contrast, and with views "one", each row is recording or copy, evenly.
    """
    n = recipe.features.copies
    copies = rng.integers(1, n + 1, len(ids)) if uses_copies(recipe) else np.zeros(len(ids), int)
    recordings = np.zeros(len(ids), int)
    if two_views(recipe):
        return ids + ids, np.concatenate([recordings, copies]), copies
    if recipe.alpha > 0 and recipe.views == "keys":
        return ids, recordings, copies
    choice = np.where(rng.random(len(ids)) < 0.5, copies, 0)
    return ids, choice, choice
