"""How much emotion the bundled encoders carry: a linear probe on real labels, against plain baselines.

    python tools/encoders/probe.py --cped FOLDER --out PROBE.json

`FOLDER` holds CPED's `valid_split.csv`. The probe trains on three television series and is tested on the two
that no encoder has seen (`texts.PROBE_SERIES`). Every row uses the same classifier, whose strength is chosen
inside the training part by dialogue.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from scipy.sparse import issparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from texts import PROBE_SERIES, tidy

from vcemo_lib.storage import write_text
from vcemo_lib.text.bert import SentenceEncoder
from vcemo_lib.text.word_vectors import WordVectors, segment

EMOTIONS = {
    "anger": "angry",
    "fear": "fear",
    "happy": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "astonished": "surprise",
}
NEIGHBOURS = ("高兴", "生气", "害怕", "难过", "惊讶", "妈妈", "吃饭", "北京")
STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0)


def read(folder: Path) -> list[dict]:
    """Utterances with one of the six emotions; the other labels of CPED are left out."""
    with open(folder / "valid_split.csv", encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["Emotion"] in EMOTIONS and row["Utterance"]]


def features(texts: list[str], train: np.ndarray) -> dict:
    """Name → (N, width). The TF-IDF vocabulary is fitted on the training part only."""
    tokens = [segment(text) for text in texts]
    vectors, encoder = WordVectors.load("bundled"), SentenceEncoder.load("bundled")
    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    tfidf.fit([texts[i] for i in np.flatnonzero(train)])
    known = [[word for word in words if word in vectors.index] for words in tokens]
    return {
        "character 1-3-gram TF-IDF": tfidf.transform(texts),
        "word vectors, mean": np.stack([vectors.encode(words).mean(0) for words in known]),
        "BERT, cls": encoder.encode(texts, "cls"),
        "BERT, mean": encoder.encode(texts, "mean"),
    }


def interval(truth: np.ndarray, guess: np.ndarray, dialogues: np.ndarray, draws: int = 500) -> list[float]:
    """95 % bootstrap interval of macro-F1 over whole dialogues."""
    rng, names = np.random.default_rng(0), np.unique(dialogues)
    rows = {name: np.flatnonzero(dialogues == name) for name in names}
    scores = []
    for _ in range(draws):
        at = np.concatenate([rows[name] for name in rng.choice(names, len(names))])
        scores.append(f1_score(truth[at], guess[at], average="macro", zero_division=0))
    return [round(float(x), 3) for x in np.percentile(scores, [2.5, 97.5])]


def measures(truth: np.ndarray, guess: np.ndarray) -> dict:
    return {
        "accuracy": round(accuracy_score(truth, guess), 3),
        "macro_f1": round(f1_score(truth, guess, average="macro", zero_division=0), 3),
    }


def score(x, y: np.ndarray, train: np.ndarray, dialogues: np.ndarray) -> dict:
    scale = MaxAbsScaler() if issparse(x) else StandardScaler()
    model = make_pipeline(scale, LogisticRegression(max_iter=1000, class_weight="balanced"))
    search = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, cv=GroupKFold(4), scoring="f1_macro")
    search.fit(x[train], y[train], groups=dialogues[train])
    guess, truth = search.predict(x[~train]), y[~train]
    return {
        **measures(truth, guess),
        "macro_f1_interval": interval(truth, guess, dialogues[~train]),
        "C": search.best_params_["logisticregression__C"],
    }


def vectors_report(texts: list[str]) -> dict:
    """How many words of the texts the bundled word vectors know, and what stands beside some words."""
    vectors = WordVectors.load("bundled")
    share, unknown = vectors.coverage([segment(text) for text in texts])
    known = [word for word in NEIGHBOURS if word in vectors.index]
    near = dict.fromkeys(NEIGHBOURS) | {word: [other for other, _ in vectors.nearest(word, 6)] for word in known}
    return {"coverage": {"share": round(share, 3), "unknown": unknown[:8]}, "neighbours": near}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cped", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = read(options.cped)
    texts, y = [tidy(row["Utterance"]) for row in rows], np.array([EMOTIONS[row["Emotion"]] for row in rows])
    train = np.array([row["TV_ID"] not in PROBE_SERIES for row in rows])
    dialogues = np.array([row["Dialogue_ID"] for row in rows])
    truth, commonest = y[~train], max(set(y[train]), key=list(y[train]).count)
    report = {
        "train": int(train.sum()),
        "test": len(truth),
        "test_counts": {e: int((truth == e).sum()) for e in sorted(set(y))},
        "always " + commonest: measures(truth, np.full(len(truth), commonest)),
    }
    for name, x in features(texts, train).items():
        report[name] = score(x, y, train, dialogues)
        print(name, report[name], flush=True)
    report |= vectors_report([text for text, seen in zip(texts, train, strict=True) if not seen])
    write_text(options.out, json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
