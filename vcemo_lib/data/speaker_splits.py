"""Splits in which no speaker stands in two parts, and each part has its share of every class (Paper §4.3, A6, A7)."""

import warnings
from collections.abc import Sequence

import numpy as np

from .corpus import Corpus, counted
from .own_classes import twins_of
from .splits import Split, require_named, session_folds

FEW = 30  # utterances: fewer in a part choose or measure by luck


def speaker_disjoint(corpus: Corpus, seed: int = 0, column: str = "speaker") -> Split:
    """About 8/1/1 of the utterances, and no speaker (or session, or dialogue) in two parts.

    The speakers are dealt at random. Where that leaves a part that is not near a tenth, or lacks a class, they are
    dealt into ten groups, or as many as there are speakers, of like size and like shares of the classes
    (scikit-learn's StratifiedGroupKFold); one is the test part, one the validation part. Of two speakers one is the
    test part, and the epoch is chosen on a tenth of the other.

    Raises:
        CorpusError: one speaker, or utterances of which it is not known who speaks.
    """
    require_named(corpus, column)
    if corpus.frame[column].nunique() < 3:
        return session_folds(corpus, column, seed=seed)[seed % 2]
    if fair := _at_random(corpus, seed, column):
        return fair
    test, val, *train = _dealt(corpus, seed, column, 10)
    return _split(corpus, f"{column}-disjoint, seed {seed}", train, val, test, column)


def _at_random(corpus: Corpus, seed: int, column: str) -> Split | None:
    """A random deal, or None where its validation or test part is not 7 to 13 % of the utterances or leaves a doubt."""
    speakers = corpus.frame[column]
    order = np.random.default_rng(seed).permutation(np.array(sorted(speakers.unique())))
    sizes = speakers.value_counts().reindex(order).to_numpy()
    share = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    dealt = np.digitize(share, (0.8, 0.9))
    dealt[-2:] = 1, 2  # never an empty part
    part = speakers.map(dict(zip(order, dealt, strict=True))).to_numpy()
    train, val, test = (np.flatnonzero(part == which) for which in range(3))
    if not all(0.07 <= len(rows) / len(speakers) <= 0.13 for rows in (val, test)):
        return None
    split = _split(corpus, f"{column}-disjoint, seed {seed}", [train], val, test, column)
    return None if doubts(split, corpus) else split


def grouped_folds(corpus: Corpus, seed: int = 0, column: str = "speaker", k: int = 5) -> list[Split]:
    """`k` splits that test each utterance once, no speaker in two parts: for corpora too small for one test part.

    The epoch is chosen on the group after the tested one. Of fewer speakers than `k` each is tested alone and all
    others are learnt from, since each is missed; the epoch is chosen on a tenth of theirs. With the column "id" each
    utterance is a group of its own, where nobody knows which belong together.
    """
    require_named(corpus, column)
    if corpus.frame[column].nunique() < k:
        return session_folds(corpus, column, seed=seed)
    groups = _dealt(corpus, seed, column, k)
    folds = []
    for n, test in enumerate(groups):
        val, *train = groups[n + 1 :] + groups[:n]
        name = f"{disjoint(column)} fold {n + 1} of {len(groups)}, seed {seed}"
        folds.append(_split(corpus, name, train, val, test, column))
    return folds


def disjoint(column: str) -> str:
    """What folds of a column are called."""
    return f"{'utterance' if column == 'id' else column}-disjoint"


def heard_in_training(split: Split, corpus: Corpus) -> bool:
    """Whether most test utterances are of people who speak in the training part too, whatever the split promises."""
    speaker = corpus.frame.set_index("id")["speaker"]
    return bool(speaker[list(split.test)].isin(speaker[list(split.train)].dropna()).mean() > 0.5)


def only_strangers_tested(split: Split, corpus: Corpus) -> bool:
    """Whether each test utterance is of a named person who speaks nowhere in training, whatever the split promises."""
    speaker = corpus.frame.set_index("id")["speaker"]
    tested = speaker[list(split.test)]
    return len(tested) > 0 and bool(tested.notna().all() and not tested.isin(speaker[list(split.train)]).any())


def doubtful_names(corpus: Corpus) -> list[str]:
    """A sentence where some utterances of a corpus name no speaker, and where one name seems to have two forms."""
    names, said = corpus.frame["speaker"], []
    if corpus.speakers > 1 and (nobody := corpus.frame.loc[names.isna(), "id"].tolist()):
        said.append(
            f"{counted(len(nobody), 'utterance')} of {len(names)} name no speaker, such as {nobody[0]!r}, so the same "
            "person may stand in two parts: fill them in, or leave them out"
        )
    if twins := twins_of(sorted(names.dropna().unique())):
        second, first = next(iter(twins.items()))
        said.append(
            f"{counted(len(twins), 'speaker')} may be another one written otherwise, such as {first!r} and {second!r}: "
            "write one person's name in one way"
        )
    return said


def doubts(split: Split, corpus: Corpus) -> list[str]:
    """A sentence for each part of a split that is too small, or lacks a class that the corpus has."""
    emotion = corpus.frame.set_index("id")["emotion"]
    said = []
    if unlearnt := sorted(set(emotion) - set(emotion.loc[list(split.train)])):
        said.append(f"the training part has no utterance of {', '.join(unlearnt)}: no model can learn it")
    for name, part in (("validation", split.val), ("test", split.test)):
        if len(part) < FEW:
            said.append(f"the {name} part has {counted(len(part), 'utterance')}: fewer than {FEW} tell little")
        if lacking := sorted(set(emotion) - set(emotion.loc[list(part)])):
            said.append(f"the {name} part has no utterance of {', '.join(lacking)}")
    return said


def _dealt(corpus: Corpus, seed: int, column: str, k: int) -> list[np.ndarray]:
    """Row numbers of up to `k` groups of speakers, alike in size and in the classes' shares."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    speakers, emotion = corpus.frame[column].to_numpy(), corpus.frame["emotion"].to_numpy()
    k = min(k, len(set(speakers)))
    enough = corpus.frame["emotion"].value_counts().max() >= k  # else no class can be shared out
    cut = (StratifiedGroupKFold if enough else GroupKFold)(k, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # of a class with fewer members than groups: `doubts` says it in our words
        warnings.simplefilter("ignore", UserWarning)
        groups = [rows for _, rows in cut.split(emotion, emotion, speakers)]
    # the largest speaker is not always in the first
    return [groups[n] for n in np.random.default_rng(seed).permutation(k)]


def _split(
    corpus: Corpus, name: str, train: Sequence[np.ndarray], val: np.ndarray, test: np.ndarray, column: str
) -> Split:
    ids = np.array(corpus.ids, dtype=object)
    parts = (np.sort(np.concatenate(train)), np.sort(val), np.sort(test))
    return Split(name, *(tuple(ids[rows]) for rows in parts), disjoint=(column,)).check(corpus)
