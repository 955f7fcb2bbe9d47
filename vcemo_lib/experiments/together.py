"""VCEMO's systems on the small parts of VCEMO-Sim: stress and irony, told by words and voice only together; knowledge.

The question is whether VCEMO is better than late fusion, the product of what sound and words say alone, and whether its
attention finds the stressed word. The control exchanges the sounds of the two clips of half of the texts: what was
planted is gone, and so must be every effect.

*Knowledge* is read: does BERT know what training does not say? Feeling words and idioms of its test part, and their
characters, stand in no text of training (Paper §3.2, §4.4: BERT brings external knowledge).

    python -m vcemo_lib.experiments.together stress 0,1,2     # makes the runs that results/together does not hold
"""

import sys
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import torch
from scipy.special import softmax

from ..data.corpora import load_corpus
from ..data.corpus import Corpus
from ..evaluation.metrics import bootstrap_interval, confusion, scores
from ..evaluation.records import read_record
from ..evaluation.simple import TEXT, fused, simple_answers
from ..paths import DATA, RESULTS
from ..recipes import LAPTOP, Recipe
from ..training.run import Run
from .comparison import gap_between, right_of
from .experiment import Experiment, prepare, run

FOLDER = RESULTS / "together"
VCEMO, SOUND, WORDS, LATE, CONTROL = "VCEMO", "sound alone", "words alone", "late fusion", "VCEMO, sounds exchanged"
BERT, BOTH = "BERT alone", "words and BERT"
# Few clips of two or three seconds: little network, a frame every 20 ms. Words are spread over the L positions as the
# sound is, so that a word's place is its time; see results/TRIALS.md for what happens without.
RECIPE = LAPTOP.but(
    name="together", text="text", copies=0, modalities=("audio", "words"), hop_length=320, n_mels=40,
    d=64, n_layers=1, d_ff=128, length=16, align="stretch", epochs=12, batch_size=32, learning_rate=2e-3, clip=1.0,
    mask_bands=0, mask_frames=0, mask_words=0.0,
)  # fmt: skip
# In irony neither modality tells anything by itself, so nothing leads the sound branch to the voice; from the mel of
# 648 clips it is not learnt (results/TRIALS.md). It reads five prosodic numbers a frame, less each speaker's mean.
# Knowledge is 240 short texts, eight updates an epoch; BERT is read as `vcemo train` reads it.
EFFECTS = {
    "stress": {},
    "irony": {"speech": "prosody", "normalise": "speaker", "epochs": 25},
    "knowledge": {"bert_pooling": "mean", "epochs": 25},
}
SPEECH = {
    VCEMO: {},
    SOUND: {"modalities": ("audio",)},
    WORDS: {"modalities": ("words",)},
    "UMONS": {"system": "umons"},
    "VCEMO, words padded": {"align": "pad"},
    CONTROL: {},
}
READERS = {WORDS: {"modalities": ("words",)}, BERT: {"modalities": ("bert",)}, BOTH: {"modalities": ("words", "bert")}}
KNOWLEDGE, KINDS = "knowledge", ("word", "idiom", "negation", "contrast")
SYSTEMS = {"stress": SPEECH, "irony": SPEECH, "knowledge": READERS}
# How the line of the ceiling begins in the data card of each part; and those of words and of the voice by itself.
EACH = WORDS, f"{SOUND}, no word understood"
BEST = {
    "stress": "both", "irony": "both", "knowledge": "who knows the language",
    "mixed": "who knows the mixture, at best: accuracy",
}  # fmt: skip


def exchanged(corpus: Corpus) -> Corpus:
    """The control: half of the texts of each part, drawn at random, exchange the sounds of their two clips.

    So no sound tells anything: who follows the voice is right in half of the clips, and so is who does the reverse.
    """
    frame, rng = corpus.frame.copy(), np.random.default_rng(0)
    moved = ["audio", *(["char_times"] if "char_times" in frame else [])]
    for _, part in frame.groupby("split"):
        pairs = [rows for rows in part.groupby("pair").groups.values() if len(rows) == 2]
        for k in rng.permutation(len(pairs))[: len(pairs) // 2]:
            frame.loc[pairs[k], moved] = frame.loc[pairs[k][::-1], moved].to_numpy()
    return replace(corpus, frame=frame)


def recipe_of_system(effect: str, name: str) -> Recipe:
    """The small recipe for a planted effect, with what makes the system."""
    return RECIPE.but(name=f"{RECIPE.name} {name}", **EFFECTS[effect], **SYSTEMS[effect][name])


def run_together(effect: str, system: str, seed: int) -> dict:
    """The record of one system and seed on a part; an existing one is returned, a killed run goes on."""
    corpus, recipe = load_corpus(f"vcemo_sim_{effect}"), recipe_of_system(effect, system)
    experiment = prepare(recipe, exchanged(corpus) if system == CONTROL else corpus, features=False)
    return run(experiment, experiment.recipe, seed, FOLDER / effect, partial(_besides, system))


def _besides(system: str, experiment: Experiment, trained: Run, truth: np.ndarray, logits: np.ndarray) -> dict:
    """Of a record: the system, what its map found, and the interval over texts, each of which two clips share."""
    frame = experiment.corpus.frame.set_index("id")
    maps = stress_found(trained, experiment) if "stressed" in frame and system == VCEMO else None
    texts = frame["pair"].loc[list(experiment.split.test)].to_numpy()
    return {
        "system": system,
        "interval_wa": bootstrap_interval(truth, logits.argmax(1), logits.shape[1], groups=texts),
        "interval_over": "texts",
        "probabilities": softmax(logits.astype(float), axis=1).round(4).tolist(),
        "stress_found": maps,
    }


@torch.no_grad()
def stress_found(trained: Run, experiment: Experiment) -> dict[str, float]:
    """Whether the pooling looks at the stressed word: over the L positions, which are equal stretches of the clip.

    Returns:
        `share` of the test clips in which a moment of the stressed word weighs more than one of the other feeling word
        (chance .5), and `times`, a moment of the stressed word in multiples of the average moment.
    """
    store, frame = experiment.store, experiment.corpus.frame.set_index("id")
    more, times, length = [], [], trained.recipe.model.length
    for one in experiment.split.test:
        batch = store.batch([one], experiment.labels)
        pool = trained.model(batch, keep_attention=True).attention["pool"][0, :length].numpy()
        tokens, spans, frames = store.tokens[store.index[one]], batch.spans[0].numpy(), int(batch.mel_mask.sum())
        pair = frame.loc[frame["pair"] == frame.loc[one, "pair"], "stressed"]
        words = pair[one], pair.drop(one).iloc[0]
        if not set(words) <= set(tokens):  # cut otherwise, in one text of a hundred
            continue
        own, other = (_weight(pool, spans[tokens.index(word)], frames) for word in words)
        more.append(own > other)
        times.append(own / pool.mean())
    return {"share": round(float(np.mean(more)), 4), "times": round(float(np.mean(times)), 3), "clips": len(more)}


def _weight(pool: np.ndarray, span: np.ndarray, frames: int) -> float:
    """The mean weight of the positions whose middle lies in a span of frames, or of the nearest."""
    middle = (np.arange(len(pool)) + 0.5) / len(pool) * frames
    inside = (middle >= span[0]) & (middle < span[1])
    return float(pool[inside].mean() if inside.any() else pool[np.abs(middle - span.mean()).argmin()])


def late_record(sound: dict, words: dict) -> dict:
    """Late fusion of two records of one split: the product of what both say, since all classes are equally frequent."""
    chance = np.array(sound["probabilities"]), np.array(words["probabilities"])
    both = fused(*chance, np.full(chance[0].shape[1], 1 / chance[0].shape[1]))
    said = both.argmax(1)
    its = scores(confusion(np.array(sound["truth"]), said, both.shape[1]))
    return sound | {"system": LATE, "predicted": said.tolist(), "probabilities": both.tolist(), "scores": its}


def together_records(effect: str) -> dict[str, list[dict]]:
    """System → its records, seed 0 first, late fusion among them; what is recorded, nothing is trained."""
    records: dict[str, list[dict]] = {}
    for record in map(read_record, sorted((FOLDER / effect).glob("*.json"))):
        records.setdefault(record["system"], []).append(record)
    records = {name: sorted(records[name], key=lambda r: r["seed"]) for name in SYSTEMS[effect] if name in records}
    both = zip(records.get(SOUND, ()), records.get(WORDS, ()), strict=False)
    late = [late_record(sound, words) for sound, words in both if sound["seed"] == words["seed"]]
    return records | ({LATE: late} if late else {})


def together_table(effect: str) -> pd.DataFrame:
    """Accuracy of each system, per cent: mean over the seeds, its deviation, seeds, and how often the map finds it."""
    lines = {}
    for name, kept in together_records(effect).items():
        values = 100 * np.array([record["scores"]["wa"] for record in kept])
        maps = [record["stress_found"] for record in kept if record["stress_found"] and name == VCEMO]
        lines[name] = {
            "accuracy": round(values.mean(), 1),
            "±": round(values.std(ddof=1), 1) if len(values) > 1 else "",
            "seeds": len(values),
            "stressed word found": f"{100 * np.mean([m['share'] for m in maps]):.0f}" if maps else "",
        }
    if SYSTEMS[effect] is SPEECH:
        lines |= {f"{name}, at best": {"accuracy": ceiling_of(effect, f"{name}, at best")} for name in EACH}
    lines["words and sound, at best"] = {"accuracy": ceiling_of(effect)}
    return pd.DataFrame(lines).T.fillna("").rename_axis("system")


def ceiling_of(effect: str, begins: str = "") -> float:
    """What can be reached on a part at best, per cent, as the data card has it; `begins` names another of its lines."""
    begins = f"| {begins or BEST[effect]}"
    card = (DATA / f"vcemo_sim_{effect}" / "DATA_CARD.md").read_text(encoding="utf-8")
    return float(next(line for line in card.splitlines() if line.startswith(begins)).split("|")[-2])


def ngram_record() -> dict:
    """What character n-grams answer, as a record: the rival that has no knowledge at all. It takes a second."""
    experiment = prepare(recipe_of_system(KNOWLEDGE, WORDS), load_corpus(f"vcemo_sim_{KNOWLEDGE}"))
    answers = simple_answers(experiment.store, experiment.split, experiment.recipe)[TEXT]
    return {
        "seed": 0,
        "test_ids": list(experiment.split.test),
        "truth": answers.truth.tolist(),
        "predicted": answers.predicted.tolist(),
        "scores": answers.scores,
    }


def knowledge_table() -> pd.DataFrame:
    """Accuracy of each system, per cent: of all, its deviation over the seeds, and of each kind of text."""
    kind = load_corpus(f"vcemo_sim_{KNOWLEDGE}").frame.set_index("id")["kind"]
    lines = {}
    for name, kept in ({TEXT: [ngram_record()]} | together_records(KNOWLEDGE)).items():
        right = pd.concat(map(right_of, kept), axis=1)
        values = 100 * right.mean()
        each = 100 * right.mean(axis=1).groupby(kind.loc[right.index]).mean()
        spread = round(values.std(), 1) if len(kept) > 1 else ""
        told = {"accuracy": round(values.mean(), 1), "±": spread, "seeds": len(kept)}
        lines[name] = told | {one: round(each[one], 1) for one in KINDS}
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("system")


def bert_helps() -> str:
    """One sentence: words and BERT against words alone on words that were never met."""
    kept = together_records(KNOWLEDGE)
    gap = gap_between(kept[BOTH], kept[WORDS])
    verdict = "BERT helps" if gap.sure and gap.mean > 0 else "it is not shown that BERT helps"
    return (
        f"Words and BERT − {WORDS}: {gap.mean:+.1f} points ({gap.low:+.1f} to {gap.high:+.1f}, {gap.pairs} seeds; "
        f"{gap.seen:.1f} would have been seen): on words that training never met {verdict}."
    )


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in EFFECTS:
        raise SystemExit(__doc__)
    torch.set_num_threads(1)
    part = sys.argv[1]
    for seed, system in product(map(int, sys.argv[2].split(",")), SYSTEMS[part]):
        made = run_together(part, system, seed)
        print(f"{part}, seed {seed}, {system}: {100 * made['scores']['wa']:.1f}, {made['seconds']:.0f} s", flush=True)
    print(together_table(part).to_string())
