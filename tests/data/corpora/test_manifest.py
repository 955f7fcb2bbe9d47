"""One's own table: four kinds of file, columns and labels by option, and sound in every format that is promised."""

import io
import sys
from pathlib import Path

import layouts
import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.audio.signal import AudioError, decode, doubt
from vcemo_lib.cli import app
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import CorpusError, survey

av = pytest.importorskip("av", reason="the package av, which reads m4a, is not installed")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))


def m4a(path: Path, rate: int = 44_100, layout: str = "stereo", seconds: float = 0.5, pitch: float = 220) -> None:
    """A tone as AAC in an MPEG-4 file, as telephones record."""
    wave = (0.2 * np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate)).astype(np.float32)
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(
            np.stack([wave] * (2 if layout == "stereo" else 1)), format="fltp", layout=layout
        )
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)


FORMATS = {
    "wav16.wav": dict(subtype="PCM_16", rate=8_000),
    "wav24.wav": dict(subtype="PCM_24", rate=44_100),
    "wav32.wav": dict(subtype="PCM_32", rate=48_000),
    "float.wav": dict(subtype="FLOAT", rate=22_050),
    "a.flac": dict(format="FLAC", rate=24_000),
    "a.mp3": dict(format="MP3", subtype="MPEG_LAYER_III", rate=32_000),
    "a.ogg": dict(format="OGG", subtype="VORBIS", rate=16_000),
    "a.opus": dict(format="OGG", subtype="OPUS", rate=48_000),
}


@pytest.fixture
def mixed(tmp_path):
    """A folder of sounds in nine formats, with a table."""
    for name, options in FORMATS.items():
        layouts.tone(tmp_path / name, seconds=0.5, **options)
    m4a(tmp_path / "a.m4a")
    names = [*FORMATS, "a.m4a"]
    frame = pd.DataFrame({"id": names, "audio": names, "text": "你好", "emotion": "happy", "speaker": "s"})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path


def test_a_folder_of_mixed_formats(mixed):
    corpus = load_corpus("manifest", mixed / "mine.csv", strict=True)
    clips = survey(corpus)
    assert clips["seconds"].between(0.45, 0.6).all()
    assert len(clips) == 9
    for name in corpus.ids:  # the tone is there, at 220 Hz, whatever the rate and the format
        spectrum = np.abs(np.fft.rfft(corpus.wave(name)[1000:7000], 16_000))
        assert abs(int(spectrum.argmax()) - 220) <= 3, name
        assert 0.15 < np.abs(corpus.wave(name)[1000:7000]).max() < 0.25, name


def test_from_a_folder_of_mixed_formats_to_features_by_the_commands(mixed):
    """`vcemo corpus add manifest`, `check` and `features`: ten formats, mono and stereo, each from three speakers."""
    both = np.stack([0.3 * np.sin(np.arange(22_050) / 20), np.zeros(22_050)], axis=1)
    soundfile.write(mixed / "stereo.flac", both, 44_100, subtype="PCM_24")
    files = [*FORMATS, "a.m4a", "stereo.flac"]
    rows = [
        f"{name}-{who},{name},你好,{emotion},{who}"
        for name in files
        for who, emotion in (("一", "joy"), ("二", "生气"), ("三", "sad"))
    ]
    (mixed / "my.csv").write_text("\n".join(["nr,wav,says,feels,who", *rows]) + "\n", encoding="utf-8")
    words = ["add", "manifest", str(mixed / "my.csv")]
    for pair in ("id=nr", "audio=wav", "text=says", "emotion=feels", "speaker=who"):
        words += ["--column", pair]
    for asked, said in (
        (words, "30 utterances, 3 speakers"),
        (["check", "manifest"], "30 of 30 clips can be used"),
        (["features", "manifest"], "utterances"),
    ):
        result = CliRunner().invoke(app, ["corpus", *asked])
        assert result.exit_code == 0 and said in result.output, (asked, result.output, result.exception)
    assert "speaker-disjoint" in CliRunner().invoke(app, ["corpus", "check", "manifest"]).output
    assert [*(mixed / "cache").rglob("mel*")]


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


def test_stereo_m4a_and_bytes_of_it_are_read(tmp_path):
    m4a(tmp_path / "a.m4a", rate=48_000, layout="mono")
    np.testing.assert_array_equal(decode(tmp_path / "a.m4a"), decode((tmp_path / "a.m4a").read_bytes()))


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
    clips = survey(load_corpus("manifest", mixed / "mine.csv")).set_index("id")
    assert clips.index[clips["problem"] != ""].tolist() == ["wav16.wav", "a.flac"]
    assert "silent" in clips.loc["wav16.wav", "problem"]
    assert "0 bytes" in clips.loc["a.flac", "problem"]
    assert clips["doubt"].to_dict() | {} == {
        **dict.fromkeys(clips.index, ""),
        "wav24.wav": "clipped",
        "wav32.wav": "faint",
    }


def test_without_the_package_av_the_program_ffmpeg_is_asked(tmp_path, monkeypatch):
    """The program is a stand-in here: it checks how it is called, and that its file can be read, and gives a known sound."""
    m4a(tmp_path / "a.m4a")
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for source in (tmp_path / "a.m4a", (tmp_path / "a.m4a").read_bytes()):
        with pytest.raises(AudioError, match="for m4a install ffmpeg or the package av"):
            decode(source)
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"""#!{sys.executable}
import sys, numpy
given = sys.argv
assert given[given.index("-ar") + 1] == "16000" and given[given.index("-ac") + 1] == "1" and given[given.index("-f") + 1] == "f32le"
if open(given[given.index("-i") + 1].removeprefix("file:"), "rb").read()[4:8] != b"ftyp":
    sys.exit("no sound")
sys.stdout.buffer.write(numpy.sin(numpy.arange(8000) / 9).astype("<f4").tobytes())
""")
    program.chmod(0o755)
    for source in (tmp_path / "a.m4a", (tmp_path / "a.m4a").read_bytes()):
        np.testing.assert_array_equal(decode(source), np.sin(np.arange(8000) / 9).astype(np.float32))
    with pytest.raises(AudioError, match="cannot read 8 bytes of audio .*give wav"):
        decode(b"no sound")


def test_a_video_without_sound_is_refused(tmp_path):
    with av.open(str(tmp_path / "v.mp4"), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    with pytest.raises(AudioError, match=r"cannot read .*v.mp4.*give wav"):
        decode(tmp_path / "v.mp4")


def test_doubt_is_about_the_recording():
    tone = np.sin(np.arange(16_000) / 9).astype(np.float32)
    assert (doubt(tone * 0.5), doubt(np.clip(tone * 3, -1, 1)), doubt(tone * 0.005)) == ("", "clipped", "faint")
    assert decode(io.BytesIO(layouts.tone()).getvalue()).shape == (3200,)
