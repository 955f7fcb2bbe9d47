"""A corpus of one's own without ceremony: ids, sound or text left out, a folder for each class; cells as they stand."""

import json
import os

import layouts
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from own_tables import read
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import manifest
from vcemo_lib.data.corpus import CorpusError


def test_ids_are_the_names_of_the_files_or_numbers(tmp_path):
    assert read(tmp_path, "audio,emotion,text\na.wav,happy,好\nb.wav,sad,坏\n").ids == ("a.wav", "b.wav")
    assert read(tmp_path, "audio,emotion,text\na.wav,happy,好\na.wav,sad,坏\n").ids == ("1", "2")
    assert read(tmp_path, "emotion,text\nhappy,好\nsad,坏\n").ids == ("1", "2")


def test_sound_or_text_may_be_missing_and_not_both(tmp_path):
    text = read(tmp_path, "emotion,text\nhappy,好\nsad,坏\n")
    assert not text.has_audio
    sound = read(tmp_path, "emotion,audio\nhappy,a.wav\nsad,b.wav\n")
    assert sound.has_audio and sound.frame["text"].isna().all()
    with pytest.raises(CorpusError, match="lacks the column.s. audio, text or text_asr"):
        read(tmp_path, "id,emotion\n1,happy\n")
    for content, said in (("emotion,text\nhappy,好\n", "text only"), ("emotion,audio\nhappy,a.wav\n", "no text: ")):
        (tmp_path / "mine.csv").write_text(content, encoding="utf-8")
        done = CliRunner().invoke(app, ["corpus", "add", "manifest", str(tmp_path / "mine.csv"), "--strict=false"])
        assert said in done.output, done.output


def test_folders_of_classes_are_a_corpus(tmp_path):
    for name in ("train/angry/a.wav", "train/高兴/b.wav", "dev/angry/c.wav", "test/sad/d.wav", ".git/x/e.wav"):
        layouts.tone(tmp_path / "set" / name)
    os.mkfifo(tmp_path / "set" / "train" / "angry" / "pipe.wav")
    corpus = manifest.load(tmp_path / "set")
    assert dict(zip(corpus.ids, corpus.frame["emotion"], strict=True)) == {
        "dev/angry/c": "angry", "test/sad/d": "sad", "train/angry/a": "angry", "train/高兴/b": "happy",
    }  # fmt: skip
    assert corpus.frame.set_index("id")["split"].to_dict() == {
        "dev/angry/c": "val", "test/sad/d": "test", "train/angry/a": "train", "train/高兴/b": "train",
    }  # fmt: skip
    assert corpus.wave("test/sad/d").shape == (3200,)
    layouts.tone(tmp_path / "set" / "loose.wav")
    with pytest.raises(
        CorpusError, match="0 tables .* or put each sound into a folder of its class: 1 of 5, such as loose.wav"
    ):
        manifest.load(tmp_path / "set")


def test_a_folder_of_classes_loses_no_recording(tmp_path, caplog):
    """What a telephone, a camera and an old recorder write, a class that is a link, and what is no sound by its name."""
    for name in ("angry/a.amr", "angry/b.3gp", "sad/c.MOV", "sad/d.caf", "sad/e.silk", "sad/Thumbs.db"):
        layouts.tone(tmp_path / "set" / "x.wav")
        (tmp_path / "set" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "set" / "x.wav").rename(tmp_path / "set" / name)
    layouts.tone(tmp_path / "elsewhere" / "f.wav")
    (tmp_path / "set" / "fear").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "sad" / "back").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "anger").symlink_to("angry")  # the same folder by another name
    assert manifest.load(tmp_path / "set").ids == ("angry/a", "angry/b", "fear/f", "sad/c", "sad/d")
    assert "2 files are no sounds by their names and are left out: 1 of .db, 1 of .silk" in caplog.text
    (tmp_path / "set" / "sad" / "gone.wav").symlink_to("gone.wav")
    with pytest.raises(CorpusError, match="1 of 6 audio files are not there, the first in the row of id 'sad/gone'"):
        manifest.load(tmp_path / "set", strict=True)


def test_names_that_are_no_unicode_are_read(tmp_path):
    layouts.tone(tmp_path / "a.wav")
    for folder in (b"angry", b"sad"):
        place = os.fsencode(tmp_path) + b"/set/" + folder
        os.makedirs(place)
        os.rename(os.fsencode(tmp_path / "a.wav"), place + b"/\xff.wav")
        layouts.tone(tmp_path / "a.wav")
    corpus = manifest.load(tmp_path / "set")
    assert corpus.ids == ("angry/\\udcff", "sad/\\udcff")
    assert corpus.wave(corpus.ids[0]).shape == (3200,)


def test_json_lines_are_read_as_they_stand(tmp_path):
    rows = [
        {"id": 12345678901234567890 + k, "audio": f"{k}.wav", "emotion": "sad", "text": t}
        for k, t in enumerate((5, "NA"))
    ]
    corpus = read(tmp_path, "\n".join(map(json.dumps, rows)), ".jsonl")
    assert corpus.ids == ("12345678901234567890", "12345678901234567891")
    assert corpus.frame["text"].tolist() == ["5", "NA"]
    for content, said in (
        ("[1]", "line 1 is no object"),
        ('{"a": 1}\n{', "line 2: "),
        ("[" * 100_000, "line 1: "),
        ('{"text": ["x"], "emotion": "sad"}', "row 1 has .* for text: give a text"),
        ('{"text": "\\ud800", "emotion": "sad"}', "which is no text"),
        ('{"text": "x", "emotion": "sad", "words": "a", "word_times": "b"}', "times are lists"),
    ):
        with pytest.raises(CorpusError, match=said):
            read(tmp_path, content, ".jsonl")


def test_a_parquet_is_judged_by_its_rows_before_it_is_read(tmp_path):
    path = tmp_path / "p.parquet"
    many = pa.array(np.zeros(20_000_000, np.int8))
    pyarrow.parquet.write_table(pa.table({"text": many, "emotion": many}), path)
    assert path.stat().st_size < 200_000
    with pytest.raises(CorpusError, match="20,000,000 rows"):
        manifest.load(path)
    frame = pd.DataFrame({"text": ["x\0", "y"], "emotion": ["sad", "happy"], "speaker": [1.0, None]})
    frame.to_parquet(path)
    with pytest.raises(CorpusError, match="row 1 has .* in its text, which is no text"):
        manifest.load(path)
    frame.assign(text=["x", "y"]).to_parquet(path)
    assert manifest.load(path).frame["speaker"].fillna("").tolist() == ["1", ""]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"text,emotion\n{'好' * 200_000},happy\n", "a cell of more than 131,072 characters"),
        (f"audio,emotion\n{'a' * 300}.wav,happy\n", "1 of 1 audio files are not there"),
    ],
)
def test_what_is_too_long_is_said(tmp_path, content, said):
    with pytest.raises(CorpusError, match=said):
        read(tmp_path, content, strict=True)


@pytest.mark.parametrize(
    "name", ["a\nb.csv", "a\0b.csv", "a" * 5000, os.fsdecode(b"\xff.csv"), "/dev/zero", "/proc/self/mem"]
)
def test_a_path_that_no_corpus_has_is_one_sentence(name, capsys):
    from vcemo_lib.data.corpora import load_corpus

    with pytest.raises(CorpusError) as refused:
        load_corpus("manifest", name)
    assert len(str(refused.value).splitlines()) == 1


def test_one_speaker_and_one_part_in_several_forms_are_one(tmp_path):
    said = ["Zoé,Train ", "Zoe\u0301,dev", " Zoé,Validation", "Zoé\u3000,TEST"]
    frame = read(tmp_path, "speaker,split,emotion,text\n" + "".join(f"{one},happy,好\n" for one in said)).frame
    assert set(frame["speaker"]) == {"Zoé"}
    assert list(frame["split"]) == ["train", "val", "val", "test"]


@pytest.mark.parametrize("sign", ["\ufeff", "\u200b", "\u202a"])
def test_signs_that_nobody_sees_make_no_other_column_speaker_or_label(tmp_path, sign):
    """As two tables with a mark at their beginning leave them, joined by `cat`, and names copied from a window."""
    content = f"speaker,emotion,text{sign}\nLi,happy,好\n{sign}Li,{sign}happy,坏\nWang,sad{sign},不\n"
    corpus = read(tmp_path, content)
    assert list(corpus.frame["speaker"]) == ["Li", "Li", "Wang"] and list(corpus.frame["text"]) == ["好", "坏", "不"]
    assert read(tmp_path, content, classes="own").labels == ("happy", "sad")


@pytest.mark.parametrize("strict", [True, False])
def test_a_parquet_without_rows_is_said_to_have_none(strict, tmp_path):
    for names in (["audio", "emotion"], ["text", "emotion"], ["id", "audio", "emotion"]):
        pd.DataFrame({name: pd.Series([], dtype=str) for name in names}).to_parquet(tmp_path / "t.parquet")
        with pytest.raises(CorpusError, match="t.parquet: the manifest has no rows; give at least one utterance"):
            manifest.load(tmp_path / "t.parquet", strict=strict)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_number_names_a_class_as_it_is_written_whatever_its_bits(kind, tmp_path):
    frame = pd.DataFrame({"emotion": np.array([0.1, 0.25, 3], kind), "text": ["a", "b", "c"]})
    frame.to_parquet(tmp_path / "t.parquet")
    assert manifest.load(tmp_path / "t.parquet", classes="own").labels == ("0.1", "0.25", "3")


def test_labels_in_letters_of_full_width_are_the_same_words(tmp_path):
    corpus = read(tmp_path, "emotion,text\nＨａｐｐｙ,好\nｃａｌｍ,坏\n", labels={"calm": "neutral"})
    assert corpus.frame["emotion"].tolist() == ["happy", "neutral"]


def test_what_is_said_of_a_row_without_text_can_be_done(tmp_path):
    with pytest.raises(CorpusError, match='a jsonl or parquet can hold an empty one, ""'):
        read(tmp_path, "emotion,text\nhappy,好\nsad,\n")
    rows = [{"emotion": "happy", "text": "好"}, {"emotion": "sad", "text": ""}]
    assert read(tmp_path, "\n".join(map(json.dumps, rows)), ".jsonl").frame["text"].tolist() == ["好", ""]


def test_a_label_that_no_row_has_is_said(tmp_path, caplog):
    assert len(read(tmp_path, "emotion,text\nsurprise,好\n", labels={"Surprise": "happy", "supprise": ""})) == 1
    assert "no row has the label 'supprise'" in caplog.text and "'Surprise'" not in caplog.text


def test_a_table_in_utf_32_is_read(tmp_path):
    assert read(tmp_path, "emotion,text\nhappy,好\n".encode("utf-32")).frame["text"][0] == "好"


@pytest.mark.parametrize("place", ["eval/sad/b.wav", "sad/b.wav"])
def test_folders_of_a_split_hold_all_sounds_or_are_refused(tmp_path, place):
    for name in ("x/Train/happy/a.wav", "x/dev/sad/a.wav", "x/test/sad/a.wav"):
        layouts.tone(tmp_path / name)
    assert list(manifest.load(tmp_path).frame["split"]) == ["train", "val", "test"]
    layouts.tone(tmp_path / "x" / place)
    with pytest.raises(CorpusError, match=f"has folders of a split, and x/{place} lies in none of them"):
        manifest.load(tmp_path)


@pytest.mark.parametrize(
    ("encoding", "language", "text"),
    [("cp949", "ko", "오늘은 정말 행복해요"), ("euc_jp", "ja", "今日はとても嬉しい"), ("koi8_r", "ru", "Сегодня")],
)
def test_what_is_not_chinese_is_not_read_as_chinese(tmp_path, encoding, language, text):
    content = f"emotion,text\nhappy,{text}\nsad,{text}\n".encode(encoding)
    with pytest.raises(CorpusError, match="is not text in utf-8 or gb18030: save it as UTF-8, or say what it is in"):
        read(tmp_path, content, language=language)
    assert read(tmp_path, content, language=language, encoding=encoding).frame["text"][0] == text


def test_a_table_in_another_language_may_have_the_quotation_marks_of_excel_in_china(tmp_path):
    assert (
        read(tmp_path, "emotion,text\nhappy,“so good”\n".encode("gbk"), language="en").frame["text"][0] == "“so good”"
    )
    assert read(tmp_path, "emotion,text\nhappy,今天真好\n".encode("gbk"), language="yue").frame["text"][0] == "今天真好"


@pytest.mark.parametrize("language", ["zh", "de"])
def test_utf_8_with_a_line_in_another_encoding_is_refused_by_that_line(tmp_path, language):
    content = "emotion,text\nhappy,Schön\nsad,Zoë\n".encode() + "sad,Müller\n".encode("latin-1")
    with pytest.raises(CorpusError, match="is UTF-8, but line 4 is not: it was cut, or parts are in another"):
        read(tmp_path, content, language=language)
    assert read(tmp_path, "emotion,text\nhappy,今天真好\n".encode("gbk")).frame["text"][0] == "今天真好"


def test_backslashes_part_folders_where_no_name_has_them(tmp_path):
    for name in ("wav/a.wav", "wav\\b.wav"):
        layouts.tone(tmp_path / name)
    corpus = read(tmp_path, "audio,emotion\nwav\\a.wav,happy\nwav\\b.wav,sad\n", strict=True)
    assert list(corpus.frame["audio"]) == [str(tmp_path / "wav/a.wav"), str(tmp_path / "wav\\b.wav")]


def test_a_part_below_the_class_is_a_part_and_no_class(tmp_path):
    for name in ("angry/train/a.wav", "angry/dev/b.wav", "sad/Test/c.wav"):
        layouts.tone(tmp_path / name)
    corpus = manifest.load(tmp_path, classes="own")
    assert corpus.labels == ("angry", "sad") and list(corpus.frame["split"]) == ["val", "train", "test"]
