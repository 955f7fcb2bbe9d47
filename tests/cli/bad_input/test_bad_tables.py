"""Texts, tables, archives and lists of corpora that cannot be read: one sentence, and no corpus is written down."""

import zipfile
from pathlib import Path

import pytest

PREDICT = "predict good.wav --model model --text 你好"
ADD = "corpus add manifest my.csv"
NEMO = "corpus add nemo a.zip --strict=false"


def _nothing(here: Path) -> None:
    pass


def _write(name: str, content: str | bytes):
    def make(here: Path) -> None:
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


def _rows(rows: str, head: str = "id,audio,text,emotion,speaker\n"):
    return _write("my.csv", head + rows)


def _zip(*names: str, content: str = "x"):
    def make(here: Path) -> None:
        with zipfile.ZipFile(here / "a.zip", "w") as out:
            for name in names:
                out.writestr(name, content)

    return make


def _cut_zip(here: Path) -> None:
    _zip("nEMO/data.tsv", content="file_id\n" * 100)(here)
    (here / "a.zip").write_bytes((here / "a.zip").read_bytes()[:-30])


REFUSED = {  # kind: what is made, what is asked, what the sentence says
    "text: fewer than sounds": (_nothing, f"{PREDICT} --text 再见", "2 texts for 1 files: give one text a file"),
    "text: no Unicode": (
        _nothing,
        ["predict", "good.wav", "--model", "model", "--text", "\udcff\udcfe"],
        "text 1 .*is no Unicode.*give it as UTF-8",
    ),
    "text: a column without a word": (
        _rows("a,good.wav,你好,happy,s\nb,also.wav,,sad,s\n"),
        ADD,
        r"row 2 \(id 'b'\) has no text.*give text",
    ),
    "text: a corpus' table that lacks a column": (
        _write("cped/valid_split.csv", "TV_ID,Utterance\n1,好\n"),
        "corpus add cped cped",
        "valid_split.csv lacks the column.* Utterance_ID.*download it again",
    ),
    "text: a transcript of nothing": (
        _write("cped/valid_split.csv", ""),
        "corpus add cped cped",
        "valid_split.csv.*cannot be read.*download it again",
    ),
    "manifest: no such table": (_nothing, "corpus add manifest no.csv", "no such corpus root: no.csv: pass"),
    "manifest: a kind nobody reads": (
        _write("my.xlsx", b"PK"),
        "corpus add manifest my.xlsx",
        "not a manifest: my.xlsx: expected a .csv",
    ),
    "manifest: cut parquet": (
        _write("my.parquet", b"PAR1"),
        "corpus add manifest my.parquet",
        "my.parquet cannot be read as parquet.*export it again",
    ),
    "manifest: cut jsonl": (
        _write("my.jsonl", '{"id": '),
        "corpus add manifest my.jsonl",
        "my.jsonl cannot be read as jsonl.*export it again",
    ),
    "manifest: two values of one name": (
        _write("my.jsonl", '{"id": "a", "text": "好", "id": "b", "emotion": "sad"}'),
        "corpus add manifest my.jsonl",
        "line 1: it has more than one id.*export it again",
    ),
    "manifest: bars": (
        _write("my.csv", "id|text|emotion\na|好|sad\n"),
        ADD,
        "is parted by bars.*by commas: save it so",
    ),
    "manifest: Chinese commas": (
        _write("my.csv", "id，text，emotion\na，好，sad\n"),
        ADD,
        "is parted by Chinese commas",
    ),
    "manifest: an empty file": (_write("my.csv", ""), ADD, "my.csv cannot be read as .*empty.*export it again"),
    "manifest: no rows": (_rows(""), ADD, "the manifest has no rows; give at least one"),
    "manifest: a column is missing": (
        _rows("a,good.wav,好\n", "id,audio,text\n"),
        ADD,
        r"lacks the column\(s\) emotion.*rename or add",
    ),
    "manifest: a column that is not there": (
        _nothing,
        f"{ADD} --column audio=wav",
        "my.csv has no column wav: it has id, audio",
    ),
    "manifest: an emotion nobody knows": (
        _rows("a,good.wav,好,bored,s\n"),
        ADD,
        r"row 1 .*unknown emotion \('bored'\): .*--label bored=.*--classes own",
    ),
    "manifest: a label for no emotion": (
        _rows("a,good.wav,好,calm,s\n"),
        f"{ADD} --label calm=peaceful",
        "'calm'.*'peaceful'.*use one of",
    ),
    "manifest: the same id twice": (
        _rows("a,good.wav,好,sad,s\na,also.wav,好,sad,s\n"),
        ADD,
        "row 2 .*repeats an earlier id: make ids unique",
    ),
    "manifest: no id": (_rows(",good.wav,好,sad,s\n"), ADD, "row 1 .*has no id: give each row one"),
    "manifest: a sound that is not there": (
        _rows("a,gone.wav,好,sad,s\n"),
        ADD,
        "1 of 1 audio files are not there.*'a'.*relative paths begin at",
    ),
    "archive: cut": (_cut_zip, NEMO, "a.zip is no whole archive.*download it again"),
    "archive: no archive": (_write("a.zip", b"no archive"), NEMO, "a.zip is no whole archive.*download it again"),
    "archive: a path that leads out": (
        _zip("data.tsv", "../../evil"),
        NEMO,
        "a.zip would write outside of its folder.*do not trust it",
    ),
    "archive: of something else": (_zip("holiday/photo.txt"), NEMO, "no data.tsv in .*: pass the folder"),
    "cache: a damaged list of corpora": (
        _write("../cache/corpora.json", "{"),
        "corpus check nemo",
        "corpora.json.* is damaged: delete it and add",
    ),
    "cache: a list of corpora that is no table": (
        _write("../cache/corpora.json", "[]"),
        "corpus list",
        "corpora.json.* is damaged: delete it and add",
    ),
    "cache: a corpus that is a text": (
        _write("../cache/corpora.json", '{"nemo": "here"}'),
        "corpus list",
        "corpora.json.* is damaged: delete it",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_refused(kind, place, refused):
    make, command, sentence = REFUSED[kind]
    make(place)
    refused(command, sentence)
