"""Train, validation and test parts, and the promise each kind of split makes (Paper §4.3, A6, A7)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from .corpus import Corpus, CorpusError


@dataclass(frozen=True)
class Split:
    """Ids of the three parts, and the columns of which no value may stand in two of them."""

    name: str
    train: tuple[str, ...]
    val: tuple[str, ...]
    test: tuple[str, ...]
    disjoint: tuple[str, ...] = ()

    def check(self, corpus: Corpus) -> "Split":
        """Raise CorpusError where the split breaks its promise; return itself where it keeps it."""
        parts = {part: set(getattr(self, part)) for part in ("train", "val", "test")}
        frame = corpus.frame.set_index("id")
        for a, b in (("train", "val"), ("train", "test"), ("val", "test")):
            _refuse_shared(self.name, "id", parts[a] & parts[b], a, b)
            for column in self.disjoint:
                values = [set(frame.loc[list(parts[part]), column]) for part in (a, b)]
                _refuse_shared(self.name, column, values[0] & values[1], a, b)
        return self

    def text_overlap(self, corpus: Corpus) -> float:
        """Share of test utterances whose reference text also stands in the training part."""
        text = corpus.frame.set_index("id")["text"].fillna("")
        seen = set(text.loc[list(self.train)]) - {""}
        return float(np.mean([text[i] in seen for i in self.test])) if self.test else 0.0


def _refuse_shared(name, column, shared, a, b):
    if shared:
        example = sorted(map(str, shared))[0]
        raise CorpusError(f"split {name!r} leaks: {len(shared)} {column} value(s), such as {example!r}, stand in both "
                          f"{a} and {b}: move them to one side")


def split_8_1_1(corpus: Corpus, seed: int = 0) -> Split:
    """Eight, one and one tenth of the utterances, stratified by emotion (Paper §4.3; A6: by utterance).

    Where the corpus brings a `split` column, that one is used and the seed has no effect.
    """
    frame = corpus.frame
    if "split" in frame:
        parts = [tuple(frame.loc[frame["split"] == part, "id"]) for part in ("train", "val", "test")]
        return Split("8/1/1 of the corpus", *parts).check(corpus)
    train, rest = train_test_split(frame, test_size=0.2, random_state=seed, stratify=_strata(frame, 4))
    val, test = train_test_split(rest, test_size=0.5, random_state=seed, stratify=_strata(rest, 2))
    return Split(f"8/1/1, seed {seed}", *(tuple(part["id"]) for part in (train, val, test))).check(corpus)


def _strata(frame: pd.DataFrame, least: int) -> pd.Series:
    """Emotion, with classes too small to be cut joined to the most frequent one."""
    counts = frame["emotion"].map(frame["emotion"].value_counts())
    return frame["emotion"].where(counts >= least, frame["emotion"].mode()[0])


def speaker_disjoint(corpus: Corpus, seed: int = 0, column: str = "speaker") -> Split:
    """About 8/1/1 of the utterances, and no speaker (or session, or dialogue) in two parts."""
    groups = np.array(sorted(corpus.frame[column].unique()))
    if len(groups) < 3:
        raise CorpusError(f"{corpus.name} has {len(groups)} value(s) of {column}: a disjoint split needs 3 or more")
    order = np.random.default_rng(seed).permutation(groups)
    sizes = corpus.frame[column].value_counts().reindex(order).to_numpy()
    share = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    part = np.where(share < 0.8, "train", np.where(share < 0.9, "val", "test"))
    part[-1], part[-2] = "test", "val"  # few groups: never an empty part
    return _by_group(corpus, f"{column}-disjoint, seed {seed}", column, dict(zip(order, part, strict=True)))


def session_folds(corpus: Corpus, column: str = "session", inner: bool = True, seed: int = 0) -> list[Split]:
    """Leave one session (or speaker) out, one fold each (Paper §4.3).

    Args:
        inner: True holds a tenth of the training sessions' utterances out for choosing the epoch (A7 c, honest);
            False chooses on the held-out session itself, as the paper's wording suggests (A7 a, optimistic).
    """
    folds = []
    for held_out in sorted(corpus.frame[column].unique()):
        out = corpus.frame[column] == held_out
        rest, test = corpus.frame[~out], tuple(corpus.frame.loc[out, "id"])
        name = f"leave {column} {held_out} out, " + ("inner validation" if inner else "chosen on the held-out part")
        if inner:
            train, val = train_test_split(rest, test_size=0.1, random_state=seed, stratify=_strata(rest, 2))
            folds.append(_grouped(Split(name, tuple(train["id"]), tuple(val["id"]), test), corpus, column))
        else:  # the same utterances choose and judge: the card says so, and the check cannot promise more
            folds.append(Split(name, tuple(rest["id"]), test, test))
    return folds


def _grouped(split: Split, corpus: Corpus, column: str) -> Split:
    """Check that the test part shares no group with the two others (which may share groups between them)."""
    joined = Split(split.name, split.train + split.val, (), split.test, (column,))
    joined.check(corpus)
    return split.check(corpus)


def _by_group(corpus: Corpus, name: str, column: str, part_of: dict) -> Split:
    part = corpus.frame[column].map(part_of)
    ids = [tuple(corpus.frame.loc[part == which, "id"]) for which in ("train", "val", "test")]
    return Split(name, *ids, disjoint=(column,)).check(corpus)
