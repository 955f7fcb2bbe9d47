"""The store of transcripts: what a kill or a flipped bit left of a line is taken out, with a word, and the rest holds."""

import pytest

from vcemo_lib.data.transcripts import Store, read_lines


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))
    store = Store({"weights": "x"})
    store.add({"a": "你好"}, 1.0)
    store.add({"b": "再见"}, 1.0)
    return store


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 4], ids="{} bytes of the last character".format)
def test_a_store_cut_inside_a_character_is_mended_with_a_word(store, kept, caplog):
    content = store.path.read_bytes()
    store.path.write_bytes(content[: content.index("见".encode()) + kept])
    again = Store({"weights": "x"})
    assert again.answers == {"a": "你好"}
    with caplog.at_level("INFO", logger="vcemo"), again.alone():
        again.add({"b": "再见"}, 1.0)
    assert caplog.messages == ["1 kept transcripts are damaged, as after a kill: those clips are heard again"]
    assert read_lines(store.path)[1] == 0
    caplog.clear()
    with Store({"weights": "x"}).alone():
        assert Store({"weights": "x"}).answers == {"a": "你好", "b": "再见"}
    assert not caplog.messages


def test_another_character_in_a_line_is_noticed(store):
    store.path.write_bytes(store.path.read_bytes().replace("再见".encode(), "再儿".encode()))
    assert Store({"weights": "x"}).answers == {"a": "你好"}


def test_a_text_with_a_line_separator_is_one_line(store):
    store.add({"c": "一\u2028二\x85三"}, 1.0)
    assert Store({"weights": "x"}).answers["c"] == "一\u2028二\x85三"


def test_lines_from_before_the_checksum_are_read(store):
    store.path.write_text('{"audio": "d", "text": "旧", "seconds": 1.0, "process": 1}\n', encoding="utf-8")
    assert Store({"weights": "x"}).answers == {"d": "旧"}
