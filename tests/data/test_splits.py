"""What each split promises, and that planted leaks are refused."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from vcemo_lib.data.corpus import Corpus, CorpusError
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.data.speaker_splits import speaker_disjoint
from vcemo_lib.data.splits import Split, session_folds, split_8_1_1
from vcemo_lib.training.run import fit

PARTS = ("train", "val", "test")


@pytest.fixture(scope="module")
def plain():
    """300 rows, ten speakers in five sessions, six emotions of unequal frequency."""
    emotion = np.repeat(EMOTIONS, [60, 20, 80, 100, 30, 10])
    speaker = np.random.default_rng(0).integers(0, 10, 300)
    return Corpus("plain", pd.DataFrame({
        "id": [f"u{i}" for i in range(300)], "audio": [b"x"] * 300, "text": [f"t{i % 150}" for i in range(300)],
        "text_asr": None, "emotion": emotion, "speaker": [f"s{s}" for s in speaker], "session": speaker // 2,
    }))  # fmt: skip


def values(corpus, ids, column):
    return corpus.frame.set_index("id").loc[list(ids), column]


def test_8_1_1_has_these_sizes_is_stratified_and_follows_its_seed(plain):
    split = split_8_1_1(plain)
    assert [len(getattr(split, part)) for part in PARTS] == [240, 30, 30]
    assert set(split.train + split.val + split.test) == set(plain.ids)
    for part, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)):
        counts = values(plain, getattr(split, part), "emotion").value_counts()
        assert all(abs(counts[e] - share * n) <= 1 for e, n in plain.counts().items())
    assert split == split_8_1_1(plain, 0) != split_8_1_1(plain, 1)


def test_a_corpus_s_own_split_is_used(corpus, split):
    for part in PARTS:
        assert set(values(corpus, getattr(split, part), "split")) == {part}
    assert sum(len(getattr(split, part)) for part in PARTS) == len(corpus)


def test_a_class_of_two_does_not_stop_the_split(plain):
    frame = plain.frame.copy()
    frame.loc[frame["emotion"] == "surprise", "emotion"] = ["surprise"] * 2 + ["sad"] * 8
    assert len(split_8_1_1(replace(plain, frame=frame)).train) == 240


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("column", ["speaker", "session"])
def test_no_speaker_stands_in_two_parts(plain, seed, column):
    split = speaker_disjoint(plain, seed, column)
    seen = [set(values(plain, getattr(split, part), column)) for part in PARTS]
    assert all(seen)
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert sum(len(getattr(split, part)) for part in PARTS) == 300
    assert len(split.train) >= 150


def test_of_two_speakers_one_is_tested_and_the_other_cut(plain):
    two = replace(plain, frame=plain.frame.assign(speaker=["s0", "s1"] * 150))
    tested = []
    for seed in range(4):
        split = speaker_disjoint(two, seed)
        (mine,), (other,), (test,) = (set(values(two, getattr(split, part), "speaker")) for part in PARTS)
        assert mine == other != test and split.promises == ("speaker",)
        tested.append(test)
    assert sorted(tested[:2]) == ["s0", "s1"]
    assert tested[:2] == tested[2:]


def test_one_speaker_cannot_be_parted(plain):
    with pytest.raises(CorpusError, match="one value of speaker"):
        speaker_disjoint(plain.select((plain.frame["speaker"] == "s0").tolist()))


@pytest.mark.parametrize("cut", [speaker_disjoint, lambda corpus: session_folds(corpus, "speaker")])
def test_an_utterance_of_nobody_cannot_be_kept_out_of_a_part(plain, cut):
    frame = plain.frame.assign(speaker=plain.frame["speaker"].where(plain.frame.index > 0, None))
    with pytest.raises(CorpusError, match=f"1 utterances name no speaker, such as '{plain.ids[0]}': fill them in"):
        cut(replace(plain, frame=frame))


@pytest.mark.parametrize("inner", [True, False])
def test_every_session_is_held_out_once(plain, inner):
    folds = session_folds(plain, inner=inner)
    assert len(folds) == 5
    assert sorted(i for f in folds for i in f.test) == sorted(plain.ids)
    for fold in folds:
        held = set(values(plain, fold.test, "session"))
        assert len(held) == 1
        assert not held & set(values(plain, fold.train, "session"))
        assert (fold.val == fold.test) is not inner
        if inner:
            assert len(fold.val) == pytest.approx(0.1 * (300 - len(fold.test)), abs=1)
            assert not held & set(values(plain, fold.val, "session"))


@pytest.mark.parametrize(
    ("parts", "disjoint", "message"),
    [
        ((("u0", "u1"), ("u1",), ("u2",)), (), "'u1', stand in both train and val"),
        ((("u0", "u1"), ("u2",), ("u0",)), (), "'u0', stand in both train and test"),
        ((("u0",), ("u2",), ("u2",)), (), "'u2', stand in both val and test"),
        ((("u0",), ("u1",), ("u150",)), ("text",), "1 text value.*'t0', stand in both train and test"),
    ],
)
def test_planted_leaks_are_refused(plain, parts, disjoint, message):
    with pytest.raises(CorpusError, match=message):
        Split("planted", *parts, disjoint=disjoint).check(plain)


@pytest.mark.parametrize("leak", ["train and test", "train and val", "one of val and test"])
def test_training_refuses_a_leak(store, split, small, leak):
    stolen = split.test[0]
    bad = {
        "train and test": replace(split, train=(*split.train, stolen)),
        "train and val": replace(split, train=(*split.train, split.val[0])),
        "one of val and test": replace(split, val=(*split.val, stolen)),
    }[leak]
    with pytest.raises(CorpusError, match="leaks"):
        fit(store, bad, small.but(epochs=1))


def test_training_refuses_a_leak_where_val_is_the_test_part(store, split, small):
    with pytest.raises(CorpusError, match="leaks"):
        fit(store, replace(split, val=split.test, train=(*split.train, split.test[0])), small.but(epochs=1))


def test_text_overlap_counts_test_sentences_heard_in_training(plain):
    assert Split("", ("u0", "u1"), (), ("u150", "u151", "u2", "u3")).text_overlap(plain) == 0.5
    assert Split("", ("u0",), (), ("u1",)).text_overlap(plain) == 0.0
    assert Split("", ("u0",), (), ()).text_overlap(plain) == 0.0


def test_a_split_stays_as_it_was_checked(plain):
    split = Split("", ("u0",), ("u1",), ("u2",)).check(plain)
    with pytest.raises(FrozenInstanceError):
        split.test = split.train


def _few(*emotions, **columns):
    n = len(emotions)
    return Corpus(
        "few",
        pd.DataFrame(
            {
                "id": [f"u{i}" for i in range(n)],
                "audio": [b"x"] * n,
                "text": "t",
                "text_asr": None,
                "emotion": emotions,
                "speaker": "s",
                "session": [i % 2 for i in range(n)],
            }
            | columns
        ),
    )


@pytest.mark.parametrize(
    "emotions", [["sad"], ["sad", "happy", "angry"], ["sad"] * 2 + ["happy"] * 2, list(EMOTIONS) * 4]
)
def test_too_few_utterances_for_three_parts_are_named(emotions):
    with pytest.raises(
        CorpusError,
        match=f"corpus few is too small to be split: {len(emotions)} utterances.*'sad': .*add some.*column split",
    ):
        split_8_1_1(_few(*emotions))
    with pytest.raises(CorpusError, match="corpus few is too small"):
        session_folds(_few("sad", "happy"))


def test_a_small_corpus_is_split_and_a_class_of_two_joins_the_others():
    split = split_8_1_1(_few(*["sad"] * 20, *["happy"] * 10, "angry", "fear"))
    assert len(split.train) == 25
    assert len(split.train + split.val + split.test) == 32
    assert split_8_1_1(_few("sad", "sad", "sad", split=["test", "train", "val"])).train == ("u1",)


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        (["train", "dev", "test"], "'dev' for 1 of 3 utterances, such as 'u1': write train, val or test"),
        (["train", "train", "test"], "'test', 'train': write train, val and test"),
        ([None, None, None], "nothing: write train, val and test"),
    ],
)
def test_a_split_column_of_other_parts_is_refused(parts, named):
    with pytest.raises(CorpusError, match=f"column split of corpus few has {named}"):
        split_8_1_1(_few("sad", "sad", "sad", split=parts))
