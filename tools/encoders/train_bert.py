"""Pretrain the miniature Chinese BERT (characters; masked language model and next-sentence prediction, as in Devlin et al. 2019).

    python tools/encoders/train_bert.py --texts TEXTS --work WORK --out assets/bert_mini_zh --steps 12000

`TEXTS` is what `texts.py` wrote. `WORK` keeps a checkpoint: the same command goes on where it was stopped. `--minutes` may
stand in place of `--steps`: the schedule then follows the time spent training, for a machine of unknown speed.
"""

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from bert_examples import MAX_LENGTH, batches, collate, examples, make_vocabulary, read_documents
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertForPreTraining, BertTokenizer

PEAK_RATE, WARM_UP = 1.5e-3, 0.04
SIZES = {
    "hidden_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "intermediate_size": 1024,
    "max_position_embeddings": MAX_LENGTH,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}


def losses(
    model: BertForPreTraining, batch: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(MLM loss, NSP loss, MLM logits at the chosen places); the output layer is computed at those places only."""
    out = model.bert(batch["ids"], attention_mask=batch["keep"], token_type_ids=batch["types"])
    logits, relation = model.cls(out.last_hidden_state[batch["chosen"]], out.pooler_output)
    mlm = cross_entropy(logits.float(), batch["truth"]) if len(batch["truth"]) else logits.sum() * 0
    pairs = batch["next"] >= 0
    nsp = cross_entropy(relation.float()[pairs], batch["next"][pairs]) if pairs.any() else relation.sum() * 0
    return mlm, nsp, logits


@torch.no_grad()
def evaluate(
    model: BertForPreTraining, heldout: list[tuple[list[int], int, int]], unigram: int, bf16: bool
) -> dict[str, float]:
    """MLM accuracy and perplexity on held-out text, NSP accuracy, and the accuracy of always guessing the commonest token."""
    rng, seen = np.random.default_rng(1), Counter()
    model.eval()
    for group in batches(heldout, rng):
        batch = collate([heldout[i] for i in group], model.config.vocab_size, rng)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            seen.update(_counted(model, batch, unigram))
    model.train()
    return {
        "mlm_accuracy": seen["right"] / seen["n"],
        "mlm_perplexity": float(np.exp(seen["loss"] / seen["n"])),
        "unigram_accuracy": seen["unigram"] / seen["n"],
        "masked_tokens": seen["n"],
        "nsp_accuracy": seen["next"] / max(seen["pairs"], 1),
        "nsp_pairs": seen["pairs"],
    }


def _counted(model: BertForPreTraining, batch: dict[str, torch.Tensor], unigram: int) -> dict[str, float]:
    """Of a batch: masked tokens, pairs, and how many of them were right."""
    mlm, _, logits = losses(model, batch)
    relation = model(batch["ids"], attention_mask=batch["keep"], token_type_ids=batch["types"]).seq_relationship_logits
    pairs = batch["next"] >= 0
    return {
        "n": len(batch["truth"]),
        "right": int((logits.argmax(-1) == batch["truth"]).sum()),
        "unigram": int((batch["truth"] == unigram).sum()),
        "loss": float(mlm) * len(batch["truth"]),
        "pairs": int(pairs.sum()),
        "next": int((relation.argmax(-1) == batch["next"])[pairs].sum()),
    }


def save_assets(model: BertForPreTraining, vocabulary: list[str], out: Path, numbers: dict) -> None:
    """Half-precision weights, configuration and vocabulary, in a folder moved into place file by file."""
    part = out.with_name(out.name + ".part")
    part.mkdir(parents=True, exist_ok=True)
    half = BertForPreTraining(model.config)
    half.load_state_dict(model.state_dict())
    half.half().save_pretrained(part)
    (part / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    tokenizer_of(part).save_pretrained(part)
    (part / "training.json").write_text(json.dumps(numbers, indent=1), encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    for path in part.iterdir():
        os.replace(path, out / path.name)
    part.rmdir()


def tokenizer_of(folder: Path) -> BertTokenizer:
    return BertTokenizer(str(folder / "vocab.txt"), do_lower_case=True, model_max_length=MAX_LENGTH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("texts", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    stop = parser.add_mutually_exclusive_group(required=True)
    stop.add_argument("--steps", type=int)
    stop.add_argument("--minutes", type=float)
    parser.add_argument(
        "--early", type=float, nargs="*", default=[], help="shares of the schedule at which a rough model is saved"
    )
    parser.add_argument("--vocabulary", type=int, default=5600)
    parser.add_argument("--bf16", action="store_true", help="bfloat16 autocast: faster where the processor has it")
    Training(parser.parse_args()).run()


class Training:
    """A model on its way through its schedule; a killed run goes on from the last checkpoint."""

    def __init__(self, options: argparse.Namespace):
        torch.manual_seed(0)
        options.work.mkdir(parents=True, exist_ok=True)
        self.options, self.checkpoint = options, options.work / "checkpoint.pt"
        self.documents = read_documents(options.texts / "train.txt")
        self.vocabulary = make_vocabulary(self.documents, options.vocabulary)
        (options.work / "vocab.txt").write_text("\n".join(self.vocabulary) + "\n", encoding="utf-8")
        self.tokenizer = tokenizer_of(options.work)
        heldout = read_documents(options.texts / "heldout.txt")
        self.heldout = examples(heldout, self.tokenizer, np.random.default_rng(1))
        self.model = BertForPreTraining(BertConfig(vocab_size=len(self.vocabulary), **SIZES)).train()
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.state = {"step": 0, "epoch": 0, "batch": 0, "seconds": 0.0}
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.state = saved["state"]

    @property
    def progress(self) -> float:
        """The share of the schedule that is done."""
        options, state = self.options, self.state
        return state["step"] / options.steps if options.steps else state["seconds"] / (60 * options.minutes)

    def run(self) -> None:
        """Train to the end; a checkpoint every three minutes, a rough model at each early share."""
        shares = [share for share in sorted(self.options.early) if share > self.progress]
        last_kept = time.monotonic()
        while self.progress < 1:
            for _ in self.epoch():
                due = bool(shares) and self.progress >= shares[0]
                if due or time.monotonic() - last_kept > 180:
                    shares = shares[1:] if due else shares
                    self.keep(early=due)
                    last_kept = time.monotonic()
            if self.progress < 1:
                self.state |= {"epoch": self.state["epoch"] + 1, "batch": 0}
        self.keep(early=True)

    def epoch(self) -> Iterator[None]:
        """Take the steps of an epoch that are still to be taken, and stop after each."""
        epoch = self.state["epoch"]
        rng = np.random.default_rng([7, epoch])
        rows = examples(self.documents, self.tokenizer, rng)
        for number, group in enumerate(batches(rows, rng)):
            if number < self.state["batch"] or self.progress >= 1:
                continue
            begun = time.monotonic()
            draw = np.random.default_rng([epoch, number])
            mlm, nsp = self.step(collate([rows[i] for i in group], len(self.vocabulary), draw))
            self.state["step"] += 1
            self.state["batch"] = number + 1
            self.state["seconds"] += time.monotonic() - begun
            if self.state["step"] % 100 == 0:
                print(f"{self.state['step']} {self.progress:.3f} mlm {mlm:.3f} nsp {nsp:.3f}", flush=True)
            yield

    def step(self, batch: dict[str, torch.Tensor]) -> tuple[float, float]:
        """One step of AdamW at the rate of the schedule; the two losses."""
        share = self.progress
        for part in self.optimiser.param_groups:
            part["lr"] = PEAK_RATE * min(share / WARM_UP + 1e-3, (1 - share) / (1 - WARM_UP))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bf16):
            mlm, nsp, _ = losses(self.model, batch)
        self.optimiser.zero_grad(set_to_none=True)
        (mlm + nsp).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return float(mlm), float(nsp)

    def keep(self, early: bool) -> None:
        """Measure and write a checkpoint; with `early` the assets too."""
        counts = Counter(c for lines in self.documents for line in lines for c in line if re.match(r"\w", c))
        commonest = self.tokenizer.convert_tokens_to_ids(counts.most_common(1)[0][0])
        measured = evaluate(self.model, self.heldout, commonest, self.options.bf16)
        numbers = {**self.state, "share_of_schedule": round(self.progress, 3), **measured}
        print(numbers, flush=True)
        if early:
            save_assets(self.model, self.vocabulary, self.options.out, numbers)
        parts = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "state": self.state}
        torch.save(parts, self.checkpoint.with_suffix(".part"))
        os.replace(self.checkpoint.with_suffix(".part"), self.checkpoint)


if __name__ == "__main__":
    main()
