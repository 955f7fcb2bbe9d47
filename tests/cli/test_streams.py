"""What is printed arrives, in its encoding, or the command says that it did not."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from vcemo_lib.inference.model_folder import SHIPPED
from vcemo_lib.paths import ROOT

TEXT = "é😀 你好"


def vcemo(cache, *words, **how) -> subprocess.CompletedProcess:
    place = os.environ | {"PYTHONPATH": str(ROOT), "VCEMO_CACHE": str(cache), **how.pop("env", {})}
    command = [sys.executable, "-m", "vcemo_lib.cli", *map(str, words)]
    return subprocess.run(command, env=place, cwd=ROOT, stderr=subprocess.PIPE, check=False, **how)


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_what_programs_read_is_utf8_whatever_the_terminal_has(encoding, corpus, tmp_path):
    soundfile.write(tmp_path / "a.wav", corpus.wave(corpus.ids[0]), 16_000)
    words = ["predict", tmp_path / "a.wav", tmp_path / "none.wav", "--text", TEXT, "--text", ""]
    env = {"PYTHONIOENCODING": encoding}
    said = vcemo(tmp_path, *words, "--model", SHIPPED, "--json", env=env, stdout=subprocess.PIPE)
    problem, answer = (json.loads(line) for line in said.stdout.decode().splitlines())
    assert answer["text"] == TEXT and "no such audio file" in problem["error"]
    said = vcemo(tmp_path, *words, "--format", "csv", env=env, stdout=subprocess.PIPE)
    assert f",{TEXT}," in said.stdout.decode()


@pytest.mark.skipif(os.name == "nt", reason="a shell closes it")
def test_what_is_no_answer_stays_out_of_the_answers_where_stderr_is_closed(corpus, tmp_path):
    soundfile.write(tmp_path / "a.wav", corpus.wave(corpus.ids[0]), 16_000)
    words = ["predict", tmp_path / "a.wav", "--text", "", "--model", SHIPPED, "--json"]
    command = shlex.join([sys.executable, "-m", "vcemo_lib.cli", *map(str, words)]) + " 2>&-"
    place = os.environ | {"PYTHONPATH": str(ROOT), "VCEMO_CACHE": str(tmp_path)}
    said = subprocess.run(command, shell=True, env=place, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert [json.loads(line)["file"] for line in said.stdout.splitlines()] == [str(tmp_path / "a.wav")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux that is always full")
@pytest.mark.parametrize("words", [["corpus", "list"], ["--version"]])
def test_what_cannot_be_printed_is_said(words, tmp_path):
    with open("/dev/full", "wb") as full:
        said = vcemo(tmp_path, *words, stdout=full)
    assert said.returncode == 2
    assert said.stderr.decode().startswith("vcemo: what is printed cannot be written (No space left on device)")
    assert said.stderr.count(b"\n") == 1
