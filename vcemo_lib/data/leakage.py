"""What training and test part share that a split promises nothing about: speakers and texts.

`Split.check` refuses what breaks a promise. Here the rest is counted, for the report beside every result.
"""

from collections.abc import Collection

import pandas as pd

from .corpus import Corpus, CorpusError
from .splits import Split


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
