"""IEMOCAP's layout: every odd line of the release, the counts it must have, and word times that reach CME."""

import json
import shutil

import numpy as np
import pytest
import torch

from vcemo_lib.data.corpora import iemocap, iemocap_layout
from vcemo_lib.data.corpora.card import label_table
from vcemo_lib.data.corpora.iemocap import CODES, load
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.labels import FOUR
from vcemo_lib.data.splits import session_folds
from vcemo_lib.models.registry import build_model
from vcemo_lib.text.alignment import has_times, timed_letters, word_spans


@pytest.fixture(scope="module")
def root(corpus, tmp_path_factory):
    return iemocap_layout.write(corpus, tmp_path_factory.mktemp("iemocap") / "release")


@pytest.fixture(scope="module")
def stand_in(root):
    return load(root)


def test_everything_that_was_written_is_read_back(corpus, stand_in):
    ours = stand_in.frame.sort_values("text")
    theirs = corpus.frame[corpus.frame["text"].isin(ours["text"])].sort_values("text")
    assert len(stand_in) + sum(stand_in.dropped.values()) == len(corpus)
    assert stand_in.dropped == {"xxx": 2, "fru": 2}
    assert ours["text"].tolist() == theirs["text"].tolist()
    assert ours["emotion"].tolist() == theirs["emotion"].tolist()
    assert ours["gender"].tolist() == theirs["gender"].tolist()
    for ours_id, theirs_id in list(zip(ours["id"], theirs["id"], strict=True))[::12]:
        np.testing.assert_allclose(stand_in.wave(ours_id), corpus.wave(theirs_id), atol=1 / 2**14)
    assert set(ours["code"]) <= set(CODES)
    assert ours.loc[ours["emotion"] == "happy", "code"].nunique() == 2
    assert ours["text_asr"].isna().all()
    assert ours["valence"].eq(2.5).all()
    assert not ours["style"].eq("scripted").all()


def test_a_stand_in_says_so_and_is_never_taken_for_the_release(root, stand_in):
    assert stand_in.name == "iemocap_stand_in"
    assert stand_in.simulated
    assert stand_in.language == "zh"
    with pytest.raises(CorpusError, match="not the whole release of IEMOCAP.*ang turns: .* instead of 1103"):
        load(root, strict=True)


def test_a_voice_is_in_one_session_and_the_speaker_is_the_turns_letter(corpus, stand_in):
    frame = stand_in.frame.merge(corpus.frame[["text", "speaker"]], on="text", suffixes=("", "_voice"))
    assert (frame.groupby("speaker_voice")["session"].nunique() == 1).all()
    assert stand_in.frame["speaker"].nunique() == 10
    for row in stand_in.frame.itertuples():
        assert row.speaker == f"Ses0{row.session}{row.id[-4]}"
        assert row.id.startswith(row.dialogue + "_")
        assert row.gender == {"F": "female", "M": "male"}[row.speaker[-1]]
    other = stand_in.frame["dialogue"].str[5] != stand_in.frame["speaker"].str[-1]
    assert other.any()
    assert not other.all()  # the dialogue's letter is another thing


def test_excited_is_happy_or_left_out(root, stand_in):
    apart = load(root, merge_excited=False)
    n = (stand_in.frame["code"] == "exc").sum()
    assert len(apart) == len(stand_in) - n
    assert apart.dropped["exc"] == n > 0
    assert set(apart.frame["code"]) >= {"hap"}


def test_the_label_table_shows_codes_and_reasons(root, stand_in):
    table = label_table(iemocap.CARD, stand_in).set_index("label")
    assert table["read as"].to_dict() == {
        "ang": "angry",
        "exc": "happy",
        "fea": "fear",
        "hap": "happy",
        "neu": "neutral",
        "sad": "sad",
        "sur": "surprise",
        "fru": "left out: frustrated",
        "xxx": "left out: the annotators did not agree",
    }
    assert table["utterances"].sum() == len(stand_in) + 4
    assert (table["utterances"] > 0).all()
    apart = label_table(iemocap.CARD, load(root, merge_excited=False)).set_index("label")
    assert apart["read as"]["exc"] == "left out: as you asked"


def test_a_turn_of_another_session_is_refused(root, tmp_path):
    copy = shutil.copytree(root, tmp_path / "mixed")
    shutil.rmtree(copy / "Session1")
    (copy / "Session2").rename(copy / "Session1")
    with pytest.raises(CorpusError, match="is no turn of session 1"):
        load(copy)


def test_timed_english_words_reach_the_tokens_that_a_model_reads(stand_in):
    frame = stand_in.frame.head(2).assign(
        words=[["excuse", "me", "don't"], []], word_times=[[[0.22, 0.48], [0.48, 0.72], [1.11, 1.41]], []]
    )
    assert has_times(frame)
    assert not has_times(frame.drop(columns="words"))
    (heard, times), (nothing, none) = timed_letters(frame)
    assert heard == "excusemedont"
    assert times.shape == (12, 2)
    assert nothing == ""
    assert none.shape == (0, 2)
    spans = word_spans(["Excuse", "me", "do", "n't", "!"], heard, times)
    assert spans[:2].tolist() == [[22, 48], [48, 72]]
    assert spans[2, 0] == 111
    assert 111 < spans[2, 1] < 141 == spans[3, 1]
    assert word_spans(["hello"], nothing, none).tolist() == [[0, 0]]


def test_word_times_of_the_layout_are_those_of_the_corpus(corpus, stand_in):
    row = stand_in.frame.iloc[0]
    theirs = corpus.frame[corpus.frame["text"] == row["text"]].iloc[0]
    np.testing.assert_allclose(np.array(row["word_times"]), np.stack(theirs["char_times"]), atol=0.011)


def test_cme_hears_the_words_through_these_times(stand_in, small, cache):
    few = stand_in.for_task(4).select(stand_in.for_task(4).ids[:4])
    store = FeatureStore(few, small.but(text="text").features)
    batch = store.batch(few.ids, FOUR)
    assert store.has_times
    assert (batch.spans[..., 1] > batch.spans[..., 0])[batch.words_mask].all()
    model = build_model(small.but(system="cme", n_classes=4).model).eval()
    louder = store.batch(few.ids, FOUR)
    louder.mel = louder.mel * 2
    assert not torch.allclose(model(batch).logits, model(louder).logits)


@pytest.mark.parametrize("inner", [True, False])
def test_a_fold_leaves_a_session_and_its_two_speakers_out(stand_in, inner):
    folds = session_folds(stand_in, inner=inner)
    assert len(folds) == 5
    assert all(fold.promises == ("session", "speaker") for fold in folds)
    assert sorted(i for fold in folds for i in fold.test) == sorted(stand_in.ids)


# ---- the counts of the release, on files that hold nothing but what is counted


def test_folders_that_are_no_release_and_no_new_place_are_refused(root, corpus, tmp_path):
    with pytest.raises(CorpusError, match="no Session1 … Session5"):
        load(tmp_path)
    with pytest.raises(CorpusError, match="is not empty"):
        iemocap_layout.write(corpus, root)
    with pytest.raises(CorpusError, match="no column char_times"):
        iemocap_layout.write(type(corpus)("bare", corpus.frame.drop(columns="char_times")), tmp_path / "new")
    assert json.loads((root / iemocap.STAND_IN).read_text())["name"] == "iemocap_stand_in"
