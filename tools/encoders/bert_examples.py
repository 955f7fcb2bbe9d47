"""What BERT learns from: its vocabulary, pairs of sentences with masked pieces, and batches of them (Devlin et al. 2019)."""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from transformers import BertTokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


PUNCTUATION = "，。！？；：、“”‘’（）《》〈〉【】「」『』…—·～,.!?;:'\"()[]<>{}-_/\\+=*&%$#@^~|`"


MAX_LENGTH = 64


TOKENS_PER_BATCH = 2048


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
