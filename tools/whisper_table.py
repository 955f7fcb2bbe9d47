"""How well and how fast Whisper hears VCEMO-Sim: character error per emotion, and seconds of sound a second.

    python tools/whisper_table.py WEIGHTS [--backend whisper] [--clips 200] [--out results/whisper_base.json]

The same number of clips of each emotion, the first ones of the corpus, which is in random order. A run may be killed at any
time: every batch is kept when it is heard (under VCEMO_CACHE), and the next start goes on from there. The record says how
many clips each process heard, and keeps the transcripts, so that its every number can be computed again. Each back-end has
its own entry in the record; one that is measured again replaces its own.
"""

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

import torch

from vcemo_lib.audio import whisper_asr as asr
from vcemo_lib.audio.whisper_asr import character_errors
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import Corpus
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.data.transcripts import transcribe_corpus
from vcemo_lib.evaluation.records import environment
from vcemo_lib.paths import RESULTS
from vcemo_lib.storage import read_json, write_json


def sample(corpus: Corpus, clips: int) -> Corpus:
    """The first clips of each emotion; where they cannot be equally many, the first emotions have one more."""
    share = {emotion: clips // len(EMOTIONS) + (rank < clips % len(EMOTIONS)) for rank, emotion in enumerate(EMOTIONS)}
    number = corpus.frame.groupby("emotion").cumcount()
    return corpus.select((number < corpus.frame["emotion"].map(share)).tolist())


def error_rows(corpus: Corpus) -> dict[str, dict]:
    """For each emotion, and for all: clips, characters of the text, the errors of `text_asr` by kind, and their rate."""
    rows = {}
    for name in (*EMOTIONS, "all"):
        part = corpus.frame if name == "all" else corpus.frame[corpus.frame["emotion"] == name]
        errors = character_errors(part["text"], part["text_asr"])
        rows[name] = {"clips": len(part), **vars(errors), "rate": round(errors.rate, 4)}
    return rows


def measure(weights: str, backend: str, corpus: Corpus) -> dict:
    """Hear what was not heard yet, and put the record's entry together."""
    model = asr.load(weights, backend=backend, language=corpus.language)
    result = transcribe_corpus(corpus, model, progress=lambda done: print(f"{done} of {len(corpus)}", flush=True))
    if result.problems:
        sys.exit(f"not heard: {result.problems}")
    minutes = sum(len(corpus.wave(name)) for name in corpus.ids) / 16_000 / 60
    heard = result.corpus.frame
    return {
        "settings": asr.recorded(model.settings),
        "minutes": round(minutes, 2),
        "seconds": round(result.seconds, 1),
        "times_real_time": round(minutes * 60 / result.seconds, 2),
        "threads": torch.get_num_threads(),
        "clips_by_process": list(result.processes),
        "errors": error_rows(result.corpus),
        "texts": dict(zip(heard["id"], heard["text_asr"], strict=True)),
    }


def show(entry: dict) -> str:
    """An entry as a table of Markdown."""
    names = ("clips", "characters", "substitutions", "insertions", "deletions", "rate")
    rows = [
        f"| {emotion} | " + " | ".join(str(row[name]) for name in names) + " |"
        for emotion, row in entry["errors"].items()
    ]
    return "\n".join(
        [
            "| emotion | " + " | ".join(names) + " |",
            "|:---" + "|---:" * len(names) + "|",
            *rows,
            f"{entry['times_real_time']} × real time, {entry['threads']} thread(s); clips by process: "
            f"{entry['clips_by_process']}",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("weights", help="a Whisper name, its checkpoint, or for the back-end 'faster' its folder")
    parser.add_argument("--backend", default="whisper", choices=asr.BACKENDS)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULTS / "whisper_base.json")
    args = parser.parse_args()
    corpus = sample(load_corpus("vcemo_sim"), args.clips)
    entry = measure(args.weights, args.backend, corpus)
    entry["environment"] = environment() | {"opencc": version("opencc-python-reimplemented")}
    about = {"corpus": corpus.name, "corpus_hash": corpus.hash, "simulated": corpus.simulated, "clips": len(corpus)}
    kept = read_json(args.out) if args.out.is_file() else {}
    others = (
        kept["backends"] if about == {name: kept.get(name) for name in about} else {}
    )  # of other clips: not comparable
    write_json(args.out, about | {"backends": others | {args.backend: entry}})
    print(show(entry))


if __name__ == "__main__":
    main()
