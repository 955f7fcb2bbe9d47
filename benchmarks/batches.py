"""Batches from the memory-mapped features, beside a file a clip and Hugging Face datasets."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from vcemo_lib.audio.signal import normalise
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.recipes import LAPTOP
from vcemo_lib.training.sampling import draw_batches

from .timing import Case, not_there


def cases(short: bool = False) -> Iterator[Case]:
    """Eight batches of 64 mels, padded and normalised, as an epoch draws them."""
    corpus = load_corpus("vcemo_sim", limit=64 if short else 512)
    store, recipe = FeatureStore(corpus, LAPTOP.features, ("audio",)), LAPTOP.but(batch_size=16 if short else 64)
    batches = draw_batches(corpus.ids, store.lengths, corpus.frame["emotion"], recipe, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        readers = {"np.load": _files(store, Path(folder))}
        if not not_there("datasets"):
            readers["datasets"] = _datasets(store)
        rivals = {name: partial(_padded, read, batches) for name, read in readers.items()}

        def ours() -> list[Tensor]:
            return [store.batch(ids, corpus.labels).mel for ids in batches]

        def equal() -> None:
            for name, call in rivals.items():
                for mine, theirs in zip(ours(), call(), strict=True):
                    assert torch.equal(mine, theirs), name

        padded = sum(mel.shape[0] * mel.shape[1] for mel in ours())
        waste = padded / sum(store.lengths[store.index[i]] for ids in batches for i in ids)
        note = f"padding waste {waste:.2f}, wanted at most 1.15"
        name, wanted = f"{len(batches)} batches of {len(batches[0])}", {"np.load": 2.5, "datasets": 3}
        moved = float(sum(2 * 4 * mel.numel() for mel in ours()))  # read and written
        yield Case("batches", name, ours, rivals, equal, not_there("datasets"), wanted, moved, note=note)


def _padded(read: Callable, batches: list[list[str]]) -> list[Tensor]:
    """Batches of what is read a clip at a time, normalised and padded as is commonly written."""
    clips = ([torch.from_numpy(normalise(x.astype(np.float32))) for x in read(ids)] for ids in batches)
    return [pad_sequence(batch, batch_first=True) for batch in clips]


def _files(store: FeatureStore, folder: Path):
    for i in store.index:
        np.save(folder / f"{i}.npy", store.sound.frames(i))
    return lambda ids: [np.load(folder / f"{i}.npy") for i in ids]


def _datasets(store: FeatureStore):
    from datasets import Dataset

    table = Dataset.from_dict({"mel": [store.sound.frames(i) for i in store.index]}).with_format("numpy")
    return lambda ids: [np.stack(x) for x in table[[store.index[i] for i in ids]]["mel"]]
