"""Speak the utterances of one shard; what is there already is not spoken again.

python synthesize.py plan.csv WORK --shard 0 --workers 2
"""

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from prosody import prosody  # noqa: E402
from speak import Synthesiser, encode, revoice  # noqa: E402
from voices import voice  # noqa: E402

SYNTHESISER = Synthesiser()


def make(job: tuple[dict, Path]) -> None:
    """Write WORK/<id>.ogg and, as the mark that it is complete, WORK/<id>.json."""
    row, folder = job
    rng = np.random.default_rng([7, int(row["id"].split("_")[1])])
    who = voice(int(row["speaker"][1:]))
    how = prosody(row["emotion"], row["emotion2"], row["voice_cue"], who.weights, rng)
    plain, times = SYNTHESISER.speak(row["text"], who.rate * float(np.exp(how.rate)))
    wave = revoice(plain, who, how, rng)
    (folder / f"{row['id']}.ogg").write_bytes(encode(wave))
    about = {
        "duration": round(len(wave) / 16000, 3),
        "char_times": times,
        "gender": who.gender,
        "age_group": who.age_group,
    }
    part = folder / f"{row['id']}.part"
    part.write_text(json.dumps(about))
    os.replace(part, folder / f"{row['id']}.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--shard", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    plan = pd.read_csv(args.plan, keep_default_na=False)
    args.work.mkdir(parents=True, exist_ok=True)
    jobs = [
        (row, args.work)
        for row in plan[plan["shard"] == args.shard].to_dict("records")
        if not (args.work / f"{row['id']}.json").is_file()
    ]
    with ProcessPoolExecutor(args.workers) as pool:
        for done, _ in enumerate(pool.map(make, jobs, chunksize=8), start=1):
            if done % 100 == 0 or done == len(jobs):
                print(f"shard {args.shard}: {done} of {len(jobs)} spoken", flush=True)


if __name__ == "__main__":
    main()
