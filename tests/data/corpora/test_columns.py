"""The columns of a table of one's own: which are read, and which are proposed or refused."""

import json
import shlex
import time

import layouts
import pytest
from own_tables import read

from vcemo_lib.data.corpus import CorpusError


@pytest.mark.parametrize(
    ("head", "cure"),
    [
        ("ID,audio,emotion,text", "--column id=ID"),
        ("id,wav_path,emotion,text", "--column audio=wav_path"),
        ("id,audio,label,text", "--column emotion=label"),
        ("id,audio,emotion,Sentence", "--column text=Sentence"),
        ("id,audio,emotion,ｔｅｘｔ", "--column 'text=ｔｅｘｔ'"),
        ("id,audio,emotion,text,Speaker ID", "--column 'speaker=Speaker ID'"),
        ("id,audio,emotion,文本", "--column 'text=文本'"),
        ("id,音频,emotion,text", "--column 'audio=音频'"),
        ("id,audio,情感,text", "--column 'emotion=情感'"),
        ("id,audio,emotion,text,speaker_id", "--column speaker=speaker_id"),
        ("id,audio,emotion,text,actor_id", "--column speaker=actor_id"),
        ("id,audio,emotion,text,Client-No.", "--column speaker=Client-No."),
        ("id,audio,emotion,text,说话人编号", "--column 'speaker=说话人编号'"),
        ("id,audio,emotion,text,Split", "--column split=Split"),
        ("id,audio,emotion,text,Session", "--column session=Session"),
    ],
)
def test_a_column_that_seems_to_be_meant_is_proposed_and_not_taken_unasked(tmp_path, head, cure):
    content = f"{head}\n1,a.wav,happy,好{',x' * (head.count(',') - 3)}\n"
    with pytest.raises(CorpusError, match=cure):
        read(tmp_path, content)
    ours, theirs = shlex.split(cure)[1].split("=")
    assert len(read(tmp_path, content, columns={ours: theirs})) == 1


def test_all_columns_that_seem_to_be_meant_are_proposed_at_once(tmp_path):
    cure = "--column 'audio=音频' --column 'emotion=情感' --column 'text=文本' --column 'speaker=说话人'"
    with pytest.raises(CorpusError) as refused:
        read(tmp_path, "音频,情感,说话人,文本\na.wav,高兴,anna,好\n")
    said = str(refused.value)
    assert set(shlex.split(said.partition(": give ")[2].partition(", or take them out")[0])) == set(shlex.split(cure))


@pytest.mark.parametrize(
    ("name", "cells", "ours"),
    [
        ("clip", ["a.wav", "b.MP3"], "audio"),
        ("子集", ["Train", "test"], "split"),
        ("comment", ["a.wav", "b"], ""),
        ("original", ["test", "test"], ""),
        ("annotator", ["a", "b"], ""),
    ],
)
def test_a_column_is_proposed_by_what_it_holds(tmp_path, name, cells, ours):
    content = f"emotion,text,{name}\nhappy,好,{cells[0]}\nsad,坏,{cells[1]}\n"
    if not ours:
        assert len(read(tmp_path, content)) == 2
        return
    with pytest.raises(CorpusError, match=f"has no column {ours}, but '{name}'"):
        read(tmp_path, content)


def test_blanks_around_a_columns_name_are_none_of_it(tmp_path):
    assert read(tmp_path, " id , audio ,emotion , text\n1,a.wav,happy,好\n").ids == ("1",)


def test_columns_of_one_name_in_two_widths_are_two(tmp_path):
    layouts.tone(tmp_path / "a.wav")
    content = "audio,emotion,text,ｔｅｘｔ\na.wav,happy,好,坏\n"
    assert read(tmp_path, content, strict=True).frame.loc[0, ["text", "ｔｅｘｔ"]].tolist() == ["好", "坏"]


def test_a_column_that_nothing_reads_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="no column is read as spekaer: choose from .*speaker"):
        read(tmp_path, "emotion,text,who\nhappy,好,a\n", columns={"spekaer": "who"})


def test_columns_change_places_and_one_is_read_as_two(tmp_path):
    content = "emotion,text,speaker\n好,happy,a\n坏,sad,b\n"
    swapped = read(tmp_path, content, columns={"emotion": "text", "text": "emotion"}).frame
    assert swapped[["text", "emotion", "speaker"]].values.tolist() == [["好", "happy", "a"], ["坏", "sad", "b"]]
    twice = read(tmp_path, "emotion,said\nhappy,好\n", columns={"text": "said", "text_asr": "said"}).frame
    assert (twice["text"][0], twice["text_asr"][0], "said" in twice) == ("好", "好", False)


def test_what_is_said_of_a_wrong_column_is_short(tmp_path):
    content = "emotion,text\n" + "".join(f"{'今天真好' * 5000}{k},好\n" for k in range(3))
    with pytest.raises(CorpusError, match="is a text and no class: say which column is meant") as refused:
        read(tmp_path, content)
    assert len(str(refused.value)) < 400
    with pytest.raises(CorpusError, match=r"row 1 has \[0.5, .* for audio \(list\)") as refused:
        read(tmp_path, json.dumps({"emotion": "sad", "audio": [0.5] * 16_000}), ".jsonl")
    assert len(str(refused.value)) < 400


def test_a_thousand_times_as_many_columns_do_not_take_a_million_times_as_long(tmp_path):
    def seconds(columns: int) -> float:
        rows = ["happy,好", "sad,坏"]
        head = ",".join(f"c{k}" for k in range(columns))
        begun = time.process_time()
        read(tmp_path, "\n".join([f"emotion,text,{head}", *(row + "," * columns for row in rows)]))
        return time.process_time() - begun

    assert seconds(20_000) < 16 * max(seconds(2_000), 0.05)


def test_what_a_table_has_is_told_by_its_own_head(tmp_path):
    with pytest.raises(CorpusError, match=r"lacks the column\(s\) emotion, audio, text or text_asr; it has a, b: "):
        read(tmp_path, "a,b\n1,2\n")


def test_the_line_by_which_excel_is_told_what_parts_the_cells_is_no_row(tmp_path):
    corpus = read(tmp_path, "sep=,\r\nemotion,text\r\nhappy,好\r\nsad,坏\r\n")
    assert corpus.frame["text"].tolist() == ["好", "坏"]
    with pytest.raises(CorpusError, match="parted by semicolons"):
        read(tmp_path, "sep=;\nemotion;text\nhappy;好\n")
