"""Bad input through the command line, a row a kind: one sentence that names it and a cure, and nothing half-written.

What is asked for as a whole is refused with exit code 2 and one sentence on stderr. In a batch of sounds the bad one has its
sentence among the answers, the others are answered, and the exit code is 1.
"""

import io
import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from vcemo_lib import cli
from vcemo_lib.evaluation.records import ProtocolCard
from vcemo_lib.inference.bundle import save_bundle
from vcemo_lib.models.registry import build_model

HEAD = "id,audio,text,emotion,speaker\n"
CARD = ProtocolCard(
    "vcemo_sim", "0123456789", True, 6, "8/1/1", (), "validation, best wa", "text_asr", "bundled", "bundled", "small"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory, small):
    """A model folder; untrained weights are as good as others here."""
    torch.manual_seed(0)
    return save_bundle(
        tmp_path_factory.mktemp("bad") / "model", build_model(small.model).eval(), small, "zh", CARD, {"wa": 0.5}
    )


@pytest.fixture
def place(tmp_path, monkeypatch, model):
    """A working folder with two good sounds, a table, a model, and a cache of its own beside it."""
    here = tmp_path / "work"
    here.mkdir()
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("good.wav", "also.wav"):
        soundfile.write(here / name, tone(), 16_000)
    table(here, "a,good.wav,你好,happy,s\n")
    shutil.copytree(model, here / "model")
    monkeypatch.chdir(here)
    return here


def tone(seconds: float = 0.5, rate: int = 16_000) -> np.ndarray:
    return (0.2 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def table(here: Path, rows: str, head: str = HEAD) -> None:
    (here / "my.csv").write_text(head + rows, encoding="utf-8")


def vcemo(words: list[str], monkeypatch, capsys) -> tuple[int, str, str]:
    """Run the command as a shell does; exit code, stdout and stderr."""
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["vcemo", *words])
    monkeypatch.setattr(cli, "skip_slow_imports", lambda: None)  # it is for a process of its own
    with pytest.raises(SystemExit) as ended:
        cli.main()
    shown = capsys.readouterr()
    return ended.value.code or 0, shown.out, shown.err


def contents(here: Path) -> dict[str, bytes]:
    return {str(path.relative_to(here)): path.read_bytes() for path in sorted(here.rglob("*")) if path.is_file()}


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
        r"cannot read bad.wav .no decoder knows it, or it is damaged.: give wav",
    ),
    "too long": (_wav(tone(61), subtype="PCM_16"), "lasts 61.00 s: an utterance lasts"),
    "a telephone of 4 kHz": (_wav(tone(rate=4_000), 4_000), "4000 Hz.*resample it"),
}


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_bad_sound_has_its_sentence_and_the_rest_of_the_batch_is_done(kind, place, cache, monkeypatch, capsys):
    write, sentence = SOUNDS[kind]
    write(place / "bad.wav")
    before = contents(place)
    words = ["predict", "good.wav", "bad.wav", "also.wav", "--model", "model", *("--text", "你好") * 3]
    code, out, err = vcemo(words, monkeypatch, capsys)
    said = [line for line in out.splitlines() if "not read" in line]
    assert code == 1
    assert err == ""
    assert out.count("  chances   ") == 2
    assert contents(place) == before
    assert len(said) == 1 and re.match(rf"bad\.wav: not read: .*{sentence}", said[0]), said


def test_a_name_with_a_line_break_or_no_unicode_has_one_line(place, cache, monkeypatch, capsys):
    odd = ["a\nb.wav", os.fsdecode(b"\xff.wav")]
    for name in odd:
        (place / name).write_bytes(b"no sound")
    words = ["predict", "good.wav", *odd, "--model", "model", *("--text", "你好") * 3]
    code, out, _ = vcemo(words, monkeypatch, capsys)
    assert code == 1
    assert len([line for line in out.splitlines() if "not read: cannot read" in line]) == 2
    assert "a\\nb.wav: not read" in out


def _spoil(change):
    """The model's bundle.json, changed."""

    def make(here: Path) -> None:
        path = here / "model" / "bundle.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return make


def _zip(*names: str, content: str = "x"):
    def make(here: Path) -> None:
        with zipfile.ZipFile(here / "a.zip", "w") as out:
            for name in names:
                out.writestr(name, content)

    return make


def _cut_zip(here: Path) -> None:
    _zip("nEMO/data.tsv", content="file_id\n" * 100)(here)
    (here / "a.zip").write_bytes((here / "a.zip").read_bytes()[:-30])


def _cut_weights(here: Path) -> None:
    path = here / "model" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _write(name: str, content: str | bytes):
    def make(here: Path) -> None:
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


def _rows(rows: str, head: str = HEAD):
    return lambda here: table(here, rows, head)


def _nothing(here: Path) -> None:
    pass


PREDICT = ["predict", "good.wav", "--model", "model", "--text", "你好"]
MANIFEST = ["corpus", "add", "manifest", "my.csv"]
NEMO = ["corpus", "add", "nemo", "a.zip", "--strict=false"]
REFUSED = {  # kind: what is made, what is asked, what the sentence says: what was given, and a cure
    # text
    "text: fewer than sounds": (_nothing, [*PREDICT, "--text", "再见"], "2 texts for 1 files: give one text a file"),
    "text: no Unicode": (_nothing, [*PREDICT[:-1], "\udcff\udcfe"], r"text 1 .*is no Unicode.*give it as UTF-8"),
    "text: a column without a word": (
        _rows("a,good.wav,你好,happy,s\nb,also.wav,,sad,s\n"),
        MANIFEST,
        r"row 2 \(id 'b'\) has no text.*give text",
    ),
    "text: a corpus' table that lacks a column": (
        _write("cped/valid_split.csv", "TV_ID,Utterance\n1,好\n"),
        ["corpus", "add", "cped", "cped"],
        "valid_split.csv lacks the column.* Utterance_ID.*download it again",
    ),
    "text: a transcript of nothing": (
        _write("cped/valid_split.csv", ""),
        ["corpus", "add", "cped", "cped"],
        "valid_split.csv.*cannot be read.*download it again",
    ),
    # manifest
    "manifest: no such table": (_nothing, ["corpus", "add", "manifest", "no.csv"], "no such corpus root: no.csv: pass"),
    "manifest: a kind nobody reads": (
        _write("my.xlsx", b"PK"),
        ["corpus", "add", "manifest", "my.xlsx"],
        "not a manifest: my.xlsx: expected a .csv",
    ),
    "manifest: cut parquet": (
        _write("my.parquet", b"PAR1"),
        ["corpus", "add", "manifest", "my.parquet"],
        "my.parquet cannot be read as parquet.*export it again",
    ),
    "manifest: cut jsonl": (
        _write("my.jsonl", '{"id": '),
        ["corpus", "add", "manifest", "my.jsonl"],
        "my.jsonl cannot be read as jsonl.*export it again",
    ),
    "manifest: an empty file": (
        _write("my.csv", ""),
        MANIFEST,
        "my.csv cannot be read as .*empty.*export it again",
    ),
    "manifest: no rows": (_rows(""), MANIFEST, "the manifest has no rows; give at least one"),
    "manifest: a column is missing": (
        _rows("a,good.wav,好\n", "id,audio,text\n"),
        MANIFEST,
        r"lacks the column\(s\) emotion.*rename or add",
    ),
    "manifest: a column that is not there": (
        _nothing,
        [*MANIFEST, "--column", "audio=wav"],
        "my.csv has no column wav: it has id, audio",
    ),
    "manifest: an emotion nobody knows": (
        _rows("a,good.wav,好,bored,s\n"),
        MANIFEST,
        r"row 1 .*unknown emotion \('bored'\): .*--label bored=.*--classes own",
    ),
    "manifest: a label for no emotion": (
        _rows("a,good.wav,好,calm,s\n"),
        [*MANIFEST, "--label", "calm=peaceful"],
        "'calm'.*'peaceful'.*use one of",
    ),
    "manifest: the same id twice": (
        _rows("a,good.wav,好,sad,s\na,also.wav,好,sad,s\n"),
        MANIFEST,
        "row 2 .*repeats an earlier id: make ids unique",
    ),
    "manifest: no id": (_rows(",good.wav,好,sad,s\n"), MANIFEST, "row 1 .*has no id: give each row one"),
    "manifest: a sound that is not there": (
        _rows("a,gone.wav,好,sad,s\n"),
        MANIFEST,
        "1 of 1 audio files are not there.*'a'.*relative to the table",
    ),
    # archive
    "archive: cut": (_cut_zip, NEMO, "a.zip is no whole archive.*download it again"),
    "archive: no archive": (_write("a.zip", b"no archive"), NEMO, "a.zip is no whole archive.*download it again"),
    "archive: a path that leads out": (
        _zip("data.tsv", "../../evil"),
        NEMO,
        "a.zip would write outside of its folder.*do not trust it",
    ),
    "archive: of something else": (_zip("holiday/photo.txt"), NEMO, "no data.tsv in .*: pass the folder"),
    # what the course itself wrote
    "cache: a damaged list of corpora": (
        _write("../cache/corpora.json", "{"),
        ["corpus", "check", "nemo"],
        "corpora.json.* is damaged: delete it and add",
    ),
    "cache: a list of corpora that is no table": (
        _write("../cache/corpora.json", "[]"),
        ["corpus", "list"],
        "corpora.json.* is damaged: delete it and add",
    ),
    "cache: a corpus that is a text": (
        _write("../cache/corpora.json", '{"nemo": "here"}'),
        ["corpus", "list"],
        "corpora.json.* is damaged: delete it",
    ),
    # model folder
    "model: no such folder": (
        _nothing,
        [*PREDICT[:3], "nowhere", *PREDICT[4:]],
        "nowhere is no model folder.*give one that 'vcemo train' made",
    ),
    "model: a file is missing": (
        lambda here: (here / "model" / "bundle.json").unlink(),
        PREDICT,
        "model is no model folder .it lacks bundle.json.: give",
    ),
    "model: cut weights": (_cut_weights, PREDICT, "model.safetensors is damaged.*copy it again"),
    "model: a later format": (
        _spoil(lambda c: c.update(format=9)),
        PREDICT,
        "model has format 9.*train the model again",
    ),
    "model: another recipe": (
        _spoil(lambda c: c["recipe"]["model"].update(dropout=0.5)),
        PREDICT,
        "recipe in model/bundle.json.*copy the folder again",
    ),
    "model: a reading nobody knows": (
        _spoil(lambda c: c["recipe"]["model"].update(pooling="max")),
        PREDICT,
        "bundle.json is damaged or foreign.*copy the folder again",
    ),
    "model: other encoders": (
        _spoil(lambda c: c["encoders"].update(bert="bundled 00")),
        PREDICT,
        "made with bert bundled 00.*install the same",
    ),
    "model: somebody's own folder": (
        _write("thesis/text.txt", "years"),
        ["train", "thesis"],
        "thesis is there already and is no model folder: give another name",
    ),
    "model: below a file": (
        _nothing,
        ["train", "good.wav/mine"],
        "good.wav/mine cannot be made: .*good.wav is no folder that may be written to: give",
    ),
    "model: ONNX over a folder": (_nothing, ["export", "model", "model"], "model is a folder: give the name of a file"),
    "model: a fact is missing": (
        _spoil(lambda c: c.pop("language")),
        PREDICT,
        "model/bundle.json is damaged or foreign .KeyError: 'language'.*copy",
    ),
    "model: ONNX below a file": (
        _nothing,
        ["export", "model", "good.wav/m.onnx"],
        "good.wav/m.onnx cannot be written .*: choose another place",
    ),
    # parameters
    "parameter: a corpus nobody knows": (_nothing, ["corpus", "show", "iemo"], "no corpus named 'iemo': choose one of"),
    "parameter: a chapter nobody wrote": (_nothing, ["run", "99", "--out", "out"], "no chapter '99'; the chapters are"),
    "parameter: a name no chapter has": (
        _nothing,
        ["run", "04", "-p", "speed=1", "--out", "out"],
        "no parameter 'speed'; it has",
    ),
    "parameter: a seed in words": (
        _nothing,
        ["run", "04", "--seed", "one", "--out", "out"],
        "seed is 'one'; it must be a whole number",
    ),
    "parameter: a profile nobody knows": (
        _nothing,
        ["train", "new", "--profile", "huge"],
        "no profile named 'huge': choose one of",
    ),
    "parameter: five emotions": (
        _nothing,
        ["train", "new", "--classes", "5"],
        "4-way and a 6-way task, not 5: pass 4 or 6",
    ),
    "parameter: no epoch at all": (_nothing, ["train", "new", "--epochs", "-1"], "--epochs is -1: give"),
    "parameter: a modality nobody has": (
        _nothing,
        ["train", "new", "--modalities", "audio,smell"],
        "--modalities is 'audio,smell': give some of audio,words,bert",
    ),
    "parameter: a segmenter nobody has": (
        _nothing,
        ["train", "new", "--segmenter", "axe"],
        "--segmenter is 'axe': choose one of jieba, char",
    ),
    "parameter: a column nobody reads": (
        _nothing,
        ["train", "new", "--text", "id"],
        "--text is 'id': choose one of text_asr, text",
    ),
    "parameter: vectors that are not here": (
        _nothing,
        ["train", "new", "--vectors", "no_such"],
        "'no_such' is not installed: run 'python -m spacy download",
    ),
    "parameter: an encoder that is not here": (
        _nothing,
        ["train", "new", "--bert", "no/such"],
        "'no/such' is not on this machine.*set bert to 'bundled'",
    ),
    "parameter: a speech model that is not here": (
        _nothing,
        ["train", "new", "--speech", "no/such"],
        "speech model 'no/such' is not on this machine",
    ),
    "parameter: a split nobody cuts": (
        _nothing,
        ["train", "new", "--split", "9/1"],
        "--split is '9/1': choose one of fitting, 8/1/1, speaker",
    ),
    "parameter: a table nobody made": (_nothing, ["table", "9"], "no table or study 9: choose"),
    "parameter: seeds in words": (_nothing, ["table", "3", "--seeds", "a,b"], "seeds 'a,b': give whole numbers"),
    "parameter: strict or not": (_nothing, [*MANIFEST, "--strict=maybe"], "--strict is 'maybe': give true or false"),
    "parameter: an option no loader has": (
        _nothing,
        [*MANIFEST, "--option", "speed=2"],
        "not read with speed.*leave it out",
    ),
    "parameter: a back-end nobody has": (
        _nothing,
        [*PREDICT[:4], "--backend", "sphinx"],
        "no Whisper back-end named 'sphinx': choose one of",
    ),
    "parameter: weights that are not here": (
        _nothing,
        [*PREDICT[:4], "--weights", "tiny"],
        "weights 'tiny' are not on this machine: put tiny.pt into.* fetches it., or say what is said with --text$",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing_behind(kind, place, tmp_path, monkeypatch, capsys):
    make, words, sentence = REFUSED[kind]
    make(place)
    before = contents(place)
    code, _, err = vcemo(words, monkeypatch, capsys)
    assert code == 2 and err.startswith("vcemo: ") and len(err.splitlines()) == 1, err
    assert re.search(sentence, err), err
    assert contents(place) == before
    assert sorted(p.name for p in place.iterdir()) == sorted({Path(n).parts[0] for n in before})
    assert kind.startswith("cache") or not (tmp_path / "cache" / "corpora.json").exists()
    assert not [*tmp_path.rglob("*.part")]
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path.parent / "evil").exists()


def test_one_pass_over_a_corpus_names_its_bad_clip_and_looks_at_the_others(place, monkeypatch, capsys):
    (place / "bad.wav").write_bytes(b"no sound")
    table(place, "".join(f"{n},{n}.wav,你好,sad,{n}\n" for n in ("good", "bad", "also")))
    code, out, err = vcemo(["corpus", "check", "manifest", "--root", "my.csv"], monkeypatch, capsys)
    assert code == 1
    assert err == ""
    assert re.search("^bad: bad: cannot read .*bad.wav.*: give wav, flac", out, re.MULTILINE)
    assert "2 of 3 clips can be used" in out
