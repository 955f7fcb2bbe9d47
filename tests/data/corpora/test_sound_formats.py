"""Sound in every format that is promised: read by libsndfile, by the package av, or by the program ffmpeg."""

import io
import sys

import layouts
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.audio.signal import AudioError, decode, doubt
from vcemo_lib.cli import app
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import survey

av = pytest.importorskip("av", reason="the package av, which reads m4a, is not installed")


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
    files = [*layouts.FORMATS, "a.m4a", "stereo.flac"]
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
    told = CliRunner().invoke(app, ["corpus", "check", "manifest"]).output
    assert "speaker-disjoint" in told
    assert "by folds without a common speaker instead: all 30 are tested once" in told
    assert [*(mixed / "cache").rglob("mel*")]


def test_stereo_m4a_and_bytes_of_it_are_read(tmp_path):
    layouts.m4a(tmp_path / "a.m4a", rate=48_000, layout="mono")
    np.testing.assert_array_equal(decode(tmp_path / "a.m4a"), decode((tmp_path / "a.m4a").read_bytes()))


def test_without_the_package_av_the_program_ffmpeg_is_asked(tmp_path, monkeypatch):
    """The program is a stand-in here: it checks how it is called, and that its file can be read, and gives a known sound."""
    layouts.m4a(tmp_path / "a.m4a")
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


def test_doubt_is_about_the_recording():
    tone = np.sin(np.arange(16_000) / 9).astype(np.float32)
    assert (doubt(tone * 0.5), doubt(np.clip(tone * 3, -1, 1)), doubt(tone * 0.005)) == ("", "clipped", "faint")
    assert decode(io.BytesIO(layouts.tone()).getvalue()).shape == (3200,)
