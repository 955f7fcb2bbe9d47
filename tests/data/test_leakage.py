"""Planted leaks of each kind: refused where the split promises otherwise, counted where it does not."""

from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.data.corpus import Corpus, CorpusError
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.leakage import refuse_fitted_outside, shared
from vcemo_lib.data.splits import Split, session_folds
from vcemo_lib.training.run import fit


@pytest.fixture(scope="module")
def dialogues(corpus):
    """Twelve utterances: four speakers in two sessions, dialogues of three."""
    frame = corpus.frame.head(12).assign(speaker=list("aabbccddabcd"), session=[1] * 4 + [2] * 4 + [1, 1, 2, 2])
    return Corpus("dialogues", frame.assign(dialogue=[f"d{k // 3}" for k in range(12)]))


@pytest.mark.parametrize("column", ["speaker", "session", "dialogue", "text"])
@pytest.mark.parametrize("promise", ["disjoint", "unseen"])
def test_a_shared_value_is_refused_where_it_was_promised_not_to_be(dialogues, column, promise):
    ids = dialogues.ids
    frame = dialogues.frame.assign(**{column: [f"own {k}" for k in range(12)]})
    clean = replace(dialogues, frame=frame)
    split = Split("planted", ids[:6], ids[6:8], ids[8:], **{promise: (column,)})
    split.check(clean)
    for here, there in ((0, 8), (6, 8)):  # train and test, val and test
        leaky = frame.copy()
        leaky.loc[there, column] = leaky.loc[here, column]
        with pytest.raises(CorpusError, match=f"leaks: 1 {column} value"):
            split.check(replace(dialogues, frame=leaky))
    leaky = frame.copy()
    leaky.loc[6, column] = leaky.loc[0, column]  # train and val: only `disjoint` promises it
    if promise == "unseen":
        split.check(replace(dialogues, frame=leaky))
    else:
        with pytest.raises(CorpusError, match="both train and val"):
            split.check(replace(dialogues, frame=leaky))


def test_a_text_is_the_same_whatever_its_punctuation_and_case(dialogues):
    frame = dialogues.frame.copy()
    frame.loc[0, "text"], frame.loc[8, "text"] = "Well, so it is!", "well so IT is"
    split = Split("text", dialogues.ids[:8], (), dialogues.ids[8:], disjoint=("text",))
    with pytest.raises(CorpusError, match="1 text value"):
        split.check(replace(dialogues, frame=frame))
    same = replace(dialogues, frame=frame)
    assert split.new_text(same) == dialogues.ids[9:]
    assert split.text_overlap(same) == 0.25
    frame.loc[[0, 8], "text"] = ""  # no text is no shared text
    split.check(replace(dialogues, frame=frame))


@pytest.mark.parametrize("copy", [8, 6])
def test_an_augmented_copy_beside_its_parent_is_always_refused(dialogues, copy):
    ids, frame = dialogues.ids, dialogues.frame.assign(parent=None)
    frame.loc[5, "parent"] = ids[0]  # a copy in the same part is none of our business
    split = Split("no promise", ids[:6], ids[6:8], ids[8:])
    split.check(replace(dialogues, frame=frame))
    frame.loc[copy, "parent"] = ids[0]
    with pytest.raises(CorpusError, match="leaks: 1 parent value"):
        split.check(replace(dialogues, frame=frame))


def test_two_copies_of_a_third_recording_are_refused_too(dialogues):
    ids, frame = dialogues.ids, dialogues.frame.assign(parent=None)
    frame.loc[[1, 9], "parent"] = "a recording that is not in the table"
    with pytest.raises(CorpusError, match="stand in both train and test"):
        Split("copies", ids[:8], (), ids[8:]).check(replace(dialogues, frame=frame))


def test_promises_that_cannot_be_kept_are_refused(dialogues):
    ids = dialogues.ids
    with pytest.raises(CorpusError, match="promises something about room"):
        Split("s", ids[:8], (), ids[8:], unseen=("room",)).check(dialogues)
    with pytest.raises(CorpusError, match="names 1 utterance.*'nobody'"):
        Split("s", (*ids[:8], "nobody"), (), ids[8:]).check(dialogues)
    with pytest.raises(CorpusError, match="its val is another set"):
        Split("s", ids[:6], ids[6:8], ids[8:], chosen_on_test=True).check(dialogues)
    with pytest.raises(CorpusError, match="stand in both val and test"):
        Split("s", ids[:6], ids[8:], ids[8:]).check(dialogues)  # on purpose, but it was not said
    with pytest.raises(CorpusError, match="one value of session"):
        session_folds(replace(dialogues, frame=dialogues.frame.assign(session=1)))


def test_training_refuses_a_voice_of_the_held_out_session(store, corpus, small):
    frame = corpus.frame.assign(session=np.arange(60) % 5, speaker=[f"s{k % 10}" for k in range(60)])
    sessions = replace(corpus, frame=frame)
    fold = session_folds(sessions)[0]
    other = FeatureStore.__new__(FeatureStore)
    other.__dict__ = {**store.__dict__, "corpus": replace(sessions, frame=frame.assign(speaker="s0"))}
    with pytest.raises(CorpusError, match="leaks: 1 speaker value"):
        fit(other, fold, small.but(epochs=1))


def test_what_was_fitted_on_more_than_training_is_refused(dialogues):
    split = Split("s", dialogues.ids[:8], (), dialogues.ids[8:])
    refuse_fitted_outside("scaler", split.train, split)
    with pytest.raises(CorpusError, match="the vocabulary was fitted on 4 utterance"):
        refuse_fitted_outside("vocabulary", dialogues.ids, split)


def test_no_feature_of_a_training_utterance_depends_on_the_test_part(corpus, store, split, small):
    """Nothing is fitted on the corpus: features of the training part alone are the same numbers."""
    alone = FeatureStore(corpus.select(split.train[:10]), small.features)
    for utterance in alone.corpus.ids:
        a, b = alone.index[utterance], store.index[utterance]
        for kind in ("mel", "words", "bert"):
            np.testing.assert_allclose(getattr(alone, kind)[a], getattr(store, kind)[b], atol=1e-3)


def test_what_is_shared_is_counted(dialogues):
    split = Split("s", dialogues.ids[:8], (), dialogues.ids[8:])
    shares = shared(dialogues, split)
    assert shares.to_dict() == {"speaker": 100.0, "session": 100.0, "dialogue": 25.0, "text": 0.0}
