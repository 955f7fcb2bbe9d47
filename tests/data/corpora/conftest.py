"""Each test of a corpus has a cache of its own, and may read a tiny copy of one."""

import layouts
import pandas as pd
import pytest

from vcemo_lib.data.corpora import load_corpus


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def make(tmp_path):
    """A tiny copy and the corpus read from it."""

    def make(name, write, **options):
        root = write(tmp_path / "copy") or tmp_path / "copy"
        return load_corpus(name, root, **options)

    return make


@pytest.fixture
def mixed(tmp_path):
    """A folder of sounds in nine formats, with a table."""
    pytest.importorskip("av", reason="the package av, which reads m4a, is not installed")
    for name, options in layouts.FORMATS.items():
        layouts.tone(tmp_path / name, seconds=0.5, **options)
    layouts.m4a(tmp_path / "a.m4a")
    names = [*layouts.FORMATS, "a.m4a"]
    frame = pd.DataFrame({"id": names, "audio": names, "text": "你好", "emotion": "happy", "speaker": "s"})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path
