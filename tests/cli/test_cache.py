"""`vcemo cache`: sizes, damage named with its cure, and leftovers removed without touching what is in use."""

import re
import subprocess
import sys

import numpy as np
import pytest
from filelock import FileLock
from typer.testing import CliRunner

from vcemo_lib import cli, paths
from vcemo_lib.cli import app
from vcemo_lib.data.array_cache import cached
from vcemo_lib.data.corpora import added
from vcemo_lib.data.transcripts import Store
from vcemo_lib.disk import StorageError
from vcemo_lib.storage import unfinished_name


@pytest.fixture
def filled(tmp_path, monkeypatch):
    """A cache with features, transcripts, a list of corpora."""
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))
    cached("mel", "k", lambda: [np.ones((1000, 80))])
    Store({"weights": "x"}).add({"0" * 64: "你好"}, 1.0)
    added.remember("nemo", tmp_path, {})
    return tmp_path


def said(*words, code=0):
    result = CliRunner().invoke(app, ["cache", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_size_names_each_kind_and_the_place(filled):
    lines = said("size").splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["asr", "features", "lists"]
    assert lines[1].split()[1:] == ["3", "files", "0.2", "MB"]
    assert lines[-1] == f"0.2 MB in {filled}"


def test_verify_names_what_is_damaged_and_the_cure(filled):
    assert said("verify") == "0 of 3 things in the cache are damaged\n"
    for path in (filled / "features/mel/k/values.npy", filled / "corpora.json", next(filled.glob("asr/*/texts.jsonl"))):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    text = said("verify", code=1)
    assert text.endswith("3 of 3 things in the cache are damaged\n")
    assert "features/mel/k: it is made anew when it is needed" in text
    assert "corpora.json: delete it and add the corpora again" in text
    assert "texts.jsonl: 1 transcripts; 'vcemo corpus transcribe' hears those clips again" in text
    assert "1 removed, 0.2 MB" in said("clean")
    assert "2 of 2 things" in said("verify", code=1)


def test_clean_removes_what_a_killed_process_left_and_nothing_in_use(filled):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = unfinished_name(filled / "features/mel/x")
    left = mine.with_name(mine.name.replace(f".{mine.name.split('.')[2].split('-')[0]}-", f".{gone.pid}-"))
    for folder in (mine, left):
        folder.mkdir()
        (folder / "values.npy").write_bytes(b"x" * 1_000_000)
    (filled / "free.lock").touch()
    with FileLock(filled / "held.lock"):
        assert said("clean") == "2 removed, 1.0 MB\n"
        assert (filled / "held.lock").exists()
    assert mine.exists() and not left.exists() and not (filled / "free.lock").exists()
    assert said("verify").startswith("0 of 3")
    said("clean", "--features")
    assert said("verify").startswith("0 of 2")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device", "/x/y"), "vcemo: /x/y cannot be written, the disk is full .*VCEMO_CACHE"),
        (OSError(30, "Read-only file system", "/x/y"), "vcemo: /x/y cannot be opened or written .Read-only.*VCEMO_CACHE"),
        (PermissionError(13, "Permission denied", "/x"), "vcemo: /x cannot be opened .*permissions"),
        (MemoryError(), "vcemo: there is not enough memory: .*--jobs 1"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "not enough memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "not enough memory.*batch_size"),
    ],
)  # fmt: skip
def test_disk_and_memory_reach_the_user_as_one_sentence(error, sentence, monkeypatch, capsys):
    def fails():
        raise error

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(SystemExit) as end:
        cli.main()
    err = capsys.readouterr().err
    assert end.value.code == 2 and len(err.splitlines()) == 1
    assert re.search(sentence, err), err


def test_a_fault_of_the_code_keeps_its_traceback(monkeypatch):
    def fails():
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(RuntimeError, match="shapes differ"):
        cli.main()


@pytest.mark.parametrize(
    ("name", "value", "place"), [("VCEMO_CACHE", "~/here", "here"), ("XDG_CACHE_HOME", "", ".cache")]
)
def test_a_home_in_a_variable_is_the_users(name, value, place, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert (paths.cache_dir() if name == "VCEMO_CACHE" else paths.home_cache()) == tmp_path / place


@pytest.mark.parametrize("cache", ["file", "file/in/it"])
@pytest.mark.parametrize("command", ["predict x.wav --text 好", "run 04", "corpus list", "cache size"])
def test_a_cache_that_is_a_file_is_refused_before_anything_is_begun(command, cache, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / cache))
    asked = CliRunner().invoke(app, command.split())
    assert isinstance(asked.exception, StorageError), asked.output
    assert str(asked.exception).startswith(f"{tmp_path / 'file'} is a file, and the cache is a folder: set VCEMO_CACHE")
    assert "MISSING cache" in CliRunner().invoke(app, ["doctor"]).output
