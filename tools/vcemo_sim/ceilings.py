"""What is reached at best on each small part of VCEMO-Sim, and what is special to it: the lines of its card."""

from collections.abc import Sequence
from dataclasses import astuple
from itertools import product

import numpy as np
import pandas as pd
from crossing_plan import FEELINGS
from measured import listener, parts_of, reader, right, simple, sound
from mixed_plan import CLASSES, LEANING, annotator, majority
from plan import COUNTS, OTHERS_TEXT_DIAL, TEXT_DIAL, VOICE_DIAL
from prosody import CROSSED, JITTER, RULES
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vcemo_lib.audio.signal import decode
from vcemo_lib.evaluation.simple import fused, sharpness
from vcemo_lib.text.bert import SentenceEncoder


def stress_lines(frame: pd.DataFrame) -> dict[str, float]:
    both = "both: words known, the stress told from length and level at given times"
    return {"chance": 25.0, **each_alone(frame, stressed_first(frame)), **simple(frame), both: stress_heard(frame)}


def irony_lines(frame: pd.DataFrame) -> dict[str, float]:
    both = "both, at best: words known, the prosody known as it was drawn"
    return {"chance": 50.0, **each_alone(frame, frame["voice"]), **simple(frame), both: warmth_heard()}


def each_alone(frame: pd.DataFrame, voice: Sequence) -> dict[str, float]:
    """Who reads the text, and who hears how it is said (N,) and not what, says the commonest class there; per cent."""
    test, known = parts_of(frame)[1], {"words alone": frame["text"], "sound alone, no word understood": voice}
    counts = {name: pd.crosstab(np.asarray(of)[test], frame["emotion"].to_numpy()[test]) for name, of in known.items()}
    return {f"{name}, at best": 100 * float(of.max(axis=1).sum() / test.sum()) for name, of in counts.items()}


def feelings_at(text: str) -> list[int]:
    """Where the two feeling words of a text begin."""
    return sorted(text.index(word) for words in FEELINGS.values() for word in words.split() if word in text)


def stressed_first(frame: pd.DataFrame) -> list[bool]:
    """(N,) whether the first of the two feeling words is the stressed one."""
    return [
        feelings_at(text)[0] == text.index(word) for text, word in zip(frame["text"], frame["stressed"], strict=True)
    ]


def stress_heard(frame: pd.DataFrame) -> float:
    """Which of the two words is stressed, told from their lengths and levels alone, word times given; per cent."""
    rows = []
    for row in frame.to_dict("records"):
        at, wave = feelings_at(row["text"]), decode(row["audio"])
        spans = [(row["char_times"][k][0], row["char_times"][k + 1][1]) for k in at]
        level = [np.log10(np.mean(wave[int(16_000 * a) : int(16_000 * b)] ** 2) + 1e-9) for a, b in spans]
        rows.append([level[0] - level[1], np.log((spans[0][1] - spans[0][0]) / (spans[1][1] - spans[1][0]))])
    first = np.array(stressed_first(frame))
    return right(make_pipeline(StandardScaler(), LogisticRegression()), np.array(rows), first, frame)


def warmth_heard(draws: int = 40_000) -> float:
    """How often who knows the eight prosodic values of a clip, and how they are drawn, tells warm from cold; per cent."""
    spread, rng = np.array(astuple(JITTER)), np.random.default_rng(0)
    warm, angry, flat = (strength * np.array(astuple(rule)) for rule, strength in CROSSED.values())
    truth = rng.random(draws) < 0.5
    centre = np.where(truth[:, None], warm, np.where(rng.random((draws, 1)) < 0.5, angry, flat))
    x = centre + spread * rng.standard_normal((draws, 8))
    likely = [np.exp(-(((x - c) / spread) ** 2).sum(1) / 2) for c in (warm, angry, flat)]
    return 100 * float(((likely[0] > (likely[1] + likely[2]) / 2) == truth).mean())


def knowledge_lines(frame: pd.DataFrame) -> dict[str, float]:
    y, encoder = frame["emotion"].to_numpy(), SentenceEncoder.load("bundled")
    regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000))
    vectors = encoder.encode(frame["text"].tolist(), "mean")
    return {
        "chance": 25.0,
        **simple(frame),
        "words alone: the bundled BERT, mean of its tokens": right(regression, vectors, y, frame),
        "who knows the language, by the rule of the label": 100.0,
    }


def mixed_lines(frame: pd.DataFrame) -> dict[str, float]:
    """Accuracy against the majority of the votes; then cross-entropy (nats) and Brier's score against the mixture."""
    train, test = parts_of(frame)
    y, soft = frame["emotion"].map(CLASSES.index).to_numpy(), np.stack(frame["soft"])[test]
    prior = np.bincount(y[train]) / train.sum()
    words = reader().fit(frame["text"][train], y[train]).predict_proba(frame["text"][test])
    voice = heard(frame, sound(frame), y)
    said = {
        "the shares of the classes in training": np.tile(prior, (test.sum(), 1)),
        "words alone: character n-grams": words,
        "sound alone: MFCC + SVM": voice,
        "both: late fusion, the product of the two": fused(words, voice, prior),
    }
    chance = votes_of(frame)
    lines = {f"{name}: {what}": v for name, p in said.items() for what, v in judged(p, y[test], soft).items()}
    lines |= {f"{name}, at best: accuracy": v for name, v in at_best(frame, chance).items()}
    lines["who knows the mixture: cross-entropy"] = float(-(soft * np.log(np.maximum(soft, 1e-12))).sum(1).mean())
    return lines | told_of_votes(frame)


def heard(frame: pd.DataFrame, statistics: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, 4) probabilities of the listener on test, as sharp as is right on val."""
    train, test = parts_of(frame)
    scores = listener().fit(statistics[train], y[train]).decision_function(statistics)
    val = (frame["split"] == "val").to_numpy()
    return softmax(sharpness(scores[val], y[val]) * scores[test], axis=1)


def judged(p: np.ndarray, truth: np.ndarray, soft: np.ndarray) -> dict[str, float]:
    """Of probabilities (N, 4): accuracy against the majority, per cent; cross-entropy and Brier's score against p."""
    return {
        "accuracy": 100 * float((p.argmax(1) == truth).mean()),
        "cross-entropy": float(-(soft * np.log(np.maximum(p, 1e-12))).sum(1).mean()),
        "Brier": float(((p - soft) ** 2).sum(1).mean()),
    }


def chance_of_majority(words: str, voice: str, share: float) -> np.ndarray:
    """(4,) how likely each class is what most of the annotators mark: over all 4⁵ ways in which five can vote."""
    each, out = [annotator(words, voice, share, leaning) for leaning in LEANING], np.zeros(len(CLASSES))
    for votes in product(range(len(CLASSES)), repeat=len(LEANING)):
        out[majority(list(votes))] += np.prod([p[vote] for p, vote in zip(each, votes, strict=True)])
    return out


def votes_of(frame: pd.DataFrame) -> np.ndarray:
    """(N, 4) `chance_of_majority` of each clip."""
    cells = {
        cell: chance_of_majority(*cell)
        for cell in set(zip(frame["words"], frame["voice"], frame["share"], strict=True))
    }
    return np.stack([cells[cell] for cell in zip(frame["words"], frame["voice"], frame["share"], strict=True)])


def at_best(frame: pd.DataFrame, chance: np.ndarray) -> dict[str, float]:
    """Accuracy, per cent, of who knows what the words tell, what the voice tells and how strongly, or all of it."""
    test, known = parts_of(frame)[1], {"words alone": ["words"], "sound alone": ["voice", "share"]}
    table = pd.DataFrame(chance, frame.index)
    best = {name: table.groupby([frame[c] for c in by]).transform("mean")[test] for name, by in known.items()}
    best["who knows the mixture"] = table[test]
    return {
        name: 100 * float(np.take_along_axis(chance[test], p.to_numpy().argmax(1)[:, None], 1).mean())
        for name, p in best.items()
    }


def told_of_votes(frame: pd.DataFrame) -> dict[str, float]:
    """Fleiss' kappa of the five, and how often two emotions have two votes or more each, and a majority is a tie."""
    counts = np.array([[row.split().count(c) for c in CLASSES] for row in frame["votes"]])
    return {
        "Fleiss' kappa of the five annotators, all clips": fleiss_kappa(counts),
        "two emotions have two votes or more each, of all clips": 100 * float(((counts >= 2).sum(1) >= 2).mean()),
        "the majority is the largest share of the mixture, of all clips": 100 * float(larger(frame).mean()),
    }


def larger(frame: pd.DataFrame) -> np.ndarray:
    """Whether no class has a larger share of the mixture than the one that most annotators marked."""
    soft = np.stack(frame["soft"])
    return soft[np.arange(len(frame)), [CLASSES.index(c) for c in frame["emotion"]]] >= soft.max(1) - 1e-9


def fleiss_kappa(counts: np.ndarray) -> float:
    """Agreement beyond chance of n annotators, counts (N, C) of their labels (Fleiss, 1971).

    κ = (P̄ − P̄ₑ) / (1 − P̄ₑ), P̄ the mean share of pairs of annotators that agree on a clip, P̄ₑ = Σ_c (share of c)².
    """
    n = counts[0].sum()
    agree = ((counts**2).sum(1) - n) / (n * (n - 1))
    expected = ((counts.sum(0) / counts.sum()) ** 2).sum()
    return float((agree.mean() - expected) / (1 - expected))


def whole_lines(draws: int = 20_000) -> dict[str, float]:
    """VCEMO-Sim itself, four classes: who reads all that the wording tells, who hears all that the voice does, or both.

    They know how cues are drawn, and neither how strong the one at hand is nor the habits of the voice.
    """
    names, rng = [c for c in COUNTS if c not in ("fear", "surprise")], np.random.default_rng(0)
    share = np.array([COUNTS[c] for c in names]) / sum(COUNTS[c] for c in names)
    truth = rng.choice(len(names), draws, p=share)
    told = np.array([sum(TEXT_DIAL.get(c, OTHERS_TEXT_DIAL)) for c in names])  # how often the wording tells
    tells = rng.random(draws) < told[truth]
    words = np.where(tells[:, None], np.eye(len(names))[truth], 1 - told)  # p(wording | emotion)
    voice = voice_likelihood(names, truth, rng)
    opinions = {
        "who reads all that the wording tells": words,
        "who hears all that the voice does": voice,
        "who does both": words * voice,
    }
    return {name: 100 * float(((share * p).argmax(1) == truth).mean()) for name, p in opinions.items()}


def voice_likelihood(names: list[str], truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N, C) p(the eight values of a clip | emotion), of clips drawn as `plan.py` and `prosody.py` draw them."""
    spread, strengths = np.array(astuple(JITTER)), np.r_[np.linspace(0.6, 1.0, 9), np.linspace(0.0, 0.25, 9)]
    weight = np.r_[np.full(9, VOICE_DIAL / 9), np.full(9, (1 - VOICE_DIAL) / 9)]

    def rules(name: str) -> tuple[np.ndarray, np.ndarray]:
        """Its rule and those with a third of another emotion, and how likely each is."""
        others = [c for c in COUNTS if c not in (name, "neutral")]
        rule, more = np.array(astuple(RULES[name])), np.array([astuple(RULES[c]) for c in others]) / 3
        return np.vstack([rule, rule + more]), np.r_[0.875, np.full(len(others), 0.125 / len(others))]

    of = [rules(name) for name in names]
    drawn = np.stack([of[e][0][rng.choice(len(of[e][1]), p=of[e][1])] for e in truth])
    x = rng.choice(strengths, len(truth), p=weight)[:, None] * drawn + spread * rng.standard_normal(drawn.shape)
    likely = np.zeros((len(truth), len(names)))
    for e, (its, chance) in enumerate(of):
        for strength, w in zip(strengths, weight, strict=True):
            apart = ((x[:, None] - strength * its) / spread) ** 2  # (N, rules, 8)
            likely[:, e] += w * (np.exp(-apart.sum(2) / 2) @ chance)
    return likely


LINES = {"stress": stress_lines, "irony": irony_lines, "knowledge": knowledge_lines, "mixed": mixed_lines}
