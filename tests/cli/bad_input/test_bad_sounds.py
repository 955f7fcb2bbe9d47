"""Bad sounds among good ones: each has its sentence among the answers, the others are answered, and the exit code is 1."""

import io
import os
import re
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from vcemo_lib.cli.answers import _unused


def tone(seconds: float = 0.5, rate: int = 16_000) -> np.ndarray:
    return (0.2 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def _wav(wave, rate=16_000, subtype="FLOAT"):
    return lambda path: soundfile.write(path, wave, rate, subtype=subtype, format="WAV")


def _bytes(content: bytes):
    return lambda path: path.write_bytes(content)


def _header() -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.zeros(0), 16_000, format="WAV")
    return out.getvalue()


SOUNDS = {  # kind: how it comes to be, what its sentence says
    "no such file": (lambda path: None, "no such audio file.*check the path"),
    "a file of 0 bytes": (_bytes(b""), "0 bytes.*copy it again"),
    "a folder": (lambda path: path.mkdir(), "no such audio file.*check the path"),
    "a pipe": (os.mkfifo, "is no regular file: check the path, and give one file of sound"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "is no regular file: check the path"),
    "a list of other files": (_bytes(b"#EXTM3U\n#EXTINF:1,\ngood.wav\n"), "cannot read.*give wav, flac"),
    "samples beyond all sound": (_wav(1e20 * tone()), "samples of up to .*export it again"),
    "text by the name of sound": (_bytes(b"this is no sound at all"), "cannot read.*give wav, flac"),
    "a wav without a sample": (_bytes(_header()), "lasts 0.00 s: an utterance lasts 0.05 to 60 s"),
    "half a header": (_bytes(_header()[:20]), "cannot read.*give wav, flac"),
    "numbers that are none": (_wav(np.full(8000, np.nan, np.float32)), "not finite.*export it again"),
    "silence": (_wav(np.zeros(8000, np.float32)), "is silent.*record it again"),
    "too short": (_wav(tone(0.01)), "lasts 0.01 s: an utterance lasts"),
    "nearly long enough": (_wav(tone(0.049)), "lasts 0.049 s: an utterance lasts 0.05 to"),
    "an mp3 of noise": (
        _bytes(b"ID3\x03" + bytes(range(256)) * 40),
        r"cannot read bad.wav .no decoder knows it, or it is damaged or broke off.: give wav",
    ),
    "too long": (_wav(tone(61), subtype="PCM_16"), "lasts 61.00 s: an utterance lasts"),
    "a rate of no sound": (_wav(tone(rate=100), 100), "100 Hz: .*look whether the header is right"),
    "a telephone of 4 kHz": (_wav(tone(rate=4_000), 4_000), "4000 Hz.*resample it"),
}
THREE_TEXTS = ["--text", "你好"] * 3


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_bad_sound_has_its_sentence_and_the_rest_of_the_batch_is_done(kind, place, cache, vcemo, contents):
    write, sentence = SOUNDS[kind]
    write(place / "bad.wav")
    before = contents(place)
    code, out, err = vcemo(["predict", "good.wav", "bad.wav", "also.wav", "--model", "model", *THREE_TEXTS])
    said = [line for line in out.splitlines() if "not read" in line]
    assert code == 1
    assert err == ""
    assert out.count("  chances   ") == 2
    assert contents(place) == before
    assert len(said) == 1 and re.match(rf"bad\.wav: not read: .*{sentence}", said[0]), said


def test_a_name_with_a_line_break_or_no_unicode_has_one_line(place, cache, vcemo):
    odd = ["a\nb.wav", os.fsdecode(b"\xff.wav")]
    for name in odd:
        (place / name).write_bytes(b"no sound")
    code, out, _ = vcemo(["predict", "good.wav", *odd, "--model", "model", *THREE_TEXTS])
    assert code == 1
    assert len([line for line in out.splitlines() if "not read: cannot read" in line]) == 2
    assert "a\\nb.wav: not read" in out


def test_one_pass_over_a_corpus_names_its_bad_clip_and_looks_at_the_others(place, vcemo):
    (place / "bad.wav").write_bytes(b"no sound")
    rows = "".join(f"{n},{n}.wav,你好,sad,{n}\n" for n in ("good", "bad", "also"))
    (place / "my.csv").write_text(f"id,audio,text,emotion,speaker\n{rows}", encoding="utf-8")
    code, out, err = vcemo("corpus check manifest --root my.csv".split())
    assert code == 1
    assert err == ""
    assert re.search("^bad: bad: cannot read .*bad.wav.*: give wav, flac", out, re.MULTILINE)
    assert "2 of 3 clips can be used" in out


def test_what_is_no_path_is_said_to_be_none(place, vcemo):
    code, out, _ = vcemo(["predict", "-", "https://example.org/a.wav", "model", "--model", "model", *THREE_TEXTS])
    assert code == 1
    assert "-: not read: no such audio file: -: standard input is not read" in out
    assert "a.wav: nothing is fetched, give the path of a file on this machine" in out
    assert "model is a folder: check the path, and give a sound, or a folder of some" in out


def test_what_is_given_for_nothing_is_said(place, vcemo):
    words = ["predict", "good.wav", "--model", "model", "--text", "你好", "--enrol", "no.wav", "--json"]
    code, _, err = vcemo(words)
    assert code == 0
    assert "the model takes no speaker's mean away: --enrol changes nothing" in err
    assert "--text" not in err
    deaf = SimpleNamespace(reads_text=False, voice=object())
    assert _unused(deaf, ["你好"], ["a.wav"]) == ["the model reads no text: --text changes nothing"]
    assert _unused(deaf, [""], None) == []
