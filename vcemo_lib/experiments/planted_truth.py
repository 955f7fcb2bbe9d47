"""VCEMO-Sim's planted truth: which channel was made to tell the emotion, and whether a system used it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from ..data.features import FeatureStore
from ..inference.bundle import Bundle
from ..inference.prediction import looked_at
from .comparison import right_of

CUES = ("voice", "wording", "both", "neither")
PRIOR = 4.0  # utterances


def cue_of(frame: pd.DataFrame) -> pd.Series:
    """Where the emotion of each utterance can be found, one of `CUES`; NaN where it cannot be said.

    Only the voice: no emotion in the wording (`text_cue` 0) and a strong voice (`voice_cue` above 0.5). Only the
    wording: plain words (2) and a voice that hardly changes. Not said of neutral utterances, where there is nothing to
    find, and of those whose words hint (1).
    """
    loud, plain, silent = frame["voice_cue"] > 0.5, frame["text_cue"] == 2, frame["text_cue"] == 0
    kinds = [loud & silent, ~loud & plain, loud & plain, ~loud & silent]
    cue = pd.Series(np.select(kinds, CUES, default=""), index=frame.index, dtype=object)
    return cue.mask((cue == "") | (frame["emotion"] == "neutral"))


def right_by_cue(records: Sequence[dict], frame: pd.DataFrame) -> pd.Series:
    """The share of emotional test utterances recognised, by where their emotion was planted; runs are pooled.

    Of records of one system, one a seed, and the corpus' table, with `text_cue` and `voice_cue`.
    """
    cue = cue_of(frame.set_index("id"))
    right = pd.concat(map(right_of, records))
    return right.groupby(cue.loc[right.index].to_numpy()).mean().reindex(CUES)


def telling(tokens: Sequence[Sequence[str]], emotions: Sequence[str]) -> dict[str, float]:
    """How much each word tells of the emotion: Σ_e p(e|w) log(p(e|w) / p(e)), in nats, from utterances with it.

    Four utterances of the usual mixture are added to each word, so that a word that occurs once tells little.

    >>> told = telling([["糟", "了"], ["糟", "吧"], ["好", "了"], ["好", "吧"]], ["sad", "sad", "happy", "happy"])
    >>> told["糟"] > told["了"] == 0
    True
    """
    share = pd.Series(emotions).value_counts(normalize=True)
    counts = defaultdict(Counter)  # word → emotion → utterances
    for words, emotion in zip(tokens, emotions, strict=True):
        for word in set(words):
            counts[word][emotion] += 1
    p = {w: np.array([n[e] + PRIOR * share[e] for e in share.index]) / (n.total() + PRIOR) for w, n in counts.items()}
    return {word: float((at * np.log(at / share.to_numpy())).sum()) for word, at in p.items()}


def weight_of_telling_word(
    bundle: Bundle, store: FeatureStore, ids: Sequence[str], told: Mapping[str, float]
) -> pd.DataFrame:
    """The weight of the most telling word of an utterance in a model, in multiples of its average word's.

    Returns:
        A row an utterance of three words or more. `attention`: by the map of the first fusion (`predict.looked_at`).
        `removal`: by how far the log-probability of the model's answer moves when the word's vector is set to zero.
    """
    rows = {}
    for utterance in ids:
        tokens = store.tokens[store.index[utterance]][: bundle.recipe.model.length]
        if len(tokens) >= 3:
            best = int(np.argmax([told.get(word, 0.0) for word in tokens]))
            attention, removal = (weigh(bundle, store, utterance, tokens) for weigh in (_attended, _moved))
            rows[utterance] = attention[best] / attention.mean(), removal[best] / removal.mean()
    return pd.DataFrame.from_dict(rows, orient="index", columns=["attention", "removal"])


@torch.no_grad()
def _attended(bundle: Bundle, store: FeatureStore, utterance: str, tokens: Sequence[str]) -> np.ndarray:
    maps = bundle.model(store.batch([utterance], bundle.labels), keep_attention=True).attention
    return looked_at(maps, bundle.recipe.model.length, tokens)[1].to_numpy()


@torch.no_grad()
def _moved(bundle: Bundle, store: FeatureStore, utterance: str, tokens: Sequence[str]) -> np.ndarray:
    batch = store.batch([utterance] * (len(tokens) + 1), bundle.labels)
    for word in range(len(tokens)):
        batch.words[word + 1, word] = 0
    logp = bundle.model(batch).logits.log_softmax(-1)
    answer = int(logp[0].argmax())
    return (logp[1:, answer] - logp[0, answer]).abs().numpy()
