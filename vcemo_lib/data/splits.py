"""Train, validation and test parts, and the promise each kind of split makes (Paper §4.3, A6, A7)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..letters import letters
from .corpus import Corpus, CorpusError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Split:
    """Ids of the three parts, and what they promise about each other.

    Args:
        disjoint: columns of which no value stands in two parts.
        unseen: columns of which no value of the test part stands in the two others, which may share values.
        chosen_on_test: the validation part is the test part itself (A7 a), so the score is optimistic.
    """

    name: str
    train: tuple[str, ...]
    val: tuple[str, ...]
    test: tuple[str, ...]
    disjoint: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    chosen_on_test: bool = False

    @property
    def promises(self) -> tuple[str, ...]:
        """The columns that the test part shares with no other part."""
        return self.disjoint + self.unseen

    def check(self, corpus: Corpus) -> Split:
        """Raise CorpusError where the split breaks its promise; return itself where it keeps it.

        An utterance and its augmented copies (column `parent`: the id a row was made from) count as one and may
        never stand in two parts. Texts are compared by their letters.
        """
        self._check_parts(corpus)
        pairs = [("train", "val"), ("train", "test"), ("val", "test")]
        for a, b in pairs[:2] if self.chosen_on_test else pairs:
            promised = self.disjoint if (a, b) == ("train", "val") else self.promises
            for column in ("id", *(["parent"] if "parent" in corpus.frame else []), *promised):
                values = _values(corpus, column)
                shared = set(values[list(getattr(self, a))]) & set(values[list(getattr(self, b))])
                if shared := shared - {""}:  # two utterances without text share none
                    raise CorpusError(
                        f"split {self.name!r} leaks: {len(shared)} {column} value(s), such as "
                        f"{min(map(str, shared))!r}, stand in both {a} and {b}: move them to one side"
                    )
        return self

    def _check_parts(self, corpus: Corpus) -> None:
        unknown = set(self.train + self.val + self.test) - set(corpus.ids)
        if unknown:
            raise CorpusError(
                f"split {self.name!r} names {len(unknown)} utterance(s), such as {min(unknown)!r}, that "
                f"corpus {corpus.name} has not: split the corpus that is loaded"
            )
        absent = [column for column in self.promises if column not in corpus.frame]
        if absent:
            raise CorpusError(
                f"split {self.name!r} promises something about {', '.join(absent)}, which corpus "
                f"{corpus.name} does not tell: promise less or add the column"
            )
        if self.chosen_on_test and set(self.val) != set(self.test):
            raise CorpusError(f"split {self.name!r} says that it chooses on the test part, but its val is another set")

    def new_text(self, corpus: Corpus) -> tuple[str, ...]:
        """The test utterances whose text stands in no training utterance: the text-disjoint part of the test part."""
        text = _values(corpus, "text")
        seen = set(text[list(self.train)]) - {""}
        return tuple(i for i in self.test if text[i] not in seen)

    def text_overlap(self, corpus: Corpus) -> float:
        """Share of test utterances whose reference text also stands in the training part."""
        return 1 - len(self.new_text(corpus)) / len(self.test) if self.test else 0.0


def _values(corpus: Corpus, column: str) -> pd.Series:
    """What is compared, by id: the text's letters, the recording that a row comes from, or the column as it is."""
    ids = corpus.frame["id"]
    if column == "id":
        return ids.set_axis(ids)
    values = corpus.frame[column].set_axis(ids)
    if column == "text":
        return values.fillna("").astype(str).map(lambda text: letters(text.lower()))
    return values.fillna(ids.set_axis(ids)) if column == "parent" else values


def split_8_1_1(corpus: Corpus, seed: int = 0) -> Split:
    """Eight, one and one tenth of the utterances, stratified by emotion (Paper §4.3; A6: by utterance).

    Where the corpus brings a `split` column, that one is used and the seed has no effect.

    Raises:
        CorpusError: too few utterances for three parts, or a part without any in the `split` column.
    """
    if "split" in corpus.frame:
        return _own_parts(corpus)
    _require_enough(corpus)
    train, rest = _cut(corpus, corpus.frame, 0.2, seed, 4)
    val, test = _cut(corpus, rest, 0.5, seed, 2)
    return Split(f"8/1/1, seed {seed}", *(tuple(part["id"]) for part in (train, val, test))).check(corpus)


def require_8_1_1(corpus: Corpus) -> None:
    """Raise the CorpusError that `split_8_1_1` would raise. Nothing is cut where counting is enough, so it is quick."""
    if {"split", "parent"} & set(corpus.frame):
        split_8_1_1(corpus)
    else:
        _require_enough(corpus)


def _require_enough(corpus: Corpus) -> None:
    """Both parts need a place for each emotion that is cut, and the fifth is cut again (scikit-learn's rule)."""
    fifth, strata = math.ceil(0.2 * len(corpus)), _strata(corpus.frame, 4).nunique()
    if fifth < max(strata, 2):
        raise _too_small(corpus)


def _too_small(corpus: Corpus) -> CorpusError:
    return CorpusError(
        f"corpus {corpus.name} is too small to be split: {len(corpus)} utterances, of its emotions "
        f"{corpus.counts()[lambda n: n > 0].to_dict()}: add some, 10 or more of each emotion are enough, "
        "or give it a column split"
    )


def _own_parts(corpus: Corpus) -> Split:
    outside = corpus.frame[~corpus.frame["split"].isin(["train", "val", "test"])]
    if 0 < len(outside) < len(corpus):
        first = outside.iloc[0]
        raise CorpusError(
            f"the column split of corpus {corpus.name} has {first['split']!r} for {len(outside)} of {len(corpus)} "
            f"utterances, such as {first['id']!r}: write train, val or test into every row, or leave the column out"
        )
    of_part = corpus.frame.groupby("split")["id"].agg(tuple)
    if set(of_part.index) != {"train", "val", "test"}:
        labels = ", ".join(map(repr, of_part.index)) or "nothing"
        raise CorpusError(
            f"the column split of corpus {corpus.name} has {labels}: "
            "write train, val and test into it, each at least once, or leave the column out"
        )
    return Split("8/1/1 of the corpus", *(of_part[part] for part in ("train", "val", "test"))).check(corpus)


def _cut(corpus: Corpus, frame: pd.DataFrame, share: float, seed: int, least: int) -> list[pd.DataFrame]:
    """Two parts of some rows of a corpus, the second with this share, stratified by emotion."""
    from sklearn.model_selection import train_test_split

    strata = _strata(frame, least)
    size = max(math.ceil(share * len(frame)), strata.nunique())  # a place for each
    try:
        return train_test_split(frame, test_size=size, random_state=seed, stratify=strata)
    except ValueError:  # of scikit-learn: a part would be empty, or have no place for each emotion
        raise _too_small(corpus) from None


def _strata(frame: pd.DataFrame, least: int) -> pd.Series:
    """Emotion, with classes too small to be cut joined to the most frequent one."""
    counts = frame["emotion"].map(frame["emotion"].value_counts())
    return frame["emotion"].where(counts >= least, frame["emotion"].mode()[0])


def require_named(corpus: Corpus, column: str) -> None:
    """Raise CorpusError where an utterance has no value of a column: it could be in two parts at once."""
    nobody = corpus.frame.loc[corpus.frame[column].isna(), "id"]
    if len(nobody):
        raise CorpusError(
            f"{corpus.name}: {len(nobody)} utterances name no {column}, such as {nobody.iloc[0]!r}: "
            "fill them in, leave them out, or use the split 8/1/1"
        )


def session_folds(corpus: Corpus, column: str = "session", inner: bool = True, seed: int = 0) -> list[Split]:
    """Leave one session (or speaker) out, one fold each (Paper §4.3).

    Args:
        inner: True holds a tenth of the training sessions' utterances out for choosing the epoch (A7 c, honest);
            False chooses on the held-out session itself, as the paper's wording suggests (A7 a, optimistic).

    Raises:
        CorpusError: the column is not there or names nobody, or there are fewer than two sessions.
    """
    require_named(corpus, column)
    groups = sorted(corpus.frame[column].unique())
    if len(groups) < 2:
        raise CorpusError(
            f"{corpus.name} has one value of {column}: leaving it out leaves nothing to train on: name "
            "others, or use the split 8/1/1"
        )
    return [_fold(corpus, column, held_out, inner, seed) for held_out in groups]


def _fold(corpus: Corpus, column: str, held_out, inner: bool, seed: int) -> Split:
    out = corpus.frame[column] == held_out
    rest, test = corpus.frame[~out], tuple(corpus.frame.loc[out, "id"])
    name = f"leave {column} {held_out} out, " + ("inner validation" if inner else "chosen on the held-out part")
    within = (corpus.frame.groupby("speaker")[column].nunique() == 1).all()  # as an IEMOCAP speaker in a session
    unseen = (column, "speaker") if within and column != "speaker" else (column,)
    if not inner:
        return Split(name, tuple(rest["id"]), test, test, unseen=unseen, chosen_on_test=True).check(corpus)
    train, val = _cut(corpus, rest, 0.1, seed, 2)
    return Split(name, tuple(train["id"]), tuple(val["id"]), test, unseen=unseen).check(corpus)
