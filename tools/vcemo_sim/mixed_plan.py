"""Decide every utterance of the part *mixed*: the words tell one emotion and the voice another, and people disagree.

A text that plainly tells emotion A is spoken with the prosody of emotion B. A share w is drawn; the clip is felt as A by w
and as B by 1 − w: p = w·A + (1 − w)·B, the column `soft`. The voice's cue follows: its strength is 2 (1 − w). In a third
of the clips A = B, so that nothing is mixed, at any strength of the voice.

Five simulated annotators give a label each. Annotator k leans towards words or voice, by `LEANING` in log odds of w, so
that some are readers and some are listeners; and in one label of ten the hand slips and any class is marked:

    p_k = w_k·A + (1 − w_k)·B,   logit w_k = logit w + leaning_k,   label ~ 0.9 p_k + 0.1 / 4

`emotion` is the label with the most votes; of a tie that which stands first among the five.

    python mixed_plan.py situations/ plan.csv
"""

import argparse
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from plan import CODE, read_situations

SEED, SPEAKERS = 20263, 120
CLASSES = ("angry", "happy", "sad", "fear")
SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)  # w
# Clips of each A, B and w by part, where A and B differ, and where they are one.
MIXED, PURE = {"train": 3, "val": 1, "test": 2}, {"train": 5, "val": 1, "test": 3}
LEANING = (0.0, -0.5, 0.5, -1.0, 1.0)
SLIP = 0.1


def planted(words: str, voice: str, share: float) -> np.ndarray:
    """(4,) the mixture of what words and voice tell."""
    p = np.zeros(len(CLASSES))
    p[CLASSES.index(words)] += share
    p[CLASSES.index(voice)] += 1 - share
    return p


def annotator(words: str, voice: str, share: float, leaning: float) -> np.ndarray:
    """(4,) the probabilities of one annotator's label."""
    own = 1 / (1 + (1 - share) / share * np.exp(-leaning))
    return (1 - SLIP) * planted(words, voice, own) + SLIP / len(CLASSES)


def majority(votes: list[str]) -> str:
    """The label with the most votes; of a tie the one that was given first."""
    counts = Counter(votes)
    return max(counts, key=counts.get)  # a Counter keeps the order in which labels came, and max takes the first


def texts_of(folder: Path, needed: int) -> dict[str, list[str]]:
    """Of each emotion the shortest of the plain texts, as many as are needed, in random order."""
    sentences = read_situations(folder)
    sentences = sentences.sort_values("text", key=lambda text: text.str.len(), kind="stable")
    plain = {emotion: sentences[sentences["code"] == f"{CODE[emotion]}2"].head(needed) for emotion in CLASSES}
    return {emotion: rows["text"].sample(frac=1, random_state=SEED).tolist() for emotion, rows in plain.items()}


def make_plan(folder: Path = Path(__file__).parent / "situations") -> pd.DataFrame:
    """One row a clip, in random order; each text is spoken once."""
    rng = np.random.default_rng(SEED)
    cells = [
        (words, voice, share, part)
        for words, voice, share in product(CLASSES, CLASSES, SHARES)
        for part, count in (PURE if words == voice else MIXED).items()
        for _ in range(count)
    ]
    texts = texts_of(folder, len(cells) // len(CLASSES))
    rows = []
    for words, voice, share, part in cells:
        votes = [str(rng.choice(CLASSES, p=annotator(words, voice, share, leaning))) for leaning in LEANING]
        row = {"text": texts[words].pop(), "words": words, "voice": voice, "share": share, "split": part}
        soft = planted(words, voice, share).round(2).tolist()
        rows.append(row | {"soft": soft, "votes": " ".join(votes), "emotion": majority(votes)})
    plan = pd.DataFrame(rows).sample(frac=1, random_state=SEED).reset_index(drop=True)
    plan["speaker"] = [f"v{k:03d}" for k in rng.integers(SPEAKERS, size=len(plan))]
    plan["id"] = plan["pair"] = [f"mixed_{k + 1:04d}" for k in range(len(plan))]
    return plan


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("situations", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    make_plan(args.situations).to_csv(args.out, index=False)
