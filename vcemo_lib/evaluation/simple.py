"""What a few lines of scikit-learn answer on the split of a model: what its scores must be held against.

Always the commonest emotion; an SVM on what a clip's MFCCs are on average; logistic regression on the characters of its
text; and the last two together. All are deterministic, take seconds with one thread, and are kept once computed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import dct
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from ..audio.signal import log_mel
from ..data import FeatureStore, Split, cached, reads_text
from ..digests import content_key, settings
from ..recipes import Recipe
from .metrics import confusion, scores

VERSION = 2  # raise it when the same data begin to give other answers
MAJORITY, SOUND, TEXT, BOTH = "majority", "MFCC + SVM", "character n-grams + LR", "late fusion"
STRENGTHS = (1, 10)  # C of SVM and regression: chosen on validation, the smaller of two that are as good
FACTORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
CEPSTRA = 20


@dataclass(frozen=True)
class Answers:
    """What one classifier says of a part: truth (N,) class numbers, probabilities (N, C) in the order of the task."""

    truth: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The likeliest class of each, (N,)."""
        return self.probabilities.argmax(1)

    @property
    def scores(self) -> dict[str, float]:
        """WA, UA and F1."""
        return scores(confusion(self.truth, self.predicted, self.probabilities.shape[1]))


def pooled(parts: Sequence[dict[str, Answers]]) -> dict[str, Answers]:
    """The answers of each classifier to the parts of several folds as one.

    The majority is then the commonest class of all parts, said to all. What is commonest in the training part of a fold
    is by so much rarer in its test part, so that the answers of the folds together would be below any constant one.
    """
    fields = ("truth", "probabilities")
    joined = {
        name: Answers(*(np.concatenate([getattr(p[name], f) for p in parts]) for f in fields)) for name in parts[0]
    }
    if len(parts) > 1:
        truth, given = joined[MAJORITY].truth, joined[MAJORITY].probabilities
        share = np.bincount(truth, minlength=given.shape[1]) / len(truth)
        joined[MAJORITY] = Answers(truth, np.tile(share, (len(truth), 1)))
    return joined


def simple_answers(store: FeatureStore, split: Split, recipe: Recipe, part: str = "test") -> dict[str, Answers]:
    """The answers of each simple classifier that can read what the recipe reads, by name.

    They are fitted on the training part and their strength is chosen on validation. Where the recipe takes the
    speaker's mean away, the SVM's statistics are less the speaker's mean too.
    """
    names, labels = names_of(store, recipe), store.corpus.task_labels(recipe.model.n_classes)
    key = content_key(VERSION, store.corpus.hash, split, settings(recipe.features), labels, names, part)
    y = classes(store, labels)
    rows = [np.array([store.index[i] for i in getattr(split, which)]) for which in ("train", "val", part)]
    kept = cached("simple", key, lambda: _probabilities(store, recipe, names, y, rows), dtype=np.float32)
    return {name: Answers(y[rows[2]], np.asarray(kept[k])) for k, name in enumerate(names)}


def names_of(store: FeatureStore, recipe: Recipe) -> tuple[str, ...]:
    """The simple classifiers that are possible: the sound and the text must be there, and be read by the recipe."""
    reads = set(recipe.model.modalities)
    sound = [SOUND] if store.corpus.has_audio and "audio" in reads else []
    text = [TEXT] if reads_text(reads) and any(store.texts) else []
    return (MAJORITY, *sound, *text, *([BOTH] if sound and text else []))


def _probabilities(store: FeatureStore, recipe: Recipe, names: Sequence[str], y: np.ndarray, rows: Sequence) -> list:
    """(N, C) of each classifier for the N utterances of the last of the three parts `rows`; y as `classes` has them."""
    n_classes = recipe.model.n_classes
    share = np.bincount(y[rows[0]], minlength=n_classes) / len(rows[0])
    answers = {MAJORITY: np.tile(share, (len(rows[2]), 1))}
    if SOUND in names:
        answers[SOUND] = _best(listener, clip_statistics(store, recipe), y, rows, n_classes)
    if TEXT in names:
        answers[TEXT] = _best(reader, np.array(store.texts, dtype=object), y, rows, n_classes)
    if BOTH in names:
        answers[BOTH] = fused(answers[SOUND], answers[TEXT], share)
    return [answers[name] for name in names]


def fused(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """p(y | a, b) ∝ p(y | a) · p(y | b) / p(y), right if the two are independent given y; a, b (N, C), share (C,)."""
    both = a * b / np.maximum(share, 1e-9)
    return both / both.sum(1, keepdims=True)


def mfcc_statistics(mel: np.ndarray) -> np.ndarray:
    """(T, F) log-mel → (60,): mean and deviation of 20 cepstral coefficients, and the deviation of their steps."""
    cepstra = dct(np.asarray(mel, np.float32), norm="ortho", axis=1)[:, :CEPSTRA]
    steps = np.diff(cepstra, axis=0) if len(cepstra) > 1 else np.zeros_like(cepstra)
    return np.concatenate([cepstra.mean(0), cepstra.std(0), steps.std(0)])


def clip_statistics(store: FeatureStore, recipe: Recipe) -> np.ndarray:
    """(all utterances, 61): MFCC statistics and the frames' number; less the speaker's mean where the recipe's are."""
    if store.speech is None:
        mels = (store.mel[row] for row in range(len(store.mel)))
    else:  # the store holds frames of a speech model
        mels = (log_mel(store.corpus.wave(i)) for i in store.corpus.ids)
    table = np.stack([[*mfcc_statistics(mel), len(mel)] for mel in mels])
    if recipe.features.normalise == "speaker":
        speakers = store.corpus.frame["speaker"].to_numpy()
        for one in set(speakers):
            table[speakers == one] -= table[speakers == one].mean(0)
    return table


def listener(strength: float = 1.0, **options) -> Pipeline:
    """A support vector machine on statistics of clips."""
    return make_pipeline(StandardScaler(), SVC(C=strength, **options))


def reader(strength: float, **options) -> Pipeline:
    """Logistic regression on the characters of texts."""
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    return make_pipeline(characters, LogisticRegression(C=strength, max_iter=2000, **options))


def _best(make: Callable, x: np.ndarray, y: np.ndarray, rows: Sequence[np.ndarray], n_classes: int) -> np.ndarray:
    """(N, C) probabilities for the last of the three parts `rows`, by the strength that is best on the second."""
    train, val, asked = rows
    if len(set(y[train])) == 1:  # nothing to tell apart, which scikit-learn refuses
        return np.tile(np.eye(n_classes)[y[train][0]], (len(asked), 1))
    fitted = [make(strength).fit(x[train], y[train]) for strength in STRENGTHS]
    best = max(fitted, key=lambda model: model.score(x[val], y[val]))
    if hasattr(best, "predict_proba"):
        return _spread(best.predict_proba(x[asked]), best.classes_, n_classes)
    on_val, on_asked = (_spread(_one_against_rest(best, x[r]), best.classes_, n_classes, -9.0) for r in (val, asked))
    return softmax(sharpness(on_val, y[val]) * on_asked, axis=1)


def sharpness(scores: np.ndarray, y: np.ndarray) -> float:
    """The factor on scores (N, C) by whose softmax the classes y (N,) are likeliest.

    An SVM has no probabilities. Platt's way to them takes five more SVMs; this is one number.
    """
    return min(FACTORS, key=lambda factor: -log_softmax(factor * scores, axis=1)[np.arange(len(y)), y].mean())


def _one_against_rest(model, x: np.ndarray) -> np.ndarray:
    """(N, classes that were seen)."""
    values = model.decision_function(x)
    return np.stack([-values, values], 1) if values.ndim == 1 else values


def _spread(values: np.ndarray, classes: np.ndarray, n_classes: int, absent: float = 0.0) -> np.ndarray:
    """(N, C) of (N, classes that were seen): a column of `absent` for each class that training does not have."""
    every = np.full((len(values), n_classes), absent)
    every[:, classes] = values
    return every


def classes(store: FeatureStore, labels: Sequence[str]) -> np.ndarray:
    """(all utterances,) class numbers."""
    return np.array([labels.index(emotion) for emotion in store.corpus.frame["emotion"]])
