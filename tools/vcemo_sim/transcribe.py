"""Transcribe the spoken utterances of one shard by Whisper; what is transcribed already is kept.

    python transcribe.py plan.csv WORK --shard 0 --model whisper-base-ct2
"""

import argparse
from multiprocessing import Pool
from pathlib import Path

import pandas as pd
import soundfile
from faster_whisper import WhisperModel
from opencc import OpenCC

SETTINGS = dict(language="zh", task="transcribe", beam_size=1, temperature=0.0, without_timestamps=True,
                condition_on_previous_text=False, initial_prompt="以下是普通话的句子。", max_new_tokens=60)
STATE = {}


def start(model: str) -> None:
    STATE.update(model=WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=1), simplify=OpenCC("t2s"))


def transcribe(ogg: Path) -> None:
    wave, _ = soundfile.read(ogg, dtype="float32")
    segments, _ = STATE["model"].transcribe(wave, **SETTINGS)
    text = STATE["simplify"].convert("".join(segment.text for segment in segments)).strip()
    part = ogg.with_suffix(".txt.part")
    part.write_text(text, encoding="utf-8")
    part.replace(ogg.with_suffix(".txt"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--shard", type=int, required=True)
    parser.add_argument("--model", required=True, help="a faster-whisper model name or folder")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    plan = pd.read_csv(args.plan, keep_default_na=False)
    todo = [args.work / f"{i}.ogg" for i in plan.loc[plan["shard"] == args.shard, "id"]]
    todo = [ogg for ogg in todo if not ogg.with_suffix(".txt").is_file()]
    with Pool(args.workers, start, (args.model,)) as pool:
        for done, _ in enumerate(pool.imap_unordered(transcribe, todo), start=1):
            if done % 100 == 0 or done == len(todo):
                print(f"shard {args.shard}: {done} of {len(todo)} transcribed", flush=True)


if __name__ == "__main__":
    main()
