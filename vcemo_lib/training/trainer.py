"""The loop: one epoch after another, validation after each, and all that the next epoch depends on.

The model is not compiled (`torch.compile`) and batches are not pinned on a GPU: what either gains was not measured.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.nn import functional as F

from ..data import Batch, FeatureStore, Split
from ..digests import content_key
from ..errors import VcemoError
from ..evaluation.metrics import confusion, scores
from ..models import Output, build_model, processes
from ..provenance import code_version
from ..recipes import Recipe
from .adam import Adam
from .losses import cross_entropy, mixed_loss, supcon_loss
from .moco import LabelledQueue, MomentumEncoder
from .sampling import draw_batches, draw_views, passes, planned_epochs, rows_of_batch
from .schedule import rate_at
from .spec_augment import spec_augmented

# Frames of a batch come in multiples of this: every new shape costs a kernel that is kept, and memory that fits no hole
# of the last. 120 epochs of a small corpus, mel stretched, peak at 1.25 GB so, at 1.63 GB with any length there is.
SHAPE = 32


class TrainError(VcemoError):
    """A training that cannot go on or begin; the message says what to do."""


class Trainer:
    """The state of a run between two epochs."""

    def __init__(self, store: FeatureStore, split: Split, recipe: Recipe, seed: int):
        set_seed(seed)
        self.store, self.split, self.recipe, self.seed = store, split, recipe, seed
        self.planned = recipe.epochs if recipe.step_unit == "updates" else planned_epochs(recipe, len(split.train))
        self.accelerator = processes.join()
        device = self.accelerator.device
        self.model = build_model(recipe.model).to(device)
        self.optimiser = Adam(self.model.parameters(), recipe.learning_rate, recipe.weight_decay)
        processes.check_share(min(rows_of_batch(recipe), len(split.train)))
        queued = recipe.alpha > 0 and recipe.moco != "off"
        self.queue = LabelledQueue(recipe.model.d_proj, recipe.queue_size).to(device) if queued else None
        momentum = queued and recipe.moco == "momentum"
        self.momentum_encoder = MomentumEncoder(self.model, recipe.momentum) if momentum else None
        self.labels = store.corpus.task_labels(recipe.model.n_classes)
        self.rows = [store.index[i] for i in split.train]
        self.emotions = store.corpus.frame["emotion"].to_numpy()[self.rows]
        self.class_weights = self._class_weights().to(device)
        self.epoch, self.history, self.best_epoch, self.best_state = 0, [], 0, self.model.state_dict()
        self.seconds = 0.0

    @property
    def key(self) -> str:
        """Of all that the run's course depends on, besides the seed: recipe, corpus and split."""
        return content_key(self.recipe.key, self.store.corpus.hash, self.split)

    @property
    def updates(self) -> int:
        """Optimiser steps made so far."""
        return sum(line["updates"] for line in self.history)

    @property
    def done(self) -> bool:
        """Whether the planned number of epochs, or of updates (A32), is reached."""
        return (self.epoch if self.recipe.step_unit == "epochs" else self.updates) >= self.planned

    def run_epoch(self) -> dict:
        """Train one epoch, validate, remember the best; return the history line."""
        start = time.monotonic()
        self.model.train()
        rng = np.random.default_rng([self.seed, self.epoch])
        processes.draw_own(self.seed, self.epoch)
        batches, losses = self._batches(rng), []
        for k, ids in enumerate(batches):
            self._set_rate(k, len(batches))
            losses.append(self.step(*self._views(ids, rng)))
        truth, logits = predict(self.model, self.store, self.split.val, self.recipe)
        line = {"epoch": self.epoch + 1, "updates": len(losses)}
        line |= {name: float(np.mean([step[name] for step in losses])) for name in losses[0]}
        line |= {f"val_{k}": v for k, v in scores(confusion(truth, logits.argmax(1), len(self.labels))).items()}
        self.epoch += 1
        self.history.append(line)
        value = f"val_{self.recipe.select_by}"
        if line[value] > max((h[value] for h in self.history[:-1]), default=-1.0):
            self.best_epoch = self.epoch
            self.best_state = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.seconds += time.monotonic() - start
        return line

    def _set_rate(self, k: int, n: int) -> None:
        """The learning rate of update k of an epoch of n."""
        done = self.updates + k if self.recipe.step_unit == "updates" else self.epoch + k / n
        self.optimiser.rate = self.recipe.learning_rate * rate_at(done / self.planned, self.recipe.schedule)

    def step(self, batch: Batch, key_batch: Batch | None) -> dict[str, float]:
        """One optimiser step; the loss first, then the queue takes the new keys (MoCo's order)."""
        recipe = self.recipe
        output = self._read(self.model, batch)
        remedy = {"imbalance": recipe.imbalance, "weights": self.class_weights, "smoothing": recipe.smoothing}
        ce = cross_entropy(output.logits, batch.labels, **remedy)
        loss, terms = ce, {"ce": ce}
        if recipe.alpha > 0:
            fresh = self._fresh_keys(output.h, key_batch)
            terms["supcon"] = self._contrast(output.h, batch, key_batch, fresh)
            loss = mixed_loss(ce, terms["supcon"], recipe.alpha)
        self.accelerator.backward(loss)
        processes.sum_gradients(self.model.parameters())
        if recipe.clip:
            self.accelerator.clip_grad_norm_(self.model.parameters(), recipe.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        if self.queue is not None:
            self.queue.enqueue(fresh, key_batch.labels, _numbers(key_batch, self.store))
        return {name: float(value.detach()) for name, value in (terms | {"loss": loss}).items()}

    def _read(self, model: nn.Module, batch: Batch) -> Output:
        """What a model makes of a batch, products in half precision where the recipe says so."""
        half = self.recipe.precision == "bf16"  # not through accelerate, which allows one precision a process
        with torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=half):
            return processes.whole_output(model, batch)

    def _fresh_keys(self, h: Tensor, key_batch: Batch) -> Tensor:
        """(B, d_proj) unit keys of this batch: by the momentum encoder, or the queries themselves, detached."""
        if self.momentum_encoder is not None:
            self.momentum_encoder.update(self.model)
            return F.normalize(self._read(self.momentum_encoder, key_batch).h, dim=1)
        return F.normalize(h[: len(key_batch)].detach(), dim=1)

    def _contrast(self, h: Tensor, batch: Batch, key_batch: Batch, fresh: Tensor) -> Tensor:
        recipe, key_ids = self.recipe, None
        given = {name: getattr(recipe, name) for name in ("temperature", "reduction", "reference_scale")}
        if self.queue is not None:
            keys, labels, key_ids = self.queue.keys, self.queue.labels, self.queue.ids
            if self.momentum_encoder is not None:  # without it the fresh keys are the anchors themselves
                keys, labels = torch.cat([fresh, keys]), torch.cat([key_batch.labels, labels])
                # −2: this step's keys are second views, wanted as positives; only stale copies may be excluded
                key_ids = torch.cat([torch.full_like(key_batch.labels, -2), key_ids])
            given |= {"keys": keys, "key_labels": labels}
        if recipe.exclude_own:
            given |= {"own_ids": _numbers(batch, self.store), "key_ids": key_ids}
        return supcon_loss(h, batch.labels, **given)

    def _batches(self, rng: np.random.Generator) -> list[list[str]]:
        drawn = (self.split.train, self.store.lengths[self.rows], self.emotions, self.recipe, rng)
        batches = [batch for _ in range(passes(self.recipe, len(self.rows))) for batch in draw_batches(*drawn)]
        return batches[: self.planned - self.updates] if self.recipe.step_unit == "updates" else batches

    def _views(self, ids: list[str], rng: np.random.Generator) -> tuple[Batch, Batch | None]:
        """The batch of queries, (B or 2B), and the batch whose features become keys, (B)."""
        rows, copies, key_copies = draw_views(ids, self.recipe, rng)
        batch = self._batch(rows, copies, rng)
        if self.recipe.alpha == 0:
            return batch, None
        return batch, batch if self.recipe.views == "one" else self._batch(ids, key_copies, rng)

    def _batch(self, ids, copies, rng) -> Batch:
        batch = self.store.batch(ids, self.labels, copies.tolist())
        batch = spec_augmented(batch, self.recipe, rng).with_frames_of(SHAPE)
        return batch.to(self.accelerator.device)

    def _class_weights(self) -> Tensor:
        """N / (C · n_c), (C,), of the training part alone; a class without utterances weighs as one with one."""
        codes = [self.labels.index(emotion) for emotion in self.emotions]
        count = np.bincount(codes, minlength=len(self.labels)).clip(min=1)
        return torch.tensor(len(codes) / (len(count) * count), dtype=torch.float32)

    def snapshot(self) -> dict:
        """Everything the next epoch depends on."""
        modules = {"model": self.model, "queue": self.queue, "momentum_encoder": self.momentum_encoder}
        return {
            "key": self.key,
            "seed": self.seed,
            "code": code_version(),
            "epoch": self.epoch,
            "history": self.history,
            "best_epoch": self.best_epoch,
            "best_state": self.best_state,
            "torch_rng": torch.get_rng_state(),
            "cuda_rng": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
            "optimiser": self.optimiser.state_dict(),
            "seconds": self.seconds,
            **{name: module.state_dict() for name, module in modules.items() if module is not None},
        }

    def restore(self, saved: dict) -> None:
        """Go on from a snapshot of the same recipe, corpus, split, seed and code.

        Raises:
            TrainError: the snapshot is of others.
        """
        if (saved["key"], saved["seed"]) != (self.key, self.seed):
            raise TrainError(
                "the checkpoint belongs to another recipe, corpus, split or seed: use another folder or delete it"
            )
        if saved.get("code") != code_version():
            raise TrainError(
                "the checkpoint was made by another version of the code: use another folder or delete it, the training "
                "then begins anew"
            )
        self.epoch, self.history, self.seconds = saved["epoch"], saved["history"], saved["seconds"]
        self.best_epoch, self.best_state = saved["best_epoch"], saved["best_state"]
        self.optimiser.load_state_dict(saved["optimiser"])
        for name in ("model", "queue", "momentum_encoder"):
            if name in saved:
                getattr(self, name).load_state_dict(saved[name])
        torch.set_rng_state(saved["torch_rng"])
        if saved.get("cuda_rng") is not None and torch.cuda.is_available():  # dropout on a GPU draws there
            torch.cuda.set_rng_state(saved["cuda_rng"])


@torch.no_grad()
def predict(
    model: nn.Module, store: FeatureStore, ids, recipe: Recipe, view: Callable[[Batch], Batch] = lambda batch: batch
) -> tuple[np.ndarray, np.ndarray]:
    """(truth, logits) of these utterances in their order; the model is in eval mode meanwhile.

    Args:
        view: what the model is shown of each batch.
    """
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    order = np.argsort([store.lengths[store.index[i]] for i in ids], kind="stable")
    truth, logits = np.empty(len(ids), int), np.empty((len(ids), recipe.model.n_classes), np.float32)
    labels = store.corpus.task_labels(recipe.model.n_classes)
    for rows in np.array_split(order, max(1, -(-len(ids) // recipe.batch_size))):
        batch = store.batch([ids[r] for r in rows], labels).to(device)
        truth[rows], logits[rows] = batch.labels.cpu(), model(view(batch)).logits.float().cpu()
    model.train(was_training)
    return truth, logits


def _numbers(batch: Batch, store: FeatureStore) -> Tensor:
    return torch.tensor([store.index[i] for i in batch.ids], device=batch.labels.device)
