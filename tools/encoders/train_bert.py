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
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertForPreTraining, BertTokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PUNCTUATION = "，。！？；：、“”‘’（）《》〈〉【】「」『』…—·～,.!?;:'\"()[]<>{}-_/\\+=*&%$#@^~|`"
MAX_LENGTH = 64
TOKENS_PER_BATCH = 2048
PEAK_RATE, WARM_UP = 1.5e-3, 0.04


def read_documents(path: Path) -> list[list[str]]:
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    return [lines for block in blocks if (lines := [line for line in block.split("\n") if line])]


def make_vocabulary(documents: list[list[str]], size: int) -> list[str]:
    """Special tokens, letters and digits (also as continuations), punctuation, then the most frequent characters."""
    ascii_marks = [*"abcdefghijklmnopqrstuvwxyz0123456789"]
    fixed = [*SPECIAL, *ascii_marks, *("##" + mark for mark in ascii_marks), *dict.fromkeys(PUNCTUATION)]
    counts = Counter(c for lines in documents for line in lines for c in line if "\u4e00" <= c <= "\u9fff")
    return fixed + [character for character, _ in counts.most_common(size - len(fixed))]


def _pieces(lines: list[str], tokenizer: BertTokenizer, limit: int) -> list[list[int]]:
    """Token ids of the sentences of one document, none longer than `limit`."""
    rows = tokenizer(lines, add_special_tokens=False)["input_ids"]
    return [row[at : at + limit] for row in rows for at in range(0, len(row), limit)]


def examples(
    documents: list[list[str]], tokenizer: BertTokenizer, rng: np.random.Generator
) -> list[tuple[list[int], int, int]]:
    """(ids, where the second segment begins or 0, label): label 0 = really next, 1 = from elsewhere, -100 = one segment only.

    Half of the examples are packed to the full length, half keep one sentence (or one pair), since utterances are short.
    A fifth of them loses its punctuation, since recognised speech has little.
    """
    marks = set(tokenizer.convert_tokens_to_ids([*dict.fromkeys(PUNCTUATION)]))
    bodies = [_pieces(lines, tokenizer, MAX_LENGTH - 2) for lines in documents]
    bank = [piece for body in bodies for piece in body if len(piece) < MAX_LENGTH // 2]
    made = []
    for body in bodies:
        at = 0
        while at < len(body):
            first, at = list(body[at]), at + 1
            packed = rng.random() < 0.5
            while packed and at < len(body) and len(first) + len(body[at]) <= (MAX_LENGTH - 3) // 2:
                first, at = first + body[at], at + 1
            second, label = [], -100
            if at < len(body) and len(first) < MAX_LENGTH - 8 and rng.random() < 0.7:
                label = int(rng.random() < 0.5)
                second = bank[rng.integers(len(bank))] if label else body[at]
                at += 1 - label
            made.append(_joined(first, second, label, marks if rng.random() < 0.2 else set(), tokenizer))
    return made


def _joined(
    first: list[int], second: list[int], label: int, drop: set[int], tokenizer: BertTokenizer
) -> tuple[list[int], int, int]:
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    first, second = ([token for token in part if token not in drop] for part in (first, second))
    if not second:
        return [cls, *first[: MAX_LENGTH - 2], sep], 0, -100
    ids = [cls, *first, sep]
    return ids + second[: MAX_LENGTH - len(ids) - 1] + [sep], len(ids), label


def batches(rows: list[tuple[list[int], int, int]], rng: np.random.Generator) -> list[list[int]]:
    """Row numbers grouped by nearly equal length, about `TOKENS_PER_BATCH` tokens each, in random order."""
    order = sorted(range(len(rows)), key=lambda i: (len(rows[i][0]), rng.random()))
    groups, group = [], []
    for i in order:
        group.append(i)
        if len(group) * len(rows[i][0]) >= TOKENS_PER_BATCH:
            groups.append(group)
            group = []
    groups += [group] if group else []
    return [groups[i] for i in rng.permutation(len(groups))]


def collate(
    rows: list[tuple[list[int], int, int]], vocabulary: int, rng: np.random.Generator
) -> dict[str, torch.Tensor]:
    """Pad and mask: of 15 % of the tokens, 80 % become [MASK], 10 % another token, 10 % stay."""
    length = max(len(ids) for ids, _, _ in rows)
    ids, types = np.zeros((len(rows), length), np.int64), np.zeros((len(rows), length), np.int64)
    for r, (tokens, second, _) in enumerate(rows):
        ids[r, : len(tokens)] = tokens
        if second:
            types[r, second : len(tokens)] = 1
    chosen = (ids >= len(SPECIAL)) & (rng.random(ids.shape) < 0.15)
    kind, shown = rng.random(ids.shape), ids.copy()
    shown[chosen & (kind < 0.8)] = SPECIAL.index("[MASK]")
    other = chosen & (kind >= 0.9)
    shown[other] = rng.integers(len(SPECIAL), vocabulary, int(other.sum()))
    named = {
        "ids": shown,
        "types": types,
        "keep": (ids != 0).astype(np.int64),
        "chosen": chosen,
        "truth": ids[chosen],
        "next": np.array([label for _, _, label in rows]),
    }
    return {name: torch.from_numpy(value) for name, value in named.items()}


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
