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
from pathlib import Path

import numpy as np
import torch
from bert_examples import MAX_LENGTH, batches, collate, examples, make_vocabulary, read_documents
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertForPreTraining, BertTokenizer

PEAK_RATE, WARM_UP = 1.5e-3, 0.04


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
            mlm, _, logits = losses(model, batch)
            relation = model(
                batch["ids"], attention_mask=batch["keep"], token_type_ids=batch["types"]
            ).seq_relationship_logits
        pairs = batch["next"] >= 0
        seen.update(
            n=len(batch["truth"]),
            right=int((logits.argmax(-1) == batch["truth"]).sum()),
            unigram=int((batch["truth"] == unigram).sum()),
            loss=float(mlm) * len(batch["truth"]),
            pairs=int(pairs.sum()),
            next=int((relation.argmax(-1) == batch["next"])[pairs].sum()),
        )
    model.train()
    return {
        "mlm_accuracy": seen["right"] / seen["n"],
        "mlm_perplexity": float(np.exp(seen["loss"] / seen["n"])),
        "unigram_accuracy": seen["unigram"] / seen["n"],
        "masked_tokens": seen["n"],
        "nsp_accuracy": seen["next"] / max(seen["pairs"], 1),
        "nsp_pairs": seen["pairs"],
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
    train(parser.parse_args())


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(0)
    options.work.mkdir(parents=True, exist_ok=True)
    documents = read_documents(options.texts / "train.txt")
    vocabulary = make_vocabulary(documents, options.vocabulary)
    (options.work / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    tokenizer = tokenizer_of(options.work)
    heldout = examples(read_documents(options.texts / "heldout.txt"), tokenizer, np.random.default_rng(1))
    counts = Counter(c for lines in documents for line in lines for c in line if re.match(r"\w", c))
    unigram = tokenizer.convert_tokens_to_ids(counts.most_common(1)[0][0])
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=256,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=1024,
        max_position_embeddings=MAX_LENGTH,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertForPreTraining(config).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    state = {"step": 0, "epoch": 0, "batch": 0, "seconds": 0.0}
    checkpoint = options.work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        state = saved["state"]

    def progress() -> float:
        return state["step"] / options.steps if options.steps else state["seconds"] / (60 * options.minutes)

    def keep(early: bool) -> None:
        numbers = {
            **state,
            "share_of_schedule": round(progress(), 3),
            **evaluate(model, heldout, unigram, options.bf16),
        }
        print(numbers, flush=True)
        if early:
            save_assets(model, vocabulary, options.out, numbers)
        parts = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}
        torch.save(parts, checkpoint.with_suffix(".part"))
        os.replace(checkpoint.with_suffix(".part"), checkpoint)

    shares = [share for share in sorted(options.early) if share > progress()]
    last_kept = time.monotonic()
    while progress() < 1:
        rng = np.random.default_rng([7, state["epoch"]])
        rows = examples(documents, tokenizer, rng)
        for number, group in enumerate(batches(rows, rng)):
            if number < state["batch"] or progress() >= 1:
                continue
            begun = time.monotonic()
            share = progress()
            for part in optimiser.param_groups:
                part["lr"] = PEAK_RATE * min(share / WARM_UP + 1e-3, (1 - share) / (1 - WARM_UP))
            batch = collate([rows[i] for i in group], len(vocabulary), np.random.default_rng([state["epoch"], number]))
            with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
                mlm, nsp, _ = losses(model, batch)
            optimiser.zero_grad(set_to_none=True)
            (mlm + nsp).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            state["step"] += 1
            state["batch"] = number + 1
            state["seconds"] += time.monotonic() - begun
            if state["step"] % 100 == 0:
                print(f"{state['step']} {progress():.3f} mlm {float(mlm):.3f} nsp {float(nsp):.3f}", flush=True)
            due = bool(shares) and progress() >= shares[0]
            if due or time.monotonic() - last_kept > 180:
                shares = shares[1:] if due else shares
                keep(early=due)
                last_kept = time.monotonic()
        if progress() < 1:
            state["epoch"], state["batch"] = state["epoch"] + 1, 0
    keep(early=True)


if __name__ == "__main__":
    main()
