"""One short training loop for all probes, with the library's losses: a corpus is one batch, so no feature store."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from ...config import ModelConfig
from ...data.batch import Batch
from ...data.corpus import Corpus
from ...data.features import FeatureStore
from ...digests import added
from ...models.output import Output
from ...models.registry import build_model
from ...training.adam import Adam
from ...training.losses import cross_entropy, mixed_loss, supcon_loss
from ...training.moco import LabelledQueue
from ...training.schedule import rate_at
from .synthetic import BANDS, EMOTIONS, SENTENCE_WIDTH, WIDTH, chosen, joined

# Learns stress in 80 updates of 128 utterances, two seconds on one core: here a step costs by its number of tensors.
SMALL = ModelConfig(
    n_classes=EMOTIONS, n_mels=BANDS, word_dim=WIDTH, bert_dim=SENTENCE_WIDTH, d=32, n_layers=1, n_heads=2, d_ff=64,
    dropout=0.0, length=6, conv_channels=(8,), modalities=("audio", "words"), d_proj=32,
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How a model of a probe is trained. α = 0 is cross-entropy alone; `view` disturbs what is read in training."""

    updates: int = 80
    batch_size: int = 128
    learning_rate: float = 1e-2
    alpha: float = 0.0
    temperature: float = 1.0
    queue_size: int = 0
    view: Callable[[Batch, Generator], Batch] | None = None
    two_views: bool = False  # each utterance stands twice in a batch, each time seen by `view` anew
    smoothing: float = added(0.0)  # of the labels
    sigmoid: bool = added(False)  # each class is a question of its own, answered by `marks` (N, C) among the `others`
    soft: bool = added(False)  # the truth is shared out over the classes, `shares` (N, C) among the `others`


def train(config: ModelConfig, corpus: Batch, plan: Plan, seed: int) -> nn.Module:
    """A model trained on random batches of the corpus: Adam, cosine; in eval mode at the end."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    model = build_model(config).train()
    optimiser = Adam(model.parameters(), plan.learning_rate)
    queue = LabelledQueue(config.d_proj, plan.queue_size) if plan.alpha and plan.queue_size else None
    for k in range(plan.updates):
        batch = _views(chosen(corpus, torch.randint(len(corpus), (plan.batch_size,), generator=rng)), plan, rng)
        output = model(batch)
        loss = _loss(output.logits, batch, plan)
        if plan.alpha:
            keys = {"keys": queue.keys, "key_labels": queue.labels} if queue else {}
            contrast = supcon_loss(output.h, batch.labels, temperature=plan.temperature, **keys)
            loss = mixed_loss(loss, contrast, plan.alpha)
        optimiser.rate = plan.learning_rate * rate_at((k + 0.5) / plan.updates, "cosine")
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if queue:
            queue.enqueue(output.h.detach(), batch.labels)
    return model.eval()


def _loss(logits: Tensor, batch: Batch, plan: Plan) -> Tensor:
    if plan.sigmoid:
        return F.binary_cross_entropy_with_logits(logits, batch["marks"])
    if plan.soft:
        return F.cross_entropy(logits, batch["shares"])  # −Σ_c share_c · log p_c
    return cross_entropy(logits, batch.labels, smoothing=plan.smoothing)


def _views(batch: Batch, plan: Plan, rng: Generator) -> Batch:
    if plan.view is None:
        return batch
    seen = plan.view(batch, rng)
    return joined(seen, plan.view(batch, rng)) if plan.two_views else seen


def two_parts(corpus: Corpus, store: FeatureStore, truth: Callable[[pd.DataFrame], dict[str, Tensor]]) -> list[Batch]:
    """The training and the test part of a corpus, each as one batch, with what `truth` makes of its rows."""
    parts = [corpus.frame[corpus.frame["split"] == name] for name in ("train", "test")]
    return [replace(store.batch(rows["id"].tolist(), corpus.labels), others=truth(rows)) for rows in parts]


@torch.no_grad()
def answers(model: nn.Module, corpus: Batch, size: int = 500) -> Output:
    """Logits and h of a whole corpus, in parts of `size`."""
    outputs = [model(chosen(corpus, rows)) for rows in torch.arange(len(corpus)).split(size)]
    h = None if outputs[0].h is None else torch.cat([output.h for output in outputs])
    return Output(torch.cat([output.logits for output in outputs]), h)


def late(words: Tensor, sound: Tensor, labels: Tensor) -> Tensor:
    """Late fusion: log of p(e | words) · p(e | sound) / p(e), from the logits (N, C) of two experts.

    `labels` of the training part give p(e). It is optimal where words and sound are independent given the emotion.
    """
    prior = torch.bincount(labels, minlength=words.shape[1]).clamp(min=1) / len(labels)
    return words.log_softmax(1) + sound.log_softmax(1) - prior.log()
