"""Features: nothing depends on company or padding, the cache holds, and only training utterances have copies."""

import doctest
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from vcemo_lib.config import MelConfig
from vcemo_lib.data import sound, texts
from vcemo_lib.data.array_cache import CacheError, cached
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.feature_encoders import FeatureEncoders
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.digests import settings
from vcemo_lib.letters import letters
from vcemo_lib.models.registry import SYSTEMS, build_model
from vcemo_lib.recipes import TINY
from vcemo_lib.text import alignment as word_times
from vcemo_lib.text.alignment import AlignmentError, word_spans
from vcemo_lib.text.bert import BUNDLED, SentenceEncoder
from vcemo_lib.text.word_vectors import WordVectors


@pytest.mark.parametrize("system", SYSTEMS)
def test_company_and_order_change_no_logit(store, small, corpus, system):
    torch.manual_seed(0)
    model = build_model(small.but(system=system).model)
    ids = list(corpus.ids[:12])
    model.train()(store.batch(ids, EMOTIONS))  # BatchNorm has seen data
    model.eval()
    with torch.no_grad():
        together = model(store.batch(ids, EMOTIONS)).logits
        backwards = model(store.batch(ids[::-1], EMOTIONS)).logits.flip(0)
        single = torch.cat([model(store.batch([i], EMOTIONS)).logits for i in ids])
    assert together.std(0).max() > 1e-3  # the utterances do differ
    torch.testing.assert_close(backwards, together, rtol=0, atol=1e-5)
    torch.testing.assert_close(single, together, rtol=0, atol=1e-5)


def test_a_batch_is_what_the_corpus_says(store, corpus):
    ids = list(corpus.ids[5:9])
    batch = store.batch(ids, EMOTIONS)
    rows = corpus.frame.set_index("id").loc[ids]
    assert [EMOTIONS[k] for k in batch.labels] == rows["emotion"].tolist()
    assert batch.ids == tuple(ids)
    np.testing.assert_allclose(batch.mel_mask.sum(1) / 100, rows["duration"].clip(upper=12), atol=0.03)
    assert batch.mel.shape[2] == 80
    assert batch.words.shape[2] == 300
    assert batch.bert.shape == (4, 256)
    assert not batch.mel[~batch.mel_mask].any()
    assert not batch.words[~batch.words_mask].any()
    assert (batch.spans[..., 1] >= batch.spans[..., 0]).all()
    assert batch.spans.max() <= batch.mel.shape[1] + 5


def test_the_cache_is_used_again_and_another_setting_is_not_taken_from_it(store, corpus, small, monkeypatch):
    def forbidden(*_, **__):
        raise AssertionError("computed again")

    for name in ("log_mel", "decode"):
        monkeypatch.setattr(sound, name, forbidden)
    monkeypatch.setattr(SentenceEncoder, "load", forbidden)
    monkeypatch.setattr(WordVectors, "encode", forbidden)
    monkeypatch.setattr(texts, "segment", forbidden)
    again = FeatureStore(corpus, small.features)
    np.testing.assert_array_equal(again.mel[3], store.mel[3])
    np.testing.assert_array_equal(again.bert[3], store.bert[3])
    assert again.tokens == store.tokens
    for change in (
        {"n_fft": 1024},
        {"max_seconds": 1.0},
        {"segmenter": "char"},
        {"bert_pooling": "mean"},
        {"text": "text"},
    ):
        with pytest.raises(AssertionError, match="computed again"):
            FeatureStore(corpus, small.but(**change).features)


def test_words_are_cut_again_by_another_version_of_what_cuts(store, corpus, small, monkeypatch):
    def forbidden(*_, **__):
        raise AssertionError("cut again")

    monkeypatch.setattr(texts, "segment", forbidden)
    assert FeatureStore(corpus, small.features).tokens == store.tokens
    monkeypatch.setattr(texts, "versions", lambda packages: dict.fromkeys(packages, "another"))
    with pytest.raises(AssertionError, match="cut again"):
        FeatureStore(corpus, small.features)


def test_the_kept_fingerprint_is_that_of_the_weights(small, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    other = shutil.copytree(BUNDLED, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    weights[min(weights)] += 1
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    found = {
        name: FeatureEncoders(small.but(bert=str(name)).features).sentence_fingerprint for name in ("bundled", other)
    }
    assert found == {name: SentenceEncoder.load(name).fingerprint for name in found}
    assert len(set(found.values())) == 2
    monkeypatch.setattr(SentenceEncoder, "load", None)
    assert FeatureEncoders(small.but(bert=str(other)).features).sentence_fingerprint == found[other]


def test_a_failure_or_a_kill_leaves_no_entry_and_the_next_call_makes_it(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))

    def killed():
        yield np.ones((2, 3))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached("mel", "k", killed)
    with pytest.raises(CacheError, match="not finite"):
        cached("mel", "k", lambda: [np.full((1, 3), 1e9)])  # infinite in float16
    assert not [p for p in tmp_path.rglob("*") if p.is_dir() and p.name not in ("features", "mel")]
    arrays = [np.ones((2, 3)), np.zeros((5, 3))]
    stored = cached("mel", "k", lambda: arrays)
    assert stored.lengths.tolist() == [2, 5]
    assert (stored[0] == 1).all()
    assert (stored[1] == 0).all()


def test_only_training_utterances_have_copies(store, split, small):
    store.augment(split.train)
    store.batch([split.train[0]], EMOTIONS, [1])
    for utterance in (split.val[0], split.test[0]):
        store.batch([utterance], EMOTIONS)
        with pytest.raises(CorpusError, match="only training utterances are augmented"):
            store.batch([utterance], EMOTIONS, [1])


def test_a_copy_is_the_same_in_any_subset_and_differs_from_the_recording(store, split):
    ids = list(split.train[:10])
    first = [store.augment(ids).sound.frames(i, 1).copy() for i in ids]
    fewer = FeatureStore(store.corpus.select(ids[::-2]), store.config).augment(ids[::-2])
    second = [fewer.sound.frames(i, 1).copy() for i in ids[::-2]]
    for a, b in zip(first[::-2], second, strict=True):
        np.testing.assert_array_equal(a, b)
    changed = [
        len(a) != len(store.sound.frames(i)) or not np.array_equal(a, store.sound.frames(i))
        for a, i in zip(first, ids, strict=True)
    ]
    assert sum(changed) >= 6  # 7 of 8 by chance


def test_vectors_of_the_same_file_name_are_not_taken_for_each_other(corpus, tmp_path, small, cache):
    two, word = corpus.select(corpus.ids[:2]), None
    stores = []
    for folder, value in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "vectors.txt"
        word = "好"
        path.write_text(f"{word} " + " ".join([str(value)] * 300), encoding="utf-8")
        frame = two.frame.assign(text_asr=word)
        stores.append(FeatureStore(replace(two, frame=frame), small.but(vectors=str(path)).features))
    assert stores[0].words[0].max() == 1
    assert stores[1].words[0].max() == 2


def test_a_text_column_that_is_missing_or_empty_is_refused(corpus, small, cache):
    two = corpus.select(corpus.ids[:2])
    with pytest.raises(CorpusError, match="no column 'subtitles'"):
        FeatureStore(two, small.but(text="subtitles").features)
    with pytest.raises(CorpusError, match="transcribe it first"):
        FeatureStore(replace(two, frame=two.frame.assign(text_asr=None)), small.features)


def test_an_utterance_without_words_still_has_a_row(corpus, small, cache):
    two = corpus.select(corpus.ids[:2])
    frame = two.frame.copy()
    frame.at[0, "text_asr"] = ""
    batch = FeatureStore(replace(two, frame=frame), small.features).batch(two.ids, EMOTIONS)
    assert batch.words_mask[0].sum() == 1
    assert not batch.words[0].any()
    assert torch.isfinite(batch.bert).all()


TIMES = [(0, 0.1), (0.1, 0.3), (0.3, 0.5)]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["你好", "吗"], [[0, 30], [30, 50]]),
        (["你", "好", "吗"], [[0, 10], [10, 30], [30, 50]]),
        (["你", "号", "吗"], [[0, 10], [15, 30], [30, 50]]),  # a wrong character: between its neighbours
        (["你好", "吗", "呀"], [[0, 30], [30, 50], [30, 50]]),  # one too many: held
        (["天天"], [[0, 50]]),  # nothing matches: spread over the speech
        ([], []),
    ],
)
def test_word_spans(tokens, expected):
    assert word_spans(tokens, "你好吗", TIMES).tolist() == expected


def test_word_spans_want_a_time_for_each_letter():
    assert doctest.testmod(word_times).failed == 0
    assert doctest.testmod(word_times).attempted > 0
    assert word_spans(["好"], "", []).tolist() == [[0, 0]]
    assert letters("你好，Tom 3！") == "你好Tom3"
    with pytest.raises(AlignmentError, match="2 character times for 3 characters"):
        word_spans(["你好吗"], "你好吗", TIMES[:2])


def test_a_field_that_is_none_leaves_keys_as_they_were():
    assert settings(MelConfig()) == {"n_mels": 80, "n_fft": 512, "win_length": 400, "hop_length": 160}
    assert settings(MelConfig(range_db=30.0))["range_db"] == 30.0
    assert "range_db" not in settings(TINY)["features"]["mel"]
    assert TINY.key != TINY.but(range_db=30.0).key != TINY.but(range_db=40.0).key


def test_letters_keep_every_script_and_the_case():
    assert letters("今天，OK！ 2 ４") == "今天OK2４"
    assert letters("……—— ") == ""


def test_a_speech_model_that_nobody_hears_is_not_asked_for(corpus, small, cache):
    unheard = replace(small.features, speech="no such weights")
    store = FeatureStore(corpus.select(corpus.ids[:4]), unheard, ("words", "bert"))
    assert set(store.widths) == {"word_dim", "bert_dim"}


def test_sounds_without_any_text_make_batches_for_who_listens_alone(corpus, small):
    silent = corpus.select(corpus.ids[:4])
    silent.frame[["text", "text_asr"]] = None
    store = FeatureStore(silent, small.features, ("audio",))
    batch = store.batch(silent.ids, EMOTIONS)
    assert not store.has_text
    assert batch.mel_mask.any(1).all()
    assert batch.words.shape == (4, 1, 0)
    with pytest.raises(CorpusError, match="is empty: transcribe it first, or set the recipe's text to 'text'"):
        FeatureStore(silent, small.features, ("words",)).batch(silent.ids, EMOTIONS)
    said = replace(small.features, text="text")
    with pytest.raises(CorpusError, match=r"is empty: transcribe it first, or use modalities=\('audio',\)"):
        FeatureStore(silent, said, ("words",)).batch(silent.ids, EMOTIONS)
