"""The paper's own size: d 512, batch 256, queue 16,384, a few optimiser steps; time and memory as measured.

    python tools/paper_size.py [--batch 256] [--frames 220] [--steps 2] [--precision bf16] [--out results/paper_size.json]

It runs where training would: on the GPU if there is one, else on the CPU.

The batch is noise in the shapes of the paper's features (80 bands, 300-d words, 768-d BERT): neither time nor memory
depends on what is in it. 220 frames and six words are the medians of VCEMO-Sim.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
import torch

from vcemo_lib.data.batch import Batch
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.evaluation.records import environment
from vcemo_lib.recipes import PAPER_VCEMO, TINY, Recipe, supcon
from vcemo_lib.training.trainer import Trainer

WORDS = 6


def noise(labels: torch.Tensor, frames: int, ids: tuple[str, ...], draw: torch.Generator) -> Batch:
    """A batch of these labels whose every frame and word is valid."""
    size = len(labels)
    mel, words, bert = (torch.randn(size, *shape, generator=draw) for shape in ((frames, 80), (WORDS, 300), (768,)))
    return Batch(
        mel,
        torch.ones(size, frames, dtype=torch.bool),
        words,
        torch.ones(size, WORDS, dtype=torch.bool),
        bert,
        torch.zeros(size, WORDS, 2, dtype=torch.long),
        labels,
        tuple(np.resize(ids, size)),
    )


def measure(recipe: Recipe, frames: int, steps: int, root: str | None = None) -> dict:
    """Some steps of a recipe with SupCon; what came out, seconds a step after the first, and the peak of memory."""
    corpus = load_corpus("vcemo_sim", *([root] if root else []), limit=60)
    trainer = Trainer(FeatureStore(corpus, TINY.features), split_8_1_1(corpus), recipe, seed=0)
    before = [p.detach().clone() for p in trainer.model.parameters()]
    losses, ends = take_steps(trainer, frames, steps, corpus.ids)
    moved = sum(not torch.equal(a, b) for a, b in zip(before, trainer.model.parameters(), strict=True))
    return {
        "d": recipe.model.d,
        "batch": recipe.batch_size,
        "frames": frames,
        "queue": list(trainer.queue.keys.shape),
        "filled": int((trainer.queue.labels >= 0).sum()),
        "parameters": sum(p.numel() for p in before),
        "tensors": len(before),
        "tensors_moved": moved,
        "losses": [losses[0], losses[-1]],
        "steps": steps,
        "precision": recipe.precision,
        "seconds_a_step": round(float(np.median(np.diff(ends))), 3),
        **machine(),
    }


def take_steps(trainer: Trainer, frames: int, steps: int, ids: tuple[str, ...]) -> tuple[list[dict], list[float]]:
    """The losses of each step, and when it ended in seconds; each is of recordings and copies, and of keys."""
    draw, losses, ends = torch.Generator().manual_seed(0), [], []
    for _ in range(steps):
        labels = torch.randint(6, (trainer.recipe.batch_size,), generator=draw)
        both = [noise(part, frames, ids, draw) for part in (labels.repeat(2), labels)]
        losses.append(trainer.step(*(batch.to(trainer.accelerator.device) for batch in both)))
        ends.append(time.monotonic())
    return losses, ends


def machine() -> dict:
    """What it ran on, and the peak of the memory there: of the GPU, or of this process."""
    if torch.cuda.is_available():
        return {"device": torch.cuda.get_device_name(), "peak_gb": round(torch.cuda.max_memory_allocated() / 1e9, 2)}
    return {
        "device": f"CPU, {torch.get_num_threads()} threads",
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batch", type=int, default=256, help="a smaller one only tries the program")
    parser.add_argument("--frames", type=int, default=220)
    parser.add_argument("--steps", type=int, default=2, help="two or more: the first is not timed")
    parser.add_argument("--precision", default="no", choices=["no", "bf16"])
    parser.add_argument("--corpus-root", default=None)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    recipe = supcon(PAPER_VCEMO.but(batch_size=args.batch, precision=args.precision))
    measured = measure(recipe, args.frames, args.steps, args.corpus_root)
    text = json.dumps(measured | {"environment": environment()}, indent=1)
    print(text)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
