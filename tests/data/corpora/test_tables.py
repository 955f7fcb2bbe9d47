"""Rows in are rows out, or the table is refused; a string is the string that stands there, in whatever encoding."""

import pytest

from vcemo_lib.data.corpora import load_corpus, manifest
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.splits import split_8_1_1

N = 40
HEAD = ["id", "audio", "emotion", "text", "speaker"]


def rows(**cells):
    """N rows; `cells`: column → row number → what stands there."""
    table = [[str(k), f"{k}.wav", ("happy", "sad")[k % 2], f"今天很好{k}", f"s{k % 4}"] for k in range(N)]
    for column, changes in cells.items():
        for row, cell in changes.items():
            table[row][HEAD.index(column)] = cell
    return table


def written(tmp_path, table, mark="\t", encoding="utf-8", tail="", head_tail=""):
    lines = [mark.join(HEAD) + head_tail, *(mark.join(row) + tail for row in table)]
    path = tmp_path / ("t.tsv" if mark == "\t" else "t.csv")
    path.write_bytes("".join(line + "\n" for line in lines).encode(encoding))
    return path


QUOTED = {  # what stands in the text of rows 3 and 9
    "two that begin with a mark": ('"他说', '"走吧'),
    "one that begins and one that ends": ('"他说', '走吧"'),
    "next to each other": ('"', '"'),
    "a quotation within": ('他说"走吧"', '"走吧"他说'),
    "an odd one": ('5" 长', '"'),
}


@pytest.mark.parametrize("kind", QUOTED)
def test_marks_in_a_tsv_join_no_rows(kind, tmp_path):
    first, second = QUOTED[kind]
    frame = manifest.load(written(tmp_path, rows(text={3: first, 9: second}))).frame
    assert len(frame) == N
    assert (frame["text"][3], frame["text"][9]) == (first, second)
    assert frame["text"][4] == "今天很好4"


@pytest.mark.parametrize("kind", QUOTED)
def test_marks_in_a_csv_join_no_rows_either(kind, tmp_path):
    first, second = QUOTED[kind]
    try:
        frame = manifest.load(written(tmp_path, rows(text={3: first, 9: second}), ",")).frame
    except CorpusError as error:
        assert "quotation mark" in str(error)
        assert "line 5" in str(error) or "line 11" in str(error)
    else:
        assert len(frame) == N
        assert frame["text"][3] == first


@pytest.mark.parametrize("mark", [",", "\t"])
def test_cells_in_quotation_marks_are_read_without_them(mark, tmp_path):
    table = rows(text={3: '"他说""走吧"""', 4: f'"一{mark}二"', 5: '"一行\n二行"', 6: '"今天"'})
    texts = manifest.load(written(tmp_path, table, mark)).frame["text"]
    assert texts[3:7].tolist() == ['他说"走吧"', f"一{mark}二", "一行\n二行", "今天"]
    assert len(texts) == N


@pytest.mark.parametrize(
    "word", ["NA", "null", "None", "nan", "N/A", "NULL", "n/a", "<NA>", "-nan", "#N/A", "true", "007"]
)
@pytest.mark.parametrize("column", ["id", "text", "speaker"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_words_that_look_like_nothing_are_words(word, column, mark, tmp_path):
    frame = manifest.load(written(tmp_path, rows(**{column: {7: word}}), mark)).frame
    assert frame[column][7] == word
    assert len(frame) == N


def test_such_words_are_words_in_json_too(tmp_path):
    lines = [
        f'{{"id": "{k}", "audio": "a.wav", "emotion": "sad", "text": "{k}"}}'
        for k in ("NA", "null", "2024-01-01", "01")
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    frame = manifest.load(tmp_path / "t.jsonl").frame
    assert frame["id"].tolist() == frame["text"].tolist() == ["NA", "null", "2024-01-01", "01"]


@pytest.mark.parametrize(("tail", "head_tail"), [(",", ""), (",", ","), (",,,", ""), ("", ",")])
def test_commas_at_the_rows_ends_move_no_column(tail, head_tail, tmp_path):
    frame = manifest.load(written(tmp_path, rows(), ",", tail=tail, head_tail=head_tail)).frame
    assert frame["id"].tolist() == [str(k) for k in range(N)]
    assert set(HEAD) <= set(frame) <= {*HEAD, "text_asr", "label"}


def test_a_row_with_a_cell_too_many_is_named(tmp_path):
    with pytest.raises(
        CorpusError, match=r"t.csv cannot be read as csv \(line 5 has 6 cells, the head 5\): put a text with ','"
    ):
        manifest.load(written(tmp_path, rows(text={3: "一,二"}), ","))


def test_a_column_twice_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("id,audio,emotion,text,text\n1,a.wav,sad,x,y\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="more than one column text: give each a name"):
        manifest.load(tmp_path / "t.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_encodings_that_are_known_by_themselves(encoding, tmp_path):
    frame = manifest.load(written(tmp_path, rows(text={3: "你怎么才来，我等了你半天"}), ",", encoding)).frame
    assert frame["text"][3] == "你怎么才来，我等了你半天"
    assert frame["id"][0] == "0"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "你怎麼現在才來，我等了半天"),
        ("shift_jis", "今日はとても天気がいいですね"),
        ("cp1252", "schön wäre das für uns, naïve Señor"),
        ("cp1251", "сегодня хорошая погода"),
        ("euc-kr", "오늘 날씨가 정말 좋네요"),
        ("utf-16-le", "今天很好"),
        ("utf-16-be", "今天很好"),
    ],
)
def test_other_encodings_are_refused_until_they_are_named(encoding, text, tmp_path):
    table = [[str(k), f"{k}.wav", "sad", text, "s"] for k in range(5)]
    path = written(tmp_path, table, "\t", encoding)
    with pytest.raises(CorpusError, match="is not text in utf-8 or gb18030|no text|lacks the column"):
        manifest.load(path)
    assert manifest.load(path, encoding=encoding).frame["text"].tolist() == [text] * 5


def test_an_encoding_nobody_knows_and_one_that_does_not_fit_are_refused(tmp_path):
    path = written(tmp_path, rows(), ",", "gb18030")
    with pytest.raises(CorpusError, match="no encoding is named 'big-six': give one that Python knows"):
        manifest.load(path, encoding="big-six")
    with pytest.raises(CorpusError, match="is not text in utf-8: save it as UTF-8, or say"):
        manifest.load(path, encoding="utf-8")
    (tmp_path / "half.csv").write_bytes(b"\xff\xfe" + "id,audio".encode("utf-16-le")[:-1])
    with pytest.raises(CorpusError, match="is not text in utf-16"):
        manifest.load(tmp_path / "half.csv")


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x85", "\x9d", "\ufffd"])
@pytest.mark.parametrize("column", ["id", "text", "speaker"])
def test_signs_that_are_no_text_are_refused(sign, column, tmp_path):
    with pytest.raises(CorpusError, match=f"t.csv: row 8 has .* in its {column}, which is no text: save the table"):
        manifest.load(written(tmp_path, rows(**{column: {7: f"a{sign}b"}}), ","))


def test_signs_that_other_programs_break_lines_at_stay(tmp_path):
    assert manifest.load(written(tmp_path, rows(text={7: "一\u2028二"}))).frame["text"][7] == "一\u2028二"


def _with_split(tmp_path, change):
    parts = ["train"] * 30 + ["val"] * 5 + ["test"] * 5
    for row, part in change.items():
        parts[row] = part
    lines = ["id,audio,emotion,text,split"]
    lines += [f"{k},{k}.wav,{('happy', 'sad')[k % 2]},好,{parts[k]}" for k in range(N)]
    (tmp_path / "s.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_corpus("manifest", tmp_path / "s.csv")


@pytest.mark.parametrize(("cell", "told"), [("", "None"), ("eval", "'eval'"), ("NA", "'NA'")])
def test_a_row_without_a_part_is_named_not_lost(cell, told, tmp_path):
    with pytest.raises(CorpusError, match=f"column split of corpus s has {told} for 10 of 40 utterances, such as '2'"):
        split_8_1_1(_with_split(tmp_path, dict.fromkeys(range(2, 12), cell)))
    split = split_8_1_1(_with_split(tmp_path, {}))
    assert len(split.train + split.val + split.test) == N
