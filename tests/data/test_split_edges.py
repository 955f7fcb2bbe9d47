"""Where 8/1/1 begins and ends: rare classes, the smallest corpora, and what the seed is without a word."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.splits import require_8_1_1, session_folds, split_8_1_1


@pytest.fixture
def made(corpus):
    """A corpus of so many utterances of each class, in two sessions."""

    def of(**counts: int):
        emotion = [name for name, n in counts.items() for _ in range(n)]
        ids = [f"u{k:03}" for k in range(len(emotion))]
        told = {"speaker": "s", "audio": b"", "text": "", "text_asr": "", "session": [k % 2 for k in range(len(ids))]}
        return replace(corpus, name="made", frame=pd.DataFrame({"id": ids, "emotion": emotion, **told}))

    return of


@pytest.mark.parametrize(("rare", "joined"), [(4, False), (3, True)])
@pytest.mark.parametrize("seed", range(4))
def test_a_class_of_four_is_cut_by_itself_and_one_of_three_with_the_commonest(made, rare, joined, seed):
    corpus = made(happy=60, sad=rare)
    emotion = np.array(["happy"] * 60 + ["happy" if joined else "sad"] * rare)
    train, rest = train_test_split(np.array(corpus.ids), test_size=0.2, random_state=seed, stratify=emotion)
    split = split_8_1_1(corpus, seed)
    assert split.train == tuple(train)
    assert sorted(split.val + split.test) == sorted(rest)


def test_ten_utterances_are_enough_and_five_are_not(made):
    split = split_8_1_1(made(happy=5, sad=5))
    assert [len(split.train), len(split.val), len(split.test)] == [8, 1, 1]
    require_8_1_1(made(happy=5, sad=5))
    for refused in (split_8_1_1, require_8_1_1):
        with pytest.raises(CorpusError, match="made is too small to be split: 5 utterances"):
            refused(made(happy=3, sad=2))


def test_each_class_of_four_wants_a_place_in_the_fifth_that_is_cut_off(made):
    with pytest.raises(CorpusError, match="made is too small to be split: 20 utterances"):
        require_8_1_1(made(angry=4, fear=4, happy=4, neutral=4, sad=4))
    require_8_1_1(made(angry=3, fear=3, happy=4, neutral=4, sad=6))  # four strata, a fifth of four


@pytest.mark.parametrize("seed", range(6))
def test_of_a_class_of_two_one_is_tested_and_one_chooses_the_epoch(made, seed):
    corpus = made(happy=60, sad=10)
    emotion, split = corpus.frame.set_index("id")["emotion"], split_8_1_1(corpus, seed)
    assert [(emotion[list(part)] == "sad").sum() for part in (split.train, split.val, split.test)] == [8, 1, 1]


@pytest.mark.parametrize("seed", range(6))
def test_a_class_of_two_beside_a_session_is_cut_by_itself(made, seed):
    corpus = made(happy=60, sad=4)  # two of them in each session
    for session, split in enumerate(session_folds(corpus, seed=seed)):
        rest = corpus.frame[corpus.frame["session"] != session]
        _, val = train_test_split(rest, test_size=4, random_state=seed, stratify=rest["emotion"])
        assert split.val == tuple(val["id"])


def test_the_seed_without_a_word_is_0(made):
    corpus = made(happy=60, sad=60)
    assert split_8_1_1(corpus) == split_8_1_1(corpus, 0) != split_8_1_1(corpus, 1)
    assert session_folds(corpus) == session_folds(corpus, seed=0) != session_folds(corpus, seed=1)
    assert session_folds(corpus)[0].name == "leave session 0 out, inner validation"


def test_what_a_fold_promises_goes_by_who_speaks_in_more_than_one_session(made):
    corpus = made(happy=60, sad=60)
    apart = replace(corpus, frame=corpus.frame.assign(speaker=[f"s{k % 4}" for k in range(120)]))  # s0, s2 in session 0
    across = replace(corpus, frame=corpus.frame.assign(speaker=[f"s{k % 3}" for k in range(120)]))
    for inner in (True, False):
        assert {fold.unseen for fold in session_folds(apart, "session", inner)} == {("session", "speaker")}
        assert {fold.unseen for fold in session_folds(across, "session", inner)} == {("session",)}
        assert {fold.unseen for fold in session_folds(apart, "speaker", inner)} == {("speaker",)}


def test_an_inner_validation_part_has_a_place_for_each_class(made):
    corpus = made(angry=15, happy=15, neutral=15, sad=15)  # a tenth of the other session are three of four classes
    for split in session_folds(corpus):
        emotion = corpus.frame.set_index("id")["emotion"]
        assert sorted(emotion[list(split.val)]) == ["angry", "happy", "neutral", "sad"]
        assert len(split.train) == 26
