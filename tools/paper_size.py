"""The paper's own size on a CPU: d 512, batch 256, queue 16,384, two optimiser steps; time and memory as measured.

    python tools/paper_size.py [--batch 256] [--frames 220] [--out results/paper_size.json]

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

from vcemo_lib.batch import Batch
from vcemo_lib.corpora import load_corpus
from vcemo_lib.features import FeatureStore
from vcemo_lib.recipes import PAPER_VCEMO, TINY, supcon
from vcemo_lib.records import environment
from vcemo_lib.splits import split_8_1_1
from vcemo_lib.train import Trainer

WORDS, STEPS = 6, 2


def noise(labels: torch.Tensor, frames: int, ids: tuple[str, ...], draw: torch.Generator) -> Batch:
    """A batch of these labels whose every frame and word is valid."""
    size = len(labels)
    mel, words, bert = (torch.randn(size, *shape, generator=draw) for shape in ((frames, 80), (WORDS, 300), (768,)))
    return Batch(mel, torch.ones(size, frames, dtype=torch.bool), words, torch.ones(size, WORDS, dtype=torch.bool), bert,
                 torch.zeros(size, WORDS, 2, dtype=torch.long), labels, tuple(np.resize(ids, size)))


def measure(batch: int, frames: int, root: str | None = None) -> dict:
    """Two steps of Ours (SupCon) by the paper's recipe; what came out, seconds a step, and this process's peak memory."""
    corpus = load_corpus("vcemo_sim", *([root] if root else []), limit=60)
    recipe = supcon(PAPER_VCEMO.but(batch_size=batch))
    trainer = Trainer(FeatureStore(corpus, TINY.features), split_8_1_1(corpus), recipe, seed=0)
    before = [p.detach().clone() for p in trainer.model.parameters()]
    draw, losses, start = torch.Generator().manual_seed(0), [], time.monotonic()
    for _ in range(STEPS):
        labels = torch.randint(6, (recipe.batch_size,), generator=draw)
        views = noise(labels.repeat(2), frames, corpus.ids, draw)  # the recording and its copy
        losses.append(trainer.step(views, noise(labels, frames, corpus.ids, draw)))
    moved = sum(not torch.equal(a, b) for a, b in zip(before, trainer.model.parameters(), strict=True))
    return {"d": recipe.model.d, "batch": recipe.batch_size, "frames": frames, "queue": list(trainer.queue.keys.shape),
            "filled": int((trainer.queue.labels >= 0).sum()), "parameters": sum(p.numel() for p in before),
            "tensors": len(before), "tensors_moved": moved, "losses": losses, "threads": torch.get_num_threads(),
            "seconds_a_step": round((time.monotonic() - start) / STEPS, 1),
            "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batch", type=int, default=256, help="a smaller one only tries the program")
    parser.add_argument("--frames", type=int, default=220)
    parser.add_argument("--corpus-root", default=None)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    found = json.dumps(measure(args.batch, args.frames, args.corpus_root) | {"environment": environment()}, indent=1)
    print(found)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
