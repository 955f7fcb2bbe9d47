"""Speak one of the four small parts and write it as one parquet file; the same plan gives the same sound.

python crossing.py stress data/vcemo_sim_stress
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import crossing_plan  # noqa: E402
import knowledge_plan  # noqa: E402
import mixed_plan  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from focus import drawn, paced, stressed  # noqa: E402
from prosody import CROSSED, JITTER, RULES, Prosody  # noqa: E402
from speak import RATE, Synthesiser, analyse, coloured, encode, render  # noqa: E402
from voices import voice  # noqa: E402

COLUMNS = [
    "id",
    "audio",
    "text",
    "emotion",
    "speaker",
    "gender",
    "age_group",
    "duration",
    "char_times",
    "pair",
    "split",
]
PLANTED = {
    "stress": ["stressed"],
    "irony": ["wording", "voice"],
    "knowledge": ["kind", "word", "denied", "frame"],
    "mixed": ["words", "voice", "share", "soft", "votes"],
}
SYNTHESISER = Synthesiser()


def plan_of(part: str) -> pd.DataFrame:
    """Every utterance of a part."""
    others = {"knowledge": knowledge_plan.make_plan, "mixed": mixed_plan.make_plan}
    return others[part]() if part in others else crossing_plan.make_plan(part)


def manner(row: dict, rng: np.random.Generator) -> Prosody:
    """How the voice is beside the stress: as the plan says, and by chance as everywhere in VCEMO-Sim."""
    rule, strength = Prosody(), 0.0
    if "share" in row:  # what the words do not tell, the voice does
        rule, strength = RULES[row["voice"]], 2 * (1 - row["share"])
    elif "voice" in row:
        rule, strength = CROSSED[row["voice"]]
    return Prosody(*(strength * np.array(astuple(rule)) + np.array(astuple(JITTER)) * rng.standard_normal(8)))


def make(rows: list[dict]) -> list[dict]:
    """The clips of a text, from one analysis of the synthesiser's voice."""
    who, made = voice(int(rows[0]["speaker"][1:])), []
    plain, times = SYNTHESISER.speak(rows[0]["text"], who.rate * 1.15)
    analysis = analyse(plain)
    for row in rows:
        rng = np.random.default_rng([11, *row["id"].encode()])
        how = manner(row, rng)
        frames = coloured(analysis, who, how, rng)
        focus, start, end = None, 0.0, 0.0
        if "stressed" in row:
            focus, at = drawn(rng), row["text"].index(row["stressed"])
            start, end = times[at][0], times[at + len(row["stressed"]) - 1][1]
        length = focus.length if focus else 1.0
        frames, moved, start, end = paced(frames, np.array(times), start, end, float(np.exp(how.rate)), length)
        wave = render(stressed(frames, start, end, focus) if focus else frames, how.energy)
        about = {"duration": round(len(wave) / RATE, 3), "char_times": moved.round(3).tolist()}
        made.append(row | about | {"audio": encode(wave), "gender": who.gender, "age_group": who.age_group})
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=list(PLANTED))
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    plan = plan_of(args.part)
    pairs = [rows.to_dict("records") for _, rows in plan.groupby("pair")]
    with ProcessPoolExecutor(args.workers) as pool:
        clips = [clip for pair in pool.map(make, pairs, chunksize=16) for clip in pair]
    frame = pd.DataFrame(clips)[[*COLUMNS, *PLANTED[args.part]]]
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "shard-00.parquet"
    frame.to_parquet(path.with_suffix(".part"), index=False, compression="zstd")
    path.with_suffix(".part").replace(path)
    print(f"{path}: {len(frame)} clips, {frame['duration'].sum() / 60:.1f} min, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
