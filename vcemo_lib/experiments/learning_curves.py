"""What happens on the way: loss, gradient, and what is heard and what is read, of corpora of several sizes.

`python -m vcemo_lib.experiments.learning_curves` makes the runs that results/learning_curves.json lacks, each on one
core; chapter "One training run" reads them. Nothing is chosen on the validation part, so it measures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, reduce
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from accelerate.utils import set_seed
from scipy.special import log_softmax

from ..data.batch import Batch
from ..data.splits import Split
from ..digests import content_key
from ..evaluation.metrics import bootstrap_interval, confusion, scores
from ..evaluation.records import ProtocolCard, fill_record, read_record_of
from ..evaluation.simple import simple_answers
from ..inference.prediction import silenced
from ..models.registry import build_model
from ..paths import RESULTS
from ..recipes import TINY, Recipe
from ..training.adam import Adam
from ..training.losses import cross_entropy
from ..training.sampling import draw_batches
from ..training.schedule import rate_at
from ..training.spec_augment import spec_augmented
from ..training.trainer import predict
from .experiment import Experiment, prepare
from .planted_truth import cue_of

COMMAND = "python -m vcemo_lib.experiments.learning_curves"
FILE = RESULTS / "learning_curves.json"
UPDATES, READ_AT, WINDOW = 300, (50, 100, 150, 200, 300), 10  # losses are kept as means over a window
WHOLE = 5_864  # utterances in the training part of VCEMO-Sim, four classes
SIZES = (300, 600, 1_200, 2_400, WHOLE)
SHOWN = 300  # training utterances on which a reading is made
# A frame every 20 ms in 40 bands, nothing masked, one recording of each, no clipping: the plain case.
PLAIN = TINY.but(
    name="curves", limit=None, copies=0, hop_length=320, n_mels=40, mask_bands=0, mask_frames=0, mask_words=0.0,
    step_unit="updates", epochs=UPDATES,
)  # fmt: skip
MASKS = {"mask_words": 0.5, "mask_bands": 10, "mask_frames": 8}
ARMS = {
    "plain": {},
    "masks, dropout, smoothing": MASKS | {"dropout": 0.5, "smoothing": 0.1},
    "8 epochs": {"epochs": 72},  # of 300 utterances in batches of 32
    "no schedule": {"schedule": "constant"},
    "masks": MASKS,
    "dropout": {"dropout": 0.5},
    "smaller": {"d": 32, "d_ff": 64, "conv_channels": (4, 8, 16)},
}
SEEDS = 5
AT_EVERY_SIZE = ("plain", "masks, dropout, smoothing")
SIMPLE = "simple"  # classifiers of a few lines on the same utterances
SILENT = {"both": (), "heard": ("words", "bert"), "read": ("audio",)}  # reading → what is silenced


def planned() -> Iterator[tuple[str, int, int]]:
    """(arm, size, seed) of each run, the ends of the curve first: a process that is killed has made what tells most."""
    for seed in range(SEEDS):
        yield from ((arm, size, seed) for size in (SIZES[0], WHOLE) for arm in (*AT_EVERY_SIZE, SIMPLE))
        yield from ((arm, SIZES[0], seed) for arm in ARMS if arm not in AT_EVERY_SIZE)
        yield from ((arm, size, seed) for size in SIZES[1:-1] for arm in (*AT_EVERY_SIZE, SIMPLE))


def some(split: Split, size: int, seed: int) -> Split:
    """The split with `size` utterances of its training part, drawn at random; all when there are no more."""
    drawn = np.random.default_rng(seed).permutation(np.array(split.train, dtype=object))[:size]
    return replace(split, name=f"{split.name}, {len(drawn)} to train on, draw {seed}", train=tuple(drawn))


def train_watched(
    experiment: Experiment,
    recipe: Recipe,
    seed: int,
    read_at: Sequence[int] = READ_AT,
    read: Sequence[str] = ("train", "val"),
    intervals: bool = False,
) -> tuple[torch.nn.Module, dict]:
    """Train Ours by `recipe.epochs` updates and look at it on the way; no epoch is chosen.

    Returns:
        The model of the last update, and its course: `loss` and `norm` of the gradient, means over each `WINDOW`
        updates; `readings`, at each of `read_at` and at the end: `update`, and for each part of `read` what `reading`
        gives, with its `intervals` if they are asked for.
    """
    set_seed(seed)
    model = build_model(recipe.model).train()
    optimiser = Adam(model.parameters(), recipe.learning_rate, recipe.weight_decay)
    losses, norms, readings = [], [], []
    parts = {"train": experiment.split.train[:SHOWN], "val": experiment.split.val}
    for update, batch in enumerate(_batches(experiment, recipe, seed)):
        optimiser.rate = recipe.learning_rate * rate_at(update / recipe.epochs, recipe.schedule)
        loss = cross_entropy(model(batch).logits, batch.labels, smoothing=recipe.smoothing)
        loss.backward()
        norms.append(float(torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])))
        losses.append(loss.item())
        optimiser.step()
        optimiser.zero_grad()
        if update + 1 in read_at or update + 1 == recipe.epochs:
            now = {name: reading(model, experiment, parts[name], intervals) for name in read}
            readings.append({"update": update + 1, **now})
    return model, {"loss": _windows(losses), "norm": _windows(norms), "readings": readings}


def _batches(experiment: Experiment, recipe: Recipe, seed: int) -> Iterator[Batch]:
    """`recipe.epochs` batches: epoch after epoch, drawn and masked as `Trainer` draws them."""
    store, ids, epoch, made = experiment.store, experiment.split.train, 0, 0
    rows = [store.index[i] for i in ids]
    lengths, emotions = store.lengths[rows], store.corpus.frame["emotion"].to_numpy()[rows]
    while made < recipe.epochs:
        rng = np.random.default_rng([seed, epoch])
        for chosen in draw_batches(ids, lengths, emotions, recipe, rng)[: recipe.epochs - made]:
            rng.random(len(chosen))  # `Trainer` draws here which copy is read
            yield spec_augmented(store.batch(chosen, experiment.labels), recipe, rng)
            made += 1
        epoch += 1


def reading(
    model: torch.nn.Module, experiment: Experiment, ids: Sequence[str], intervals: bool = False
) -> dict[str, float]:
    """What a model makes of some utterances.

    Returns:
        `loss`, `wa` and `ua` as it is; `answers`, the number of different ones; `heard` and `read`, the mean recall
        with words and sentence vector silenced, and with the sound silenced; with `intervals` also the ends of their
        95 % intervals over utterances, `heard_low` and so on; of a corpus with a planted truth also
        `voice` and `wording`, the share of right answers where only that tells the emotion, if it does anywhere.
    """
    said = {name: answers(model, experiment, ids, silent) for name, silent in SILENT.items()}
    (truth, logits), n = said["both"], len(experiment.labels)
    of = {name: scores(confusion(truth, given.argmax(1), n)) for name, (_, given) in said.items()}
    loss = -log_softmax(logits, 1)[np.arange(len(truth)), truth].mean()
    result = {"loss": loss, "wa": of["both"]["wa"], "ua": of["both"]["ua"], "answers": len(set(logits.argmax(1)))}
    result |= {"heard": of["heard"]["ua"], "read": of["read"]["ua"]}
    for name in ("heard", "read") if intervals else ():
        ends = bootstrap_interval(truth, said[name][1].argmax(1), n, "ua")
        result |= {f"{name}_low": ends[0], f"{name}_high": ends[1]}
    frame = experiment.corpus.frame
    if "voice_cue" in frame:
        cue = cue_of(frame.set_index("id")).loc[list(ids)].to_numpy()
        right = logits.argmax(1) == truth
        result |= {k: right[cue == k].mean() for k in ("voice", "wording") if (cue == k).any()}
    return {name: round(float(value), 4) for name, value in result.items()}


def answers(
    model: torch.nn.Module, experiment: Experiment, ids: Sequence[str], silent: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """(truth, logits) of these utterances, (N,) and (N, C), with some modalities silenced."""
    recipe = experiment.recipe.but(batch_size=64)
    return predict(model, experiment.store, ids, recipe, lambda batch: reduce(silenced, silent, batch))


def _windows(values: Sequence[float]) -> list[float]:
    return [round(float(np.mean(values[k : k + WINDOW])), 4) for k in range(0, len(values), WINDOW)]


def make_records(file: Path = FILE, say: Callable[[str], None] = lambda line: None) -> dict[str, dict]:
    """Make the planned runs that the file lacks."""
    whole = cache(lambda: prepare(PLAIN, "vcemo_sim", n_classes=4))

    def make(planned: tuple[str, int, int]) -> tuple[dict, ProtocolCard]:
        arm, size, seed = planned
        sized = replace(whole(), split=some(whole().split, size, seed))
        made = {"arm": arm, "size": len(sized.split.train), "seed": seed, **_made(sized, arm, seed)}
        return made, whole().card("nothing, the last update")

    runs = {f"{arm}, {size}, seed {seed}": (arm, size, seed) for arm, size, seed in planned()}
    return fill_record(file, definition(), COMMAND, runs, make, say)


def _made(experiment: Experiment, arm: str, seed: int) -> dict:
    if arm != SIMPLE:
        return train_watched(experiment, experiment.recipe.but(**ARMS[arm]), seed)[1]
    answers = simple_answers(experiment.store, experiment.split, experiment.recipe, "val")
    return {"scores": {name: {k: round(v, 4) for k, v in its.scores.items()} for name, its in answers.items()}}


def definition() -> str:
    """Changes with any setting of the runs."""
    return content_key([PLAIN.but(**changes).key for changes in ARMS.values()], UPDATES, READ_AT, WINDOW, SHOWN)


def recorded_curves(file: Path = FILE) -> dict[str, dict]:
    """Every recorded run by its name; none where there is no file.

    Raises:
        RecordError: the file was made by other settings.
    """
    return read_record_of(file, definition(), COMMAND)


def readings_of(kept: dict[str, dict]) -> pd.DataFrame:
    """A row for each reading of each recorded run: arm, size, seed, update, part, and what `reading` gives."""
    return pd.DataFrame(
        {"arm": run["arm"], "size": run["size"], "seed": run["seed"], "update": at["update"], "part": part, **at[part]}
        for run in kept.values()
        for at in run.get("readings", ())
        for part in ("train", "val")
    )


def simple_of(kept: dict[str, dict]) -> pd.DataFrame:
    """A row for each simple classifier of each size and seed: classifier, size, seed, and its scores on validation."""
    return pd.DataFrame(
        {"classifier": name, "size": run["size"], "seed": run["seed"], **metrics}
        for run in kept.values()
        for name, metrics in run.get("scores", {}).items()
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_records(say=lambda line: print(line, flush=True))
