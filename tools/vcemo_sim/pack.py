"""Join a finished shard's plan, sound, times and transcripts into one parquet file.

python pack.py plan.csv WORK OUT --shard 0
"""

import argparse
import json
from pathlib import Path

import pandas as pd

COLUMNS = [
    "id",
    "audio",
    "text",
    "text_asr",
    "emotion",
    "emotion2",
    "speaker",
    "gender",
    "age_group",
    "duration",
    "text_cue",
    "voice_cue",
    "char_times",
    "situation",
    "split",
]


def pack(plan: pd.DataFrame, work: Path) -> pd.DataFrame:
    """The rows of one shard with everything that was made for them."""
    about = pd.DataFrame([json.loads((work / f"{i}.json").read_text()) for i in plan["id"]], index=plan.index)
    frame = plan.join(about)
    frame["audio"] = [(work / f"{i}.ogg").read_bytes() for i in plan["id"]]
    frame["text_asr"] = [(work / f"{i}.txt").read_text(encoding="utf-8") for i in plan["id"]]
    return frame[COLUMNS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shard", type=int, required=True)
    args = parser.parse_args()
    plan = pd.read_csv(args.plan, keep_default_na=False)
    path = args.out / f"shard-{args.shard:02d}.parquet"
    frame = pack(plan[plan["shard"] == args.shard].reset_index(drop=True), args.work)
    part = path.with_suffix(".part")
    frame.to_parquet(part, index=False, compression="zstd")
    part.replace(path)
    print(f"{path.name}: {len(frame)} utterances, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
