"""How speakers are dealt, held against the rule written down anew; and where the sentences about a part begin."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.speaker_splits import doubts, grouped_folds, speaker_disjoint
from vcemo_lib.data.splits import Split

CLASSES = ("angry", "happy", "neutral", "sad")


@pytest.fixture
def made(corpus):
    """A corpus of speakers with so many utterances each, the classes in turn."""

    def of(sizes: dict[str, int], classes=CLASSES):
        speaker = [name for name, n in sizes.items() for _ in range(n)]
        emotion = [classes[k % len(classes)] for n in sizes.values() for k in range(n)]
        ids = [f"u{k:04}" for k in range(len(speaker))]
        frame = pd.DataFrame(
            {"id": ids, "speaker": speaker, "emotion": emotion, "audio": b"", "text": "", "text_asr": ""}
        )
        return replace(corpus, name="made", frame=frame)

    return of


def parts_by_hand(sizes: dict[str, int], seed: int) -> list[set[str]]:
    """Speakers in a random order; where the middle of one's utterances lies below 0.8 of all is train, below 0.9 val."""
    passed, total, parts = 0, sum(sizes.values()), [set(), set(), set()]
    order = list(np.random.default_rng(seed).permutation(np.array(sorted(sizes))))
    for place, name in enumerate(order):
        middle = (passed + sizes[name] / 2) / total
        which = {len(order) - 2: 1, len(order) - 1: 2}.get(place, 0 if middle < 0.8 else 1 if middle < 0.9 else 2)
        parts[which].add(str(name))
        passed += sizes[name]
    return parts


@pytest.mark.parametrize(
    "sizes",
    [
        {f"s{k:02}": 40 for k in range(10)},
        {f"s{k:02}": 10 + 3 * (k % 7) for k in range(40)},
        {"a": 800, "b": 100, "c": 100},
    ],
    ids=["ten alike", "forty", "one and two"],
)
def test_a_random_deal_near_a_tenth_is_taken_as_it_is(made, sizes):
    corpus, taken = made(sizes), 0
    speaker = corpus.frame.set_index("id")["speaker"]
    for seed in range(12):
        expected = parts_by_hand(sizes, seed)
        shares = [sum(sizes[name] for name in part) / sum(sizes.values()) for part in expected]
        if not all(0.07 <= share <= 0.13 for share in shares[1:]):
            continue
        split = speaker_disjoint(corpus, seed)
        assert [set(speaker.loc[list(p)]) for p in (split.train, split.val, split.test)] == expected
        taken += 1
    assert taken >= 3


def test_three_speakers_have_a_part_each_and_one_is_refused(made):
    split = speaker_disjoint(made({"a": 40, "b": 40, "c": 40}))
    assert [len(split.train), len(split.val), len(split.test)] == [40, 40, 40]
    assert len(grouped_folds(made({"a": 40, "b": 40, "c": 40}))) == 3
    for cut in (speaker_disjoint, grouped_folds):
        with pytest.raises(CorpusError, match="one value of speaker"):
            cut(made({"a": 40}))


def test_without_more_words_there_are_five_folds_of_seed_0(made):
    corpus = made({f"s{k:02}": 12 for k in range(20)})
    assert grouped_folds(corpus) == grouped_folds(corpus, seed=0, k=5) != grouped_folds(corpus, seed=1, k=5)
    assert speaker_disjoint(corpus) == speaker_disjoint(corpus, 0)
    assert len(grouped_folds(corpus)) == 5


def test_each_fold_chooses_on_the_group_after_the_tested_one(made):
    folds = grouped_folds(made({f"s{k:02}": 12 for k in range(20)}))
    for fold, following in zip(folds, [*folds[1:], folds[0]], strict=True):
        assert fold.val == following.test
        assert f"fold {folds.index(fold) + 1} of 5, seed 0" in fold.name


def test_thirty_utterances_are_enough_and_twenty_nine_are_few(made):
    corpus = made({"a": 200})
    for n, said in ((30, False), (29, True)):
        split = Split("x", corpus.ids[:100], corpus.ids[100 : 100 + n], corpus.ids[150 : 150 + n])
        told = doubts(split, corpus)
        assert (
            any(line == f"the validation part has {n} utterances: fewer than 30 tell little" for line in told) is said
        )
        assert any(line == f"the test part has {n} utterances: fewer than 30 tell little" for line in told) is said


@pytest.mark.parametrize("seed", range(8))
def test_a_class_with_as_many_members_as_there_are_groups_is_in_each(made, seed):
    """Three groups of six speakers; three of these are happy, three sad: each group has one of both."""
    corpus = made(dict.fromkeys("abcdef", 1))
    corpus = replace(corpus, frame=corpus.frame.assign(emotion=["happy"] * 3 + ["sad"] * 3))
    emotion = corpus.frame.set_index("id")["emotion"]
    for fold in grouped_folds(corpus, seed, k=3):
        assert sorted(emotion.loc[list(fold.test)]) == ["happy", "sad"]
