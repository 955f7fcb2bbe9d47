"""One training run: the choice of the epoch on validation, resuming, and the one reading of the test part."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..config import ModelConfig
from ..data import DESCRIBED, FeatureStore, Split, require_language
from ..errors import VcemoError
from ..memory import give_back
from ..models import processes
from ..recipes import Recipe
from ..storage import StorageError, locked, read_sealed, write_sealed
from .sampling import check_queue, uses_copies
from .trainer import Trainer, TrainError, predict


class TestReadTwiceError(VcemoError):
    """The test part was asked for a second time in one run."""


@dataclass
class Run:
    """A finished training run: the model of the best validation epoch, and what happened on the way."""

    model: nn.Module
    store: FeatureStore
    split: Split
    recipe: Recipe
    seed: int
    history: list[dict]
    best_epoch: int
    seconds: float  # of training and validation, in all processes of a resumed run
    _test_read: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The task's label order."""
        return self.store.corpus.task_labels(self.recipe.model.n_classes)

    def predict(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """(truth, logits) of a part: (N,) class numbers and (N, C) float32. The test part can be read once.

        Raises:
            TestReadTwiceError: the test part was read before.
        """
        if part == "test":
            if self._test_read:
                raise TestReadTwiceError(
                    "the test part was already read in this run; a second look would be choosing "
                    "on test: keep the first result, or train a new run"
                )
            self._test_read = True
        ids = getattr(self.split, part)
        return predict(self.model, self.store, ids, self.recipe)


def fit(
    store: FeatureStore,
    split: Split,
    recipe: Recipe,
    seed: int = 0,
    folder: Path | None = None,
    on_epoch: Callable[[dict], None] | None = None,
) -> Run:
    """Train one system and keep its best validation epoch (Paper §4.2–4.3).

    Args:
        store: features of the corpus; the augmented copies are made here, of the training part only.
        folder: where a checkpoint is kept after each epoch; a killed run goes on from it with the same result. Of two
            trainings into one folder the second is refused.
        on_epoch: is called with each line of the history.
    """
    _check(store, split, recipe)
    check_queue(recipe, len(split.train))
    store.augment(split.train if uses_copies(recipe) else ())
    trainer = Trainer(store, split, recipe, seed)
    checkpoint = None if folder is None else Path(folder) / "checkpoint.pt"
    give_back()
    with alone(checkpoint, folder):
        _train(trainer, checkpoint, on_epoch)
    give_back()
    trainer.model.load_state_dict(trainer.best_state)
    return Run(trainer.model, store, split, recipe, seed, trainer.history, trainer.best_epoch, trainer.seconds)


def alone(path: Path | None, folder: Path | None) -> AbstractContextManager:
    """One training at a time at `path`, if any; of processes that train together the first, which writes, holds it.

    Raises:
        StorageError: of a second training into `folder`, when it begins.
    """
    if path is None or processes.rank() > 0:
        return nullcontext()
    return locked(path, f"another process is training into {folder}: wait until it is done, or give another folder")


def _train(trainer: Trainer, checkpoint: Path | None, on_epoch: Callable[[dict], None] | None) -> None:
    """The epochs that are left, each kept."""
    first = processes.rank() == 0
    if saved := processes.broadcast(_read(checkpoint) if checkpoint and first and checkpoint.is_file() else None):
        _go_on(trainer, saved, checkpoint)
    while not trainer.done:
        line = trainer.run_epoch()
        if checkpoint and first:
            _write(checkpoint, trainer.snapshot())
        if on_epoch:
            on_epoch(line)


def _go_on(trainer: Trainer, saved: dict, checkpoint: Path) -> None:
    try:
        trainer.restore(saved)
    except TrainError as error:
        raise TrainError(f"{checkpoint}: {error}") from None
    except Exception as error:  # a field is missing, or has another type or shape
        raise TrainError(
            f"the checkpoint {checkpoint} does not hold what a training keeps ({type(error).__name__}): delete it, the "
            "training then begins anew"
        ) from None


def _check(store: FeatureStore, split: Split, recipe: Recipe) -> None:
    if store.config != recipe.features:
        raise TrainError("the features were made with other settings than the recipe's: build them from the recipe")
    if missing := set(recipe.model.reads) - set(store.modalities):
        raise TrainError(
            f"the features have no {' and '.join(sorted(missing))}, which the model reads: build them with "
            "modalities=recipe.model.reads"
        )
    _check_widths(store, recipe.model)
    if "audio" in recipe.model.modalities and not store.corpus.has_audio:
        raise TrainError(
            f"corpus {store.corpus.name} is text only and the recipe reads the audio: take the system vcemo "
            "with modalities=('words', 'bert'), or one of the two"
        )
    if recipe.model.system == "cme" and not store.has_times:
        raise TrainError(
            f"CME needs the time of each word and corpus {store.corpus.name} brings none: let "
            f"Whisper time them ('vcemo corpus transcribe {store.corpus.name} --times'), or use another system"
        )
    require_language(store.corpus, recipe)
    split.check(store.corpus)


def _check_widths(store: FeatureStore, config: ModelConfig) -> None:
    for name in config.reads:
        here, expected, held_by = store.width(name), DESCRIBED[name].width_in(config), DESCRIBED[name].width
        if held_by == "frame_dim":
            held_by = "speech_dim" if store.speech else "n_mels"
        cure = f"pass recipe.but({held_by}={here})" if isinstance(held_by, str) else "correct its description"
        if here != expected:
            raise TrainError(f"the features of {name} have {here} dimensions, the model expects {expected}: {cure}")


def _write(path: Path, snapshot: dict) -> None:
    content = io.BytesIO()
    torch.save(snapshot, content)
    write_sealed(path, content.getvalue())


def _read(path: Path) -> dict:
    try:
        content = io.BytesIO(read_sealed(path))
        return torch.load(content, weights_only=True, map_location="cpu")  # a GPU's run goes on without one too
    except Exception as error:  # of a damaged file torch raises whatever its reader meets
        why = "its checksum differs" if isinstance(error, StorageError) else type(error).__name__
        raise TrainError(
            f"the checkpoint {path} cannot be read ({why}): delete it, the training then begins anew"
        ) from None
