"""Decide every utterance of VCEMO-Sim: what is said, by whom, with which feeling, and how much shows where.

    python tools/sim/plan.py --situations tools/sim/situations --out data/vcemo_sim/plan.csv

The wording's cue and the voice's cue are drawn independently, and texts without emotion go to all emotions in
proportion, so that what is talked about tells nothing.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from dials import CODE_LETTER, COMPANIONS, DIALS, N_SHARDS, N_SPEAKERS, Dials
from files import write_bytes
from voices import make_voices

COLUMNS = ["id", "text", "emotion", "emotion2", "text_cue", "voice_cue", "speaker", "gender", "age_group",
           "situation", "split", "shard"]  # fmt: skip
CODES = {"X0", "N2", *(letter + cue for letter in "AHSUF" for cue in "12")}
SPLITS = (("train", 0.8), ("val", 0.1), ("test", 0.1))


def hanzi(text: str) -> str:
    """The Chinese characters of a text, without punctuation."""
    return re.sub(r"[^\u4e00-\u9fff]", "", text)


def read_situations(folder: Path) -> pd.DataFrame:
    """The written sentences as (text, code, situation); the first of two equal sentences stays.

    A line that is no header, not `CODE<TAB>sentence`, or not 4 to 30 characters of Chinese is an error.
    """
    rows, situation = [], ""
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            if line.startswith("#"):
                situation = line.lstrip("# ").split("|")[0].strip()
                continue
            rows.append((*_sentence(line, f"{path.name}:{number}"), situation))
    table = pd.DataFrame(rows, columns=["code", "text", "situation"])
    return table[~table["text"].map(hanzi).duplicated()].reset_index(drop=True)


def _sentence(line: str, place: str) -> tuple[str, str]:
    code, tab, text = line.partition("\t")
    text = text.strip()
    if not tab or code not in CODES:
        raise ValueError(f"{place}: expected CODE<TAB>sentence with a code of {sorted(CODES)}, got {line!r}.")
    if re.search(r"[A-Za-z0-9０-９]", text) or not 4 <= len(hanzi(text)) <= 30:
        raise ValueError(f"{place}: expected 4 to 30 Chinese characters and no digits or letters, got {text!r}.")
    return code, text


def worded(emotion: str, n: int, dials: Dials) -> dict[str, int]:
    """How many of `n` utterances take which text code."""
    blank = round(dials.blank_text * n)
    letter = CODE_LETTER[emotion]
    if emotion == "neutral":
        return {"X0": blank, "N2": n - blank}
    hints = round(dials.hint_text * (n - blank))
    return {"X0": blank, letter + "1": hints, letter + "2": n - blank - hints}


def assign_texts(table: pd.DataFrame, dials: Dials, rng: np.random.Generator) -> pd.DataFrame:
    """One unique text per utterance: columns text, situation, emotion, text_cue."""
    stock = {code: list(rng.permutation(group.index)) for code, group in table.groupby("code")}
    rows = []
    for emotion, n in dials.counts.items():
        for code, wanted in worded(emotion, n, dials).items():
            if len(stock.get(code, [])) < wanted:
                raise ValueError(f"{emotion} needs {wanted} texts of code {code}, {len(stock.get(code, []))} are left.")
            taken, stock[code] = stock[code][:wanted], stock[code][wanted:]
            rows += [(table.text[i], table.situation[i], emotion, int(code[1])) for i in taken]
    return pd.DataFrame(rows, columns=["text", "situation", "emotion", "text_cue"])


def draw_voice_cues(n: int, dials: Dials, rng: np.random.Generator) -> np.ndarray:
    """(n,) strengths in [0, 1], three decimals: 0 for a share, Beta for the rest."""
    cues = rng.beta(*dials.voice_beta, size=n)
    cues[rng.random(n) < dials.silent_voice] = 0.0
    return cues.round(3)


def draw_second(emotions: pd.Series, dials: Dials, rng: np.random.Generator) -> list[str]:
    """A companion emotion for a minority, "" for the others."""
    shares = np.where(emotions == "neutral", dials.mixed_neutral, dials.mixed)
    chosen = rng.random(len(emotions)) < shares
    return [str(rng.choice(COMPANIONS[e])) if mixed else "" for e, mixed in zip(emotions, chosen, strict=True)]


def speaker_counts(total: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) utterances per speaker, unequal, within 20 to 120 where the mean allows it, summing to `total`."""
    mean = total / n
    low, high = 20 * mean / 62.3, 120 * mean / 62.3
    share = np.clip(rng.lognormal(np.log(mean), 0.45, size=n), low, high)
    for _ in range(50):
        share = np.clip(share * total / share.sum(), low, high)
    counts = np.floor(share).astype(int)
    counts[np.argsort(counts - share)[: total - counts.sum()]] += 1
    return counts


def draw_speakers(total: int, seed: int, rng: np.random.Generator) -> pd.DataFrame:
    """Speaker, gender and age group of every utterance, in random order."""
    voices = list(make_voices(seed).values())
    order = rng.permutation(np.repeat(np.arange(N_SPEAKERS), speaker_counts(total, N_SPEAKERS, rng)))
    rows = [(voices[i].speaker, voices[i].gender, voices[i].age_group) for i in order]
    return pd.DataFrame(rows, columns=["speaker", "gender", "age_group"])


def draw_splits(emotions: pd.Series, rng: np.random.Generator) -> pd.Series:
    """train, val, test as 8/1/1 within every emotion."""
    splits = pd.Series("train", index=emotions.index)
    for _, group in emotions.groupby(emotions):
        order = rng.permutation(group.index)
        tenth = round(len(order) / 10)
        splits[order[:tenth]] = "test"
        splits[order[tenth : 2 * tenth]] = "val"
    return splits


def deal_shards(plan: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """(n,) shard numbers: dealt like cards from the deck sorted by class, so that every shard has the same mix."""
    shuffled = plan.iloc[rng.permutation(len(plan))]
    deck = shuffled.sort_values(["emotion", "split", "text_cue"], kind="stable").index
    shards = np.empty(len(plan), dtype=int)
    shards[deck] = np.arange(len(plan)) % N_SHARDS
    return shards


def make_plan(table: pd.DataFrame, dials: Dials, seed: int) -> pd.DataFrame:
    """The whole plan, one row per utterance, in the order of the ids."""
    rng = np.random.default_rng([seed, 17])
    plan = assign_texts(table, dials, rng)
    plan["voice_cue"] = draw_voice_cues(len(plan), dials, rng)
    plan["emotion2"] = draw_second(plan["emotion"], dials, rng)
    plan = pd.concat([plan, draw_speakers(len(plan), seed, rng)], axis=1)
    plan["split"] = draw_splits(plan["emotion"], rng)
    plan["shard"] = deal_shards(plan, rng)
    plan = plan.iloc[rng.permutation(len(plan))].sort_values("shard", kind="stable").reset_index(drop=True)
    plan["id"] = [f"sim_{i:05d}" for i in range(1, len(plan) + 1)]
    return plan[COLUMNS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--situations", type=Path, default=Path(__file__).parent / "situations")
    parser.add_argument("--out", type=Path, required=True, help="the plan to write, a CSV file")
    parser.add_argument("--seed", type=int, default=20240813)
    args = parser.parse_args()
    plan = make_plan(read_situations(args.situations), DIALS, args.seed)
    write_bytes(args.out, plan.to_csv(index=False).encode())
    print(f"{len(plan)} utterances planned -> {args.out}")
    print(plan["emotion"].value_counts().to_string())


if __name__ == "__main__":
    main()
