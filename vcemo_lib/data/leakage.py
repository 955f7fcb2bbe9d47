"""What training and test part share that a split promises nothing about: speakers and texts.

`Split.check` refuses what breaks a promise. Here the rest is counted, for the report beside every result.
"""

from collections.abc import Collection, Iterator

import pandas as pd

from ..letters import letters
from .corpus import Corpus, CorpusError, content, counted
from .splits import Split


def shared(corpus: Corpus, split: Split) -> pd.Series:
    """How much of the test part was met in training: per cent of its utterances by column, texts by their letters."""
    train, test = (corpus.frame.set_index("id").loc[list(part)] for part in (split.train, split.test))
    columns = [column for column in ("speaker", "session", "dialogue") if column in test]
    share = {column: 100 * test[column].isin(train[column]).mean() for column in columns}
    return pd.Series(share | {"text": 100 * split.text_overlap(corpus)}, name="% of the test part also in training")


def repeated(corpus: Corpus, split: Split) -> list[str]:
    """A sentence where one recording stands in two parts of a split, and where one has two emotions; else nothing.

    A recording is known by the bytes of its file, wherever it lies and whatever its id. Without sound it is the text
    that counts, by its letters.
    """
    kind = "recording" if corpus.has_audio else "text"
    frame = corpus.frame[["id", "emotion"]].assign(content=list(_contents(corpus)))
    frame = frame[(frame["content"] != "") & frame["content"].duplicated(keep=False)]
    part = {i: name for name in ("train", "val", "test") for i in getattr(split, name)}
    said = []
    for column, what in (("part", "in two parts of the split"), ("emotion", "with two emotions")):
        values = frame.assign(part=frame["id"].map(part)).dropna(subset=column).groupby("content")[column]
        twice = frame[frame["content"].isin(values.nunique()[lambda n: n > 1].index)]
        if len(twice):
            first, second = twice["id"][twice["content"] == twice["content"].iloc[0]].iloc[:2]
            number = counted(twice["content"].nunique(), kind)
            said.append(f"found {what}: {number}, such as that of {first!r} and {second!r}: keep one of each")
    return said


def _contents(corpus: Corpus) -> Iterator[str]:
    """What makes each row what it is, empty where there is nothing."""
    if corpus.has_audio:
        return map(content, corpus.frame["audio"])
    texts = corpus.frame["text_asr"].fillna(corpus.frame["text"]).fillna("").astype(str)
    return (letters(text.lower()) for text in texts)


def refuse_fitted_outside(what: str, ids: Collection[str], split: Split) -> None:
    """Raise CorpusError where `what` is learnt from data, a scaler or a vocabulary, saw `ids` beyond training."""
    outside = sorted(set(ids) - set(split.train))
    if outside:
        raise CorpusError(
            f"the {what} was fitted on {len(outside)} utterance(s) outside the training part of split "
            f"{split.name!r}, such as {outside[0]!r}: fit it on split.train alone"
        )
