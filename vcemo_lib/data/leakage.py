"""What training and test part share that a split promises nothing about: speakers, texts, recordings.

`Split.check` refuses what breaks a promise. Here the rest is counted, for the report beside every result.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from ..audio.signal import log_mel
from .corpus import Corpus, CorpusError
from .splits import Split

STEPS, BANDS = 32, 20  # size of a fingerprint
ALIKE = 0.95  # cosine above which two clips are taken for one recording


def fingerprint(wave: np.ndarray) -> np.ndarray:
    """(640,) unit vector of a clip's shape in time and frequency; loudness and colour of the channel are taken out.

    wave (T,) float32 at 16 kHz.
    """
    mel = log_mel(wave).astype(np.float64)
    mel = mel.reshape(len(mel), BANDS, -1).mean(2)
    edges = np.linspace(0, len(mel), STEPS + 1)
    steps = np.stack(
        [mel[int(a) : max(int(np.ceil(b)), int(a) + 1)].mean(0) for a, b in zip(edges, edges[1:], strict=False)]
    )
    steps -= steps.mean(0)
    return (steps / max(np.linalg.norm(steps), 1e-9)).ravel()


def near_duplicates(corpus: Corpus, split: Split, alike: float = ALIKE) -> pd.DataFrame:
    """Test clips that sound like the same recording as a clip of another part: columns test, other, part, cosine."""
    rows, judged = [], _fingerprints(corpus, split.test)
    for part in ("train",) if split.chosen_on_test else ("train", "val"):
        others = getattr(split, part)
        cosine = judged @ _fingerprints(corpus, others).T
        rows += [(split.test[t], others[o], part, float(cosine[t, o])) for t, o in np.argwhere(cosine > alike)]
    return pd.DataFrame(rows, columns=["test", "other", "part", "cosine"]).sort_values("cosine", ascending=False)


def _fingerprints(corpus: Corpus, ids: Collection[str]) -> np.ndarray:
    return np.stack([fingerprint(corpus.wave(i)) for i in ids]) if ids else np.empty((0, STEPS * BANDS))


def shared(corpus: Corpus, split: Split) -> pd.Series:
    """How much of the test part was met in training: per cent of its utterances by column, texts by their letters."""
    columns = [c for c in ("speaker", "session", "dialogue") if c in corpus.frame]
    frame, share = corpus.frame.set_index("id"), {}
    for column in columns:
        seen = set(frame.loc[list(split.train), column])
        share[column] = 100 * frame.loc[list(split.test), column].isin(seen).mean()
    share["text"] = 100 * split.text_overlap(corpus)
    return pd.Series(share, name="% of the test part also in training")


def refuse_fitted_outside(what: str, ids: Collection[str], split: Split) -> None:
    """Raise CorpusError where something that is learnt from data, a scaler or a vocabulary, saw more than training.

    Args:
        what: its name in the message.
        ids: the utterances that it was fitted on.
    """
    outside = sorted(set(ids) - set(split.train))
    if outside:
        raise CorpusError(
            f"the {what} was fitted on {len(outside)} utterance(s) outside the training part of split "
            f"{split.name!r}, such as {outside[0]!r}: fit it on split.train alone"
        )
