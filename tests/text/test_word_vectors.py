"""Segmenting and word vectors: unknown words are zeros and are counted; what is missing is said."""

import numpy as np
import pytest

from vcemo_lib.text.word_vectors import WordsError, WordVectors, jieba, segment


@pytest.fixture(scope="module")
def bundled():
    return WordVectors.load("bundled")


def test_segment_leaves_punctuation_out_and_writes_small():
    assert segment("你好！", "char") == ["你", "好"]
    assert segment("我们 明天去北京。") == ["我们", "明天", "去", "北京"]
    assert segment("OK，好的") == ["ok", "好", "的"] or segment("OK，好的") == ["ok", "好的"]
    assert segment("Nie wiem, co robić!", "spacy", "pl") == ["nie", "wiem", "co", "robić"]
    assert segment("저 식당, 정말 맛있나 봐요.", "jieba", "ko") == ["저", "식당", "정말", "맛있나", "봐요"]
    assert segment("") == segment("……！") == []


def test_unknown_segmenters_are_refused():
    with pytest.raises(WordsError, match="choose one of jieba"):
        segment("你好", "thulac")
    with pytest.raises(WordsError, match="languages with spaces"):
        segment("你好", "spacy")


def test_the_bundled_vectors_know_chinese(bundled):
    assert bundled.dim == 300
    assert len(bundled.words) == len(set(bundled.words)) > 5_000
    assert np.isfinite(bundled.table).all()
    assert (np.linalg.norm(bundled.table, axis=1) > 0).mean() > 0.99
    known = bundled.encode(["高兴", "难过"])
    assert (np.abs(known).max(1) > 0).all()
    assert not np.array_equal(*known)


def test_unknown_words_are_zero_and_an_empty_text_is_one_zero_vector(bundled):
    out = bundled.encode(["我们", "qzxv"])
    assert out.shape == (2, 300)
    assert out[0].any()
    assert not out[1].any()
    assert bundled.encode([]).shape == (1, 300)
    assert not bundled.encode([]).any()


def test_coverage_counts_running_words():
    vectors = WordVectors("three", ["甲", "乙", "丙"], np.eye(3, 300, dtype=np.float32))
    assert vectors.coverage([["甲", "甲", "丁"], ["戊", "丁", "乙"]]) == (0.5, [("丁", 2), ("戊", 1)])
    assert vectors.coverage([]) == (1.0, [])


def test_the_bundled_vectors_cover_the_corpus_that_ships(bundled, corpus):
    share, unknown = bundled.coverage(segment(text) for text in corpus.frame["text"])
    assert 0.75 < share <= 1
    assert (share == 1) == (not unknown)


def test_nearest_orders_by_cosine():
    table = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], np.float32)
    nearest = WordVectors("four", list("甲乙丙丁"), table).nearest("甲", 3)
    assert [w for w, _ in nearest] == ["乙", "丙", "丁"]
    assert nearest[0][1] == pytest.approx(0.9 / np.hypot(0.9, 0.1))
    with pytest.raises(WordsError, match="has no vector"):
        WordVectors("four", list("甲乙丙丁"), table).nearest("戊")


@pytest.mark.parametrize("header", ["", "2 3\n"])
def test_text_files_with_and_without_a_header(tmp_path, header):
    path = tmp_path / "v.txt"
    path.write_text(header + "好 1 2 3\n坏 4 5 6\n", encoding="utf-8")
    vectors = WordVectors.load(path)
    assert vectors.words == ["好", "坏"]
    assert vectors.encode(["坏"]).tolist() == [[4, 5, 6]]


def test_a_ragged_text_file_names_its_line(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("好 1 2 3\n坏 4 5\n", encoding="utf-8")
    with pytest.raises(WordsError, match="line 2: 2 numbers, expected 3"):
        WordVectors.load(path)


def test_a_missing_package_says_how_to_get_it():
    with pytest.raises(
        WordsError,
        match="'zh_core_web_nope' is not installed: run 'python -m spacy download zh_core_web_nope'.*'bundled'",
    ):
        WordVectors.load("zh_core_web_nope")


def test_a_folder_without_a_table_and_a_table_of_another_size_are_refused(tmp_path):
    (tmp_path / "vocab.txt").write_text("好\n坏\n", encoding="utf-8")
    with pytest.raises(WordsError, match="no .safetensors or .npy table"):
        WordVectors.load(tmp_path)
    np.save(tmp_path / "v.npy", np.zeros((3, 4)))
    with pytest.raises(WordsError, match="2 words and 3 vectors"):
        WordVectors.load(tmp_path)


def test_a_folder_without_its_words_is_refused(tmp_path):
    np.save(tmp_path / "v.npy", np.zeros((3, 4)))
    with pytest.raises(WordsError, match="vocab.txt"):
        WordVectors.load(tmp_path)


def test_a_list_of_words_that_another_user_keeps_is_no_traceback(monkeypatch, tmp_path, caplog):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(jieba, "_replace_file", refused)
    words = jieba.Tokenizer()
    words.tmp_dir = str(tmp_path)
    assert words.lcut("我们明天去北京") == ["我们", "明天", "去", "北京"]
    assert not caplog.records
