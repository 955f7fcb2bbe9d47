"""Decide every utterance of VCEMO-Sim before any sound is made: text, emotion, voice, cue strengths, split, shard.

python plan.py situations/ plan.csv
"""

import argparse
import re
from pathlib import Path

import jieba
import numpy as np
import pandas as pd

SEED = 20240813
COUNTS = {"angry": 1570, "fear": 75, "happy": 2168, "neutral": 3140, "sad": 374, "surprise": 150}  # Paper Fig. 4, A2
CODE = {"angry": "A", "fear": "F", "happy": "H", "sad": "S", "surprise": "U"}
SHARDS, SPEAKERS = 16, 120
# The dial of the wording: the share of each emotion's texts with a hint (1) and with plain wording (2).
TEXT_DIAL = {"angry": (0.25, 0.26), "happy": (0.25, 0.27), "neutral": (0.0, 0.29)}
OTHERS_TEXT_DIAL = (0.25, 0.30)
# The dial of the voice: the share of utterances whose voice tells plainly; the rest tell little.
VOICE_DIAL = 0.55


def read_situations(folder: Path) -> pd.DataFrame:
    """All sentences with their code (X0, N2, A1 …) and situation; a sentence that stands twice is kept once."""
    rows, situation = [], ""
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                situation = line[1:].strip()
            elif line.strip():
                code, text = line.split("\t")
                rows.append((code.strip(), text.strip(), situation))
    return pd.DataFrame(rows, columns=["code", "text", "situation"]).drop_duplicates("text")


def ease(text: str) -> float:
    """How common the words are (mean log10 frequency in jieba's dictionary), less a tenth for each numeral.

    Whisper's character error was 0.24 in the fifth of the texts with the rarest words and 0.11 in the commonest.
    """
    words = list(jieba.cut(re.sub(r"\W", "", text)))
    common = np.mean([np.log10((jieba.dt.FREQ.get(word) or 0.5) / jieba.dt.total) for word in words])
    return common - 0.1 * len(re.findall("[一二三四五六七八九十百千]", text))


def needs() -> dict[str, int]:
    """How many texts of each code the plan takes."""
    wanted: dict[str, int] = {}
    for emotion, count in COUNTS.items():
        for cue, number in cues(emotion, count).items():
            wanted[code_of(emotion, cue)] = wanted.get(code_of(emotion, cue), 0) + number
    return wanted


def cues(emotion: str, count: int) -> dict[int, int]:
    """Texts of an emotion by the strength of their wording: 1 a hint, 2 plain, 0 none."""
    hint, plain = TEXT_DIAL.get(emotion, OTHERS_TEXT_DIAL)
    wanted = {1: round(count * hint), 2: round(count * plain)}
    return wanted | {0: count - wanted[1] - wanted[2]}


def code_of(emotion: str, cue: int) -> str:
    return "X0" if cue == 0 else f"{CODE.get(emotion, 'N')}{cue}"


def choose_texts(sentences: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One unique text for each utterance: of each code those that are easiest to recognise, in random order.

    Texts without emotion go to all emotions alike, so topics tell nothing.
    """
    jieba.initialize()
    wanted, ranked = needs(), sentences.assign(ease=sentences["text"].map(ease)).sort_values("ease", ascending=False)
    pools = {
        code: group.head(wanted.get(code, 0)).sample(frac=1, random_state=int(rng.integers(1 << 31)))
        for code, group in ranked.groupby("code")
    }
    parts = []
    for emotion, count in COUNTS.items():
        for cue, number in cues(emotion, count).items():
            code = code_of(emotion, cue)
            if number > len(pools.get(code, [])):
                raise SystemExit(f"{number} texts of code {code} are needed and {len(pools.get(code, []))} are there")
            if number:
                taken, pools[code] = pools[code].iloc[:number], pools[code].iloc[number:]
                parts.append(taken[["text", "situation"]].assign(emotion=emotion, text_cue=cue))
    return pd.concat(parts, ignore_index=True)


def second_emotion(emotion: np.ndarray, rng: np.random.Generator) -> list[str]:
    """For one utterance in eight, an emotion mixed into the voice at a third of its strength."""
    names = list(COUNTS)
    return [rng.choice([n for n in names if n not in (e, "neutral")]) if rng.random() < 0.125 else "" for e in emotion]


def make_plan(folder: Path) -> pd.DataFrame:
    """One row an utterance; the same folder of sentences gives the same plan."""
    rng = np.random.default_rng(SEED)
    plan = choose_texts(read_situations(folder), rng)
    n = len(plan)
    plan["emotion2"] = second_emotion(plan["emotion"].to_numpy(), rng)
    tells = rng.random(n) < VOICE_DIAL
    plan["voice_cue"] = np.where(tells, rng.uniform(0.6, 1.0, n), rng.uniform(0.0, 0.25, n)).round(3)
    share = rng.gamma(8.0, size=SPEAKERS)
    plan["speaker"] = [f"v{k:03d}" for k in rng.choice(SPEAKERS, n, p=share / share.sum())]
    plan = plan.sample(frac=1, random_state=SEED).reset_index(drop=True)
    rank = plan.groupby("emotion").cumcount()
    plan["shard"] = rank % SHARDS
    tenth = np.where(plan["emotion"].isin(["fear", "surprise", "sad"]), rank, rank // SHARDS) % 10
    plan["split"] = np.select([tenth == 8, tenth == 9], ["val", "test"], "train")
    plan = plan.sort_values("shard", kind="stable").reset_index(drop=True)
    plan.insert(0, "id", [f"sim_{k + 1:05d}" for k in range(n)])
    return plan


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("situations", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    plan = make_plan(args.situations)
    plan.to_csv(args.out, index=False)
    print(
        plan.groupby("emotion")[["text_cue", "voice_cue"]].agg(["size", "mean"]).round(2), plan["split"].value_counts()
    )
