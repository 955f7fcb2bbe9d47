"""One training step of the whole model, SupCon with a queue and a momentum encoder (Paper §3), from clips to Adam.

The rival is `plain.py`: augmentation and mel by librosa whenever a clip is read, torch's own layers, SupCon by
pytorch-metric-learning over batch and queue, the momentum encoder by a loop over its parameters. Words and sentence
vectors are stored for both.
"""

from collections.abc import Iterator
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from vcemo_lib.audio.signal import decode, normalise
from vcemo_lib.data.batch import Batch
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import LAPTOP, PAPER_VCEMO, TINY, Recipe, supcon
from vcemo_lib.training.losses import mixed_loss, supcon_loss
from vcemo_lib.training.trainer import Trainer

from .contrast import PML, dense_supcon
from .plain import PlainVcemo, librosa_copy, librosa_mel
from .timing import Call, Case, not_there

BUNDLED = {"vectors": "bundled", "segmenter": "jieba", "bert": "bundled", "bert_dim": 256, "copies": 1}
NO_NOISE = {"mask_bands": 0, "mask_frames": 0, "mask_words": 0.0}  # SpecAugment is beyond the plain version
SIZES = {  # the paper's batch of 256 takes 45 s a step on two cores (results/paper_size.json)
    "tiny": (TINY, 32),
    "laptop": (LAPTOP, 64),
    "paper's widths": (PAPER_VCEMO, 8),
}


def cases(short: bool = False) -> Iterator[Case]:
    """Three sizes."""
    for name in ("tiny",) if short else SIZES:
        recipe, batch_size = SIZES[name]
        batch_size = 8 if short else batch_size
        yield _case(name, supcon(recipe.but(batch_size=batch_size, exclude_own=False, **NO_NOISE, **BUNDLED)))


def _case(name: str, recipe: Recipe) -> Case:
    corpus = load_corpus("vcemo_sim", limit=10 * recipe.batch_size)
    store, split = FeatureStore(corpus, recipe.features), split_8_1_1(corpus)
    trainer = Trainer(store.augment(split.train), split, recipe, seed=0)
    rng, ids = np.random.default_rng(0), list(split.train[: recipe.batch_size])

    def ours() -> None:
        trainer.step(*trainer._views(ids, rng))

    rival = "plain torch, librosa, PML"
    missing = {rival: f"{PML} is not installed"} if not_there(PML) else {}
    rivals = {} if missing else {rival: _plain(trainer, ids, rng)}

    def equal() -> None:
        _same_model(recipe, corpus, store)

    label = f"{name}: d {recipe.model.d}, batch {recipe.batch_size}, queue {recipe.queue_size}"
    return Case("step", label, ours, rivals, equal, missing, {rival: 5}, "flops")


def _plain(trainer: Trainer, ids: list[str], rng: np.random.Generator) -> Call:
    training = PlainTraining(trainer)
    return lambda: training.step(ids, rng)


def _same_model(recipe: Recipe, corpus, store: FeatureStore) -> None:
    """Logits, loss and gradients of both, without dropout, on clips of one length, since padding is counted there."""
    recipe = recipe.but(dropout=0.0)
    torch.manual_seed(0)
    ours = build_model(recipe.model)
    plain, labels = PlainVcemo(recipe.model, ours), corpus.task_labels(6)
    batch = _cut(store.batch(list(corpus.ids[:8]), labels))
    output, (logits, h) = ours(batch), plain(batch)
    torch.testing.assert_close(output.logits, logits, rtol=1e-3, atol=1e-4)
    keys, key_labels = F.normalize(torch.randn(64, h.shape[1]), dim=1), torch.arange(64) % 6
    answers = (
        (output.logits, supcon_loss(output.h, batch.labels, keys=keys, key_labels=key_labels, temperature=0.1)),
        (logits, dense_supcon(h, batch.labels, keys, key_labels)),
    )
    for its_logits, contrast in answers:
        mixed_loss(F.cross_entropy(its_logits, batch.labels), contrast, recipe.alpha).backward()
    mine, theirs = ours.encoders["audio"].blocks[0].conv.weight.grad, plain.conv[0].weight.grad
    torch.testing.assert_close(mine, theirs, rtol=1e-2, atol=1e-5)


def _cut(batch: Batch) -> Batch:
    """The first frames and words that every utterance has."""
    frames, words = int(batch.mel_mask.sum(1).min()), int(batch.words_mask.sum(1).min())
    short = {"mel": frames, "mel_mask": frames, "words": words, "words_mask": words}
    return batch.but(**{name: batch[name][:, :n] for name, n in short.items()})


class PlainTraining:
    """The training state of the plain version, its weights those of a trainer."""

    def __init__(self, trainer: Trainer):
        from pytorch_metric_learning.losses import SupConLoss

        self.recipe, self.store, self.labels = trainer.recipe, trainer.store, trainer.labels
        self.model = PlainVcemo(self.recipe.model, trainer.model)
        self.followers = deepcopy(self.model).requires_grad_(False)
        rates = {"lr": self.recipe.learning_rate, "weight_decay": self.recipe.weight_decay}
        self.optimiser = torch.optim.Adam(self.model.parameters(), **rates)
        self.contrast = SupConLoss(temperature=self.recipe.temperature)
        size = self.recipe.queue_size  # as full as it is after the first epochs
        self.keys = F.normalize(torch.randn(size, self.recipe.model.d_proj), dim=1)
        self.key_labels = torch.randint(0, len(self.labels), (size,))
        trainer.queue.enqueue(self.keys, self.key_labels)

    def step(self, ids: list[str], rng: np.random.Generator) -> float:
        """One optimiser step on recordings and copies, (2B), against the queue and the keys of copies, (B)."""
        both, copies = self._batch(ids, rng, (False, True)), self._batch(ids, rng, (True,))
        logits, h = self.model(both)
        for follower, leader in zip(self.followers.parameters(), self.model.parameters(), strict=True):
            follower.data = follower.data * self.recipe.momentum + leader.data * (1 - self.recipe.momentum)
        with torch.no_grad():
            fresh = F.normalize(self.followers(copies)[1], dim=1)
        contrast = self._contrast(h, both.labels, fresh, copies.labels)
        loss = mixed_loss(F.cross_entropy(logits, both.labels), contrast, self.recipe.alpha)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.keys = torch.cat([self.keys[len(fresh) :], fresh])
        self.key_labels = torch.cat([self.key_labels[len(fresh) :], copies.labels])
        return loss.item()

    def _contrast(self, h: Tensor, labels: Tensor, fresh: Tensor, fresh_labels: Tensor) -> Tensor:
        from pytorch_metric_learning.utils import loss_and_miner_utils as pairs

        seen = torch.cat([h, fresh, self.keys])
        seen_labels = torch.cat([labels, fresh_labels, self.key_labels])
        indices = pairs.get_all_pairs_indices(labels, seen_labels)
        indices = pairs.remove_self_comparisons(indices, torch.arange(len(h)), len(seen))
        return self.contrast(h, labels, indices, seen, seen_labels)

    def _batch(self, ids: list[str], rng: np.random.Generator, copied: tuple[bool, ...]) -> Batch:
        """Recordings (False) and copies (True) of the utterances, their sound decoded and transformed anew."""
        audio = self.store.corpus.frame["audio"].iloc[[self.store.index[i] for i in ids]]
        waves = [decode(clip) for clip in audio]
        heard = [librosa_copy(wave, rng) if copy else wave for copy in copied for wave in waves]
        mels = [torch.from_numpy(normalise(librosa_mel(wave, self.recipe.features.mel))) for wave in heard]
        lengths, mel = torch.tensor([len(m) for m in mels]), pad_sequence(mels, batch_first=True)
        text = self.store.batch(ids * len(copied), self.labels)  # its words and sentence vectors
        return text.but(mel=mel, mel_mask=torch.arange(mel.shape[1]) < lengths[:, None])
