"""A corpus of one's own without ceremony: ids, sound or text left out, a folder for each class; cells as they stand."""

import json
import os

import layouts
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import manifest
from vcemo_lib.data.corpus import CorpusError


def read(tmp_path, content: str | bytes, ending: str = ".csv", **options):
    path = tmp_path / f"mine{ending}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return manifest.load(path, **options)


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


@pytest.mark.parametrize(
    ("head", "cure"),
    [
        ("ID,audio,emotion,text", "--column id=ID"),
        ("id,wav_path,emotion,text", "--column audio=wav_path"),
        ("id,audio,label,text", "--column emotion=label"),
        ("id,audio,emotion,Sentence", "--column text=Sentence"),
    ],
)
def test_a_column_that_seems_to_be_meant_is_proposed_and_not_taken_unasked(tmp_path, head, cure):
    content = f"{head}\n1,a.wav,happy,好\n"
    with pytest.raises(CorpusError, match=cure):
        read(tmp_path, content)
    ours, theirs = cure.split()[1].split("=")
    assert len(read(tmp_path, content, columns={ours: theirs})) == 1


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


def test_the_line_by_which_excel_is_told_what_parts_the_cells_is_no_row(tmp_path):
    corpus = read(tmp_path, "sep=,\r\nemotion,text\r\nhappy,好\r\nsad,坏\r\n")
    assert corpus.frame["text"].tolist() == ["好", "坏"]
    with pytest.raises(CorpusError, match="parted by semicolons"):
        read(tmp_path, "sep=;\nemotion;text\nhappy;好\n")
