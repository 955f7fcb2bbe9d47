"""The doctor names what is missing and the cure, and fails only for what is required."""

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

from vcemo_lib.cli.doctor import Line, packages, read_pins, run_doctor
from vcemo_lib.paths import ROOT

doctor = sys.modules["vcemo_lib.cli.doctor"]  # in its package that name is the command


def lock(tmp_path, text):
    path = tmp_path / "requirements.lock"
    path.write_text(text)
    return path


def test_pins_are_read_with_their_markers(tmp_path):
    text = '# made by a tool\na==1.0 \\\n    --hash=sha256:00\nb[x]==2.0 ; sys_platform == "never" \\\n'
    text += "c==3.0\n    # via a\n"
    assert read_pins(lock(tmp_path, text)) == {"a": "1.0", "c": "3.0"}
    assert len(read_pins(ROOT / "requirements.lock")) > 100


def test_packages_against_pins(tmp_path):
    there, pins = packages(lock(tmp_path, f"numpy=={version('numpy')}\npandas==0.1\nno-such-package==1.0\n"))
    assert not there.ok
    assert there.required
    assert "no-such-package" in there.status
    assert "make course" in there.cure
    assert not pins.ok
    assert not pins.required
    assert "pandas" in pins.status
    assert "pinned 0.1" in pins.status
    assert all(line.ok for line in packages(lock(tmp_path, f"numpy=={version('numpy')}\n")))
    assert not next(packages(tmp_path / "none")).ok


def test_this_machine_can_write_and_read_the_sounds_of_the_course():
    lines = {line.name: line for line in doctor.sound()}
    assert lines["libsndfile MP3"].ok
    assert lines["libsndfile Opus"].ok


def test_a_broken_sound_library_is_a_line_not_a_crash(monkeypatch):
    def broken(*_):
        raise RuntimeError("no encoder")

    monkeypatch.setattr(doctor, "sound_round_trip", broken)
    line = next(doctor.sound())
    assert not line.ok
    assert line.required
    assert "no encoder" in line.status
    assert "soundfile" in line.cure


def test_shipped_files(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "DATA", tmp_path / "data")
    monkeypatch.setattr(doctor, "ASSETS", tmp_path / "assets")
    assert [line.ok for line in doctor.shipped()] == [False, False]
    for name in ("data/vcemo_sim/part-0.parquet", "assets/bert/model.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"x")
    assert [line.ok for line in doctor.shipped()] == [True, True]


def test_pretrained_models_are_found_where_their_tools_keep_them(monkeypatch, tmp_path):
    for name in ("VCEMO_CACHE", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    cached = {
        "whisper weights": ("XDG_CACHE_HOME/whisper/base.pt",),
        "faster-whisper base": hub_files("Systran--faster-whisper-base", "model.bin"),
        "BERT of the hub": hub_files("google-bert--bert-base-chinese", "config.json", "model.safetensors"),
        "speech models": hub_files("facebook--wav2vec2-base", "config.json", "pytorch_model.bin"),
        "word2vec, GloVe, npy": ("VCEMO_CACHE/vectors/glove.txt",),
    }
    before = {line.name: line for line in doctor.encoders()}
    assert not any(before[name].ok for name in cached)
    for path in (path for paths in cached.values() for path in paths):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("{}")
    after = {line.name: line for line in doctor.encoders()}
    assert all(after[name].ok for name in cached)
    assert [name for name in after if after[name].ok != before[name].ok] == list(sorted(cached, key=list(after).index))


def hub_files(repository, *names):
    return [f"HF_HUB_CACHE/models--{repository}/snapshots/1/{name}" for name in names]


def encoder(name):
    return next(line for line in doctor.encoders() if line.name == name)


def test_a_model_without_its_weights_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--facebook--wav2vec2-base" / "snapshots" / "1"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    line = encoder("speech models")
    assert not line.ok
    assert line.status == "none; without weights: facebook/wav2vec2-base"
    assert "hf download NAME" in line.cure
    assert "meanwhile" in line.cure
    (folder / "model.safetensors").write_text("{}")
    line = encoder("speech models")
    other = "'hf download TencentGameMate/chinese-hubert-base' where there is a network"
    assert line.ok
    assert line.status == f"facebook/wav2vec2-base; more by {other}"


def test_models_of_which_any_will_do_are_one_line_that_names_them_all(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    lines = list(doctor.encoders())
    for known in (doctor.SENTENCES, doctor.SPEECH, doctor.SPACY):
        assert sum(any(name in line.text() for name in known) for line in lines) == 1
        assert any(all(name in line.text() for name in known) and "NAME" in line.text() for line in lines)


def test_every_kind_of_encoder_is_listed():
    lines = {line.name: line for line in doctor.encoders()}
    for name in (
        "whisper weights",
        "faster-whisper",
        "faster-whisper base",
        "word vectors bundled",
        "spaCy vectors",
        "word2vec, GloVe, npy",
        "BERT bundled",
        "BERT of the hub",
        "speech models",
        "onnx",
        "onnxruntime",
        "datasets",
    ):
        assert lines[name].cure and not lines[name].required, name
    assert lines["word vectors bundled"].ok
    assert lines["BERT bundled"].ok


def test_every_optional_line_has_a_cure():
    looks = (doctor.encoders, doctor.kernel)
    lines = [line for look in looks for line in look()]
    assert all(line.cure and not line.required for line in lines)


def test_corpora_that_moved_and_a_damaged_list_of_them_are_lines(monkeypatch, tmp_path):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))
    assert list(doctor.added_corpora()) == []
    places = {"nemo": {"root": str(tmp_path / "gone")}, "cped": {"root": str(tmp_path)}, "esd": {"told": True}}
    (tmp_path / "corpora.json").write_text(json.dumps(places))
    assert {line.name: line.ok for line in doctor.added_corpora()} == {
        "corpus nemo": False,
        "corpus cped": True,
    }
    for damaged in ("{", "[]", '{"nemo": 1}', '{"nemo": "root"}'):
        (tmp_path / "corpora.json").write_text(damaged)
        assert "is damaged" in next(doctor.added_corpora()).status


def test_a_gpu_is_found_without_torch_and_only_where_torch_can_use_it(monkeypatch, tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho H100\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(doctor, "versions", lambda names: dict.fromkeys(names, "2.0+cu130"))
    assert next(doctor.gpu()).status == "H100"
    monkeypatch.setattr(doctor, "versions", lambda names: dict.fromkeys(names, "2.0+cpu"))
    assert not next(doctor.gpu()).ok


def test_the_doctor_loads_no_torch():
    program = "import sys; from vcemo_lib.cli.doctor import run_doctor; run_doctor(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(("required", "code"), [(True, 1), (False, 0)])
def test_only_what_is_required_fails(monkeypatch, capsys, required, code):
    looks = (lambda: [Line("a", True, "here", "never"), Line("thing", False, "gone", "buy one", required)],)
    monkeypatch.setattr(doctor, "LOOKS", looks)
    assert run_doctor() == code
    printed = capsys.readouterr().out
    assert "thing" in printed
    assert "→ buy one" in printed
    assert "never" not in printed


def test_what_is_required_stands_first_and_what_is_not_is_not_called_missing(monkeypatch, capsys):
    looks = (lambda: [Line("a", False, "none"), Line("b", True, "here", required=True)],)
    monkeypatch.setattr(doctor, "LOOKS", looks)
    assert run_doctor() == 0
    assert capsys.readouterr().out.splitlines() == [
        "required",
        "  ok      b  here",
        "optional: the course runs without what is marked no",
        "  no      a  none",
        "all that is required is here",
    ]


def test_of_a_wheel_what_it_asks_for_is_looked_at_and_no_corpus_is_missed(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "IS_CHECKOUT", False)
    monkeypatch.setattr(doctor, "DATA", tmp_path)
    asked = [
        "numpy>=2.0",
        "pandas<1",
        "no-such-package>=1",
        'other>=1; extra == "asr"',
        'never; sys_platform == "never"',
    ]
    monkeypatch.setattr(doctor, "requires", lambda name: asked)
    (line,) = packages()
    assert not line.ok and line.required
    assert line.status.startswith("1 of 3 as asked; not: pandas") and "no-such-package (asked >=1)" in line.status
    monkeypatch.setattr(doctor, "requires", lambda name: asked[:1])
    assert next(packages()).ok
    lines = {line.name: line for line in doctor.shipped()}
    assert not lines["shipped corpus"].required and "corpus of your own" in lines["shipped corpus"].cure
    assert lines["shipped encoders"].ok
    chapters = next(line for line in doctor.machine() if line.name == "chapters can run")
    assert not chapters.ok and "clone" in chapters.cure


def test_where_chapters_can_run_is_said(monkeypatch):
    def line():
        return next(line for line in doctor.machine() if line.name == "chapters can run")

    assert line().ok
    monkeypatch.setattr(sys, "platform", "win32")
    assert not line().ok and "WSL" in line().cure


def test_a_cache_that_takes_no_files_is_missing(monkeypatch, tmp_path):
    lines = [line for line in doctor.machine() if line.name == "cache"]
    (tmp_path / "file").touch()
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "file" / "cache"))
    lines += [line for line in doctor.machine() if line.name == "cache"]
    assert [line.ok for line in lines] == [True, False]
    assert lines[1].required
    assert "VCEMO_CACHE" in lines[1].cure
