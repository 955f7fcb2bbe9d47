"""A working folder to ask bad things in, and what a refusal must be."""

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from small import CARD

from vcemo_lib import cli
from vcemo_lib.inference.bundle import save_bundle
from vcemo_lib.models.registry import build_model


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
    tone = (0.2 * np.sin(2 * np.pi * 220 * np.arange(8_000) / 16_000)).astype(np.float32)
    for name in ("good.wav", "also.wav"):
        soundfile.write(here / name, tone, 16_000)
    (here / "my.csv").write_text("id,audio,text,emotion,speaker\na,good.wav,你好,happy,s\n", encoding="utf-8")
    shutil.copytree(model, here / "model")
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def vcemo(monkeypatch, capsys):
    """Run the command as a shell does; exit code, stdout and stderr."""

    def run(words: list[str]) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["vcemo", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        return ended.value.code or 0, shown.out, shown.err

    return run


@pytest.fixture
def contents():
    """What a folder holds: each file below it, by its path from there."""
    return lambda here: {str(path.relative_to(here)): path.read_bytes() for path in here.rglob("*") if path.is_file()}


@pytest.fixture
def refused(place, vcemo, tmp_path, contents):
    """Ask, and hold the answer: exit code 2, one sentence on stderr, and nothing is there that was not before."""

    def ask(command: str | list[str], sentence: str) -> None:
        listed = tmp_path / "cache" / "corpora.json"
        before, was_listed = contents(place), listed.exists()
        code, _, err = vcemo(command.split() if isinstance(command, str) else command)
        assert code == 2 and err.startswith("vcemo: ") and len(err.splitlines()) == 1, err
        assert re.search(sentence, err), err
        assert contents(place) == before
        assert sorted(p.name for p in place.iterdir()) == sorted({Path(n).parts[0] for n in before})
        assert listed.exists() == was_listed
        assert not [*tmp_path.rglob("*.part")]
        assert not (tmp_path / "evil").exists()
        assert not (tmp_path.parent / "evil").exists()

    return ask
