"""One's own table: four kinds of file, columns and labels by option, and one sentence for a bad one."""

import layouts
import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import CorpusError, survey


@pytest.mark.parametrize(("speakers", "parts", "said"), [
    ("abc", False, "speaker-disjoint, seed 0"), ("ab", False, "8/1/1, seed 0: 24 / 3 / 3"), ("", False, "8/1/1, seed 0: 24 / 3 / 3"),
    ("abc", True, "8/1/1 of the corpus: 10 / 10 / 10"), ("a", True, "8/1/1 of the corpus: 10 / 10 / 10")])  # fmt: skip
def test_check_takes_the_split_that_the_table_allows_and_says_why(tmp_path, speakers, parts, said):
    layouts.tone(tmp_path / "a.wav")
    frame = pd.DataFrame({"id": range(30), "audio": "a.wav", "text": "你好", "emotion": ["sad", "happy"] * 15})
    if speakers:
        frame["speaker"] = [speakers[n % len(speakers)] for n in range(30)]
    if parts:
        frame["split"] = ["train", "val", "test"] * 10
    frame.to_csv(tmp_path / "my.csv", index=False)
    result = CliRunner().invoke(app, ["corpus", "check", "manifest", "--root", str(tmp_path / "my.csv")])
    assert result.exit_code == 0, (result.output, result.exception)
    assert f"split that fits: {said}" in result.output
    assert (
        "because: The table's own column split; else no speaker in two parts, or 8/1/1 where fewer than 3 "
        "speakers are named. This copy names "
        f"{('no speaker', '1 speaker', '2 speakers', '3 speakers')[len(speakers)]}." in result.output
    )


def test_three_rows_have_features_though_no_split(tmp_path):
    layouts.tone(tmp_path / "a.wav")
    (tmp_path / "my.csv").write_text(
        "id,audio,text,emotion\n" + "".join(f"{n},a.wav,你好,{e}\n" for n, e in enumerate(("sad", "happy", "fear"))),
        encoding="utf-8",
    )
    result = CliRunner().invoke(app, ["corpus", "features", "manifest", "--root", str(tmp_path / "my.csv")])
    assert result.exit_code == 0 and "utterances" in result.output, (result.output, result.exception)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_four_kinds_of_table_with_other_column_names(tmp_path, ending):
    layouts.tone(tmp_path / "wavs" / "a.wav")
    frame = pd.DataFrame(
        {
            "nr": [1, 2],
            "wav": ["wavs/a.wav"] * 2,
            "transcript": ["你好", "再见"],
            "feeling": ["Joy ", "生气"],
            "who": [7, 8],
        }
    )
    path = tmp_path / f"t{ending}"
    if ending == ".parquet":
        frame["wav"] = [{"bytes": layouts.tone(), "path": None}, {"bytes": None, "path": "wavs/a.wav"}]
        frame.to_parquet(path)
    elif ending == ".jsonl":
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    else:
        frame.to_csv(
            path,
            index=False,
            sep="\t" if ending == ".tsv" else ",",
            encoding="gb18030" if ending == ".csv" else "utf-16",
        )
    columns = {"id": "nr", "audio": "wav", "text": "transcript", "emotion": "feeling", "speaker": "who"}
    corpus = load_corpus("manifest", path, columns=columns)
    assert corpus.ids == ("1", "2")
    assert corpus.frame["emotion"].tolist() == ["happy", "angry"]
    assert corpus.frame["text"].tolist() == ["你好", "再见"]
    assert corpus.frame["speaker"].tolist() == ["7", "8"]
    assert survey(corpus)["seconds"].tolist() == [0.2, 0.2]


def test_labels_are_mapped_or_left_out_as_asked(mixed):
    frame = pd.read_csv(mixed / "mine.csv")
    frame["emotion"] = ["冷静", "bored"] + ["happy"] * 7
    frame.to_csv(mixed / "mine.csv", index=False)
    with pytest.raises(CorpusError, match=r"row 1 .*'冷静'"):
        load_corpus("manifest", mixed / "mine.csv")
    corpus = load_corpus("manifest", mixed / "mine.csv", labels={"冷静": "neutral", "bored": ""})
    assert corpus.frame["emotion"][0] == "neutral"
    assert corpus.dropped == {"'bored': left out as you asked": 1}


def test_bad_tables_are_refused_in_a_sentence(mixed):
    with pytest.raises(CorpusError, match="no column wav: it has id, audio"):
        load_corpus("manifest", mixed / "mine.csv", columns={"audio": "wav"})
    (mixed / "a.mp3").unlink()
    with pytest.raises(CorpusError, match=r"1 of 9 audio files are not there, the first in the row of id 'a.mp3'"):
        load_corpus("manifest", mixed / "mine.csv", strict=True)
    for name, content in (
        ("cut.parquet", b"PAR1"),
        ("cut.jsonl", b'{"id": '),
        ("ragged.csv", b"a,b\n1,2,3\n4,5,6,7\n"),
        ("void.csv", b""),
    ):
        (mixed / name).write_bytes(content)
        with pytest.raises(CorpusError, match=f"{name} cannot be read as .*export it again"):
            load_corpus("manifest", mixed / name)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("ending", "cell"),
    [
        (".parquet", [1, 2]),
        (".parquet", {"bytes": None, "path": 5}),
        (".jsonl", 5),
        (".jsonl", [0.1, 0.2]),
        (".jsonl", True),
    ],
)
def test_audio_that_is_neither_path_nor_bytes_is_named_with_its_row(tmp_path, ending, cell, strict):
    frame = pd.DataFrame({"id": ["a"], "audio": [cell], "text": "你好", "emotion": "sad"})
    path = tmp_path / f"t{ending}"
    frame.to_parquet(path) if ending == ".parquet" else frame.to_json(path, orient="records", lines=True)
    with pytest.raises(CorpusError, match=f"t{ending}: row 1 has .*for audio .*: give a path, or the bytes"):
        load_corpus("manifest", path, strict=strict)


def test_endings_in_capitals_are_read_and_other_marks_are_named(mixed):
    text = (mixed / "mine.csv").read_text(encoding="utf-8")
    for name, mark in (("A.CSV", ","), ("A.Tsv", "\t")):
        (mixed / name).write_text(text.replace(",", mark), encoding="utf-8")
        assert len(load_corpus("manifest", mixed / name, strict=True)) == 9
    for name, mark, said in (
        ("s.csv", ";", "s.csv is parted by semicolons, and a .csv is to be parted by commas: save"),
        ("s.CSV", "\t", "parted by tabs"),
        ("s.tsv", ",", "parted by commas, and a .tsv is to be parted by tabs"),
    ):
        (mixed / name).write_text(text.replace(",", mark), encoding="utf-8")
        with pytest.raises(CorpusError, match=said):
            load_corpus("manifest", mixed / name)


def test_vcemo_is_any_one_table(mixed):
    assert load_corpus("vcemo", mixed).name == "vcemo"
    assert len(load_corpus("vcemo", mixed / "mine.csv")) == 9
    with pytest.raises(CorpusError, match="9 utterances instead of 7,477"):
        load_corpus("vcemo", mixed, strict=True)
    (mixed / "two.csv").write_text("id\n1\n")
    with pytest.raises(CorpusError, match="2 tables"):
        load_corpus("vcemo", mixed)


def test_one_pass_names_every_bad_clip_and_every_doubtful_one(mixed):
    (mixed / "a.flac").write_bytes(b"")
    soundfile.write(mixed / "wav16.wav", np.zeros(8000), 16_000)
    soundfile.write(mixed / "wav24.wav", np.sign(np.sin(np.arange(8000) / 9)), 16_000)
    soundfile.write(mixed / "wav32.wav", 0.005 * np.sin(np.arange(8000) / 9), 16_000)
    (mixed / "a.mp3").write_bytes(2 * (mixed / "a.mp3").read_bytes())
    clips = survey(load_corpus("manifest", mixed / "mine.csv")).set_index("id")
    assert clips.index[clips["problem"] != ""].tolist() == ["wav16.wav", "a.flac"]
    assert "silent" in clips.loc["wav16.wav", "problem"]
    assert "0 bytes" in clips.loc["a.flac", "problem"]
    assert clips["doubt"].to_dict() | {} == {
        **dict.fromkeys(clips.index, ""),
        "wav24.wav": "clipped",
        "wav32.wav": "faint",
        "a.mp3": "a second sound in it",
    }
