"""Where the time goes: a training step, the features of an utterance, the course; memory by size of the corpus.

`python -m benchmarks.cost`, which `make bench` calls, writes results/cost.json, and of it the page cost.md
and its plot cost.svg. `python -m benchmarks.cost train` measures that part alone, with the word `page` none.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd
import torch
from torch.profiler import ProfilerActivity, profile

from vcemo_lib.audio.augment import add_noise, pitch_shift, time_stretch
from vcemo_lib.audio.signal import decode, log_mel
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.feature_encoders import FeatureEncoders
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.evaluation.records import environment
from vcemo_lib.experiments.parallel_runs import markdown
from vcemo_lib.paths import RESULTS
from vcemo_lib.recipes import LAPTOP, LIVE, TINY, Recipe, supcon
from vcemo_lib.storage import read_json, write_json, write_text
from vcemo_lib.training.trainer import Trainer

from .memory import command, curve, of_parts, of_torch

SIZES = {"live": TINY.but(**LIVE), "tiny": TINY, "laptop": LAPTOP}
KINDS = {  # by words in the names of torch's operators, the first that fits
    "convolution": ("conv",),
    "LSTM": ("rnn", "lstm"),
    "normalisation": ("batch_norm", "layer_norm", "LayerNorm", "_MaskedNorm"),
    "matrix products": ("mm", "bmm", "matmul", "linear"),
    "optimiser": ("adam", "Optimizer", "foreach"),
}
STEPS = 6
MEMORY = ("utterances", "MB of its own", "MB mapped from files", "ms per utterance in a step")
PAGE = """# What things cost

`make bench` writes this page: processor time of one thread on one machine ({date}, torch {torch}). \
Beside other libraries: results/bench.md.

## One training step

{steps}

*live* is what chapters train while they are read; *the rest* is small operators and Python. \
With the contrast a step reads each utterance twice, and its copy a third time without gradient.

## The features of one utterance, made once

{features}

## The course

{course}

## Memory of a process

`vcemo train` on {train[utterances]:,} clips of the shipped corpus (profile {train[profile]}, nothing in the cache) \
held {train[megabytes]:,} MB at most, with what it maps from files. A process with torch alone holds {wheel[all]} MB, \
{wheel[for_gpus]} MB of them NVIDIA's libraries: the wheel that PyPI has for Linux loads them without a GPU as well, \
PyTorch's wheel for the CPU has none.

What a chapter may load, one after the other. Chapters 00 and 16, which train and ask a model about clips, load all \
of it, and hold the batch of a training beside it.

{parts}

## Memory by size of the corpus

A training of the tiny size (40 bands, 20 ms, batches of 32) on made-up features of 100 frames and 6 words. \
They are mapped from the disk, and the system takes back what is mapped where memory is short; of its own a \
training holds the network, a batch and the table of the corpus.

{memory}

![Memory and time by size of the corpus](cost.svg)
"""


def step_cost(recipe: Recipe) -> dict:
    """Milliseconds of a step, and the share of each kind of work; "the rest" is small operators and Python."""
    recipe = recipe.but(limit=10 * recipe.batch_size)
    corpus = load_corpus("vcemo_sim", limit=recipe.limit)
    store, split = FeatureStore(corpus, recipe.features), split_8_1_1(corpus)
    trainer, rng = Trainer(store.augment(split.train), split, recipe, seed=0), np.random.default_rng(0)
    batches = trainer._batches(rng)
    _steps(trainer, batches, rng, 2)
    building, total = _steps(trainer, batches, rng, STEPS)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        _steps(trainer, batches, rng, STEPS)
    shares = by_kind({event.key: event.self_cpu_time_total for event in found.key_averages()})
    measured = {kind: share * (1 - building / total) for kind, share in shares.items()}
    return {
        "batch": recipe.batch_size,
        "ms": round(1e3 * total / STEPS, 1),
        "shares": {"making the batch": building / total, **measured},
    }


def _steps(trainer: Trainer, batches: list, rng: np.random.Generator, n: int) -> tuple[float, float]:
    """Seconds of n steps that went into making batches, and all of them."""
    building = total = 0.0
    for k in range(n):
        start = time.process_time()
        views = trainer._views(batches[k % len(batches)], rng)
        building += time.process_time() - start
        trainer.step(*views)
        total += time.process_time() - start
    return building, total


def by_kind(microseconds: dict[str, float]) -> dict[str, float]:
    """The share of each kind in all that was measured."""
    sums = Counter()
    for name, value in microseconds.items():
        sums[next((kind for kind, words in KINDS.items() if any(w in name for w in words)), "the rest")] += value
    return {kind: sums[kind] / sum(sums.values()) for kind in (*KINDS, "the rest")}


def feature_cost(n: int = 32) -> dict[str, float]:
    """Milliseconds an utterance of each thing that is made once and kept."""
    corpus, features = load_corpus("vcemo_sim", limit=n), LAPTOP.features
    clips, encoders, rng = list(corpus.frame["audio"]), FeatureEncoders(features), np.random.default_rng(0)
    waves, texts = [decode(clip) for clip in clips], corpus.frame["text"].tolist()
    store = FeatureStore(corpus, features, modalities=())
    work = {
        "decode the sound": lambda: [decode(clip) for clip in clips],
        "log-mel": lambda: [log_mel(wave) for wave in waves],
        "a copy: pitch": lambda: [pitch_shift(wave, 2.0) for wave in waves],
        "a copy: tempo": lambda: [time_stretch(wave, 1.1) for wave in waves],
        "a copy: noise": lambda: [add_noise(wave, 30.0, rng) for wave in waves],
        "word vectors": lambda: [encoders.vectors.encode(words) for words in store.tokens],
        "sentence vector": lambda: encoders.sentences.encode(texts),
    }
    return {name: round(1e3 * _least(call) / n, 3) for name, call in work.items()}


def _least(call: Callable[[], object], times: int = 3) -> float:
    call()
    found = []
    for _ in range(times):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def page(found: dict) -> str:
    """What was measured, in Markdown."""
    machine = found["environment"]
    steps = [
        {"size": size, "batch": step["batch"], "ms": f"{step['ms']:.0f}"}
        | {kind: f"{step['shares'][kind]:.0%}" for kind in ("making the batch", *KINDS, "the rest")}
        for size, step in sorted(found["steps"].items(), key=lambda item: item[1]["ms"])
    ]
    longest = sorted(found["features"].items(), key=lambda item: -item[1])
    features = [{"work": name, "ms": f"{ms:.3f}"} for name, ms in longest]
    memory = [
        [f"{row['utterances']:,}", row["own_mb"], row["mapped_mb"], row["ms_an_utterance"]] for row in found["memory"]
    ]
    return PAGE.format(
        date=machine["date"],
        torch=machine["torch"],
        steps=markdown(pd.DataFrame(steps)),
        features=markdown(pd.DataFrame(features)),
        course=course(read_json(RESULTS / "chapters.json")),
        train=found["train"],
        wheel=found["torch"],
        parts=markdown(pd.DataFrame(found["parts"], columns=["part", "MB"])),
        memory=markdown(pd.DataFrame(memory, columns=MEMORY)),
    )


def course(run: dict) -> str:
    """What the chapters took in the run that results/chapters.json keeps, the longest first."""
    longest = sorted(run["seconds"].items(), key=lambda item: -item[1])
    lines = [(name, f"{seconds:.0f}", f"{run['megabytes'][name]:.0f}") for name, seconds in longest]
    return (
        f"Profile {run['profile']} on {run['processors']} processors, {run['jobs']} chapters at once "
        f"(results/chapters.json): {sum(run['seconds'].values()) / 60:.1f} minutes, summed over the chapters. "
        "MB is the most memory that the chapter's process held, with what it maps from files.\n\n"
        + markdown(pd.DataFrame(lines, columns=["chapter", "s", "MB"]))
    )


def plot(rows: list[dict]) -> None:
    """Memory of a training over the number of utterances."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "cost"}
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.plot([row["utterances"] for row in rows], [row["own_mb"] for row in rows], "o-")
    top = 1.15 * max(row["own_mb"] for row in rows)
    axes.set(xscale="log", ylim=(0, top), xlabel="utterances", ylabel="MB of its own")
    figure.savefig(RESULTS / "cost.svg", metadata={"Date": None})
    plt.close(figure)


def step_costs() -> dict[str, dict]:
    """`step_cost` of each size."""
    sizes = SIZES | {"laptop, with the contrast": supcon(LAPTOP)}
    return {name: step_cost(recipe) for name, recipe in sizes.items()}


PARTS = {"steps": step_costs, "features": feature_cost, "memory": curve, "train": command, "torch": of_torch}
PARTS |= {"parts": lambda: list(of_parts().items()), "environment": environment}


def main(names: list[str]) -> None:
    """Measure all parts, or those named, and write the three files; what is not measured stays as it was."""
    torch.set_num_threads(1)
    kept = read_json(RESULTS / "cost.json") if names else {}
    found = kept | {name: PARTS[name]() for name in (names or PARTS) if name != "page"}
    write_json(RESULTS / "cost.json", found)
    write_text(RESULTS / "cost.md", page(found))
    plot(found["memory"])


if __name__ == "__main__":
    main(sys.argv[1:])
