"""Imports go one way through the rooms, and the gate that says so can fail."""

import importlib.util

import pytest

from vcemo_lib.paths import ROOT

spec = importlib.util.spec_from_file_location("check_imports", ROOT / "tools" / "check_imports.py")
check_imports = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_imports)


def test_the_library_keeps_the_order():
    assert check_imports.problems(ROOT) == []


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        ("data/labels.py", "from ..models.vcemo import VcemoModel", "imports models, which stands below data"),
        ("data/labels.py", "def f():\n    from vcemo_lib import training", "imports training"),
        ("data/corpora/nemo.py", "import vcemo_lib.models.vcemo", "imports models"),
        ("data/corpora/nemo.py", "from ... import cli", "imports cli"),
        ("course/run.py", "from ..data.labels import EMOTIONS", "course may only import"),
        ("oddments.py", "", "oddments has no place in ORDER"),
        ("data/labels.py", "from ..oddments import x", "oddments"),
    ],
)
def test_every_wrong_direction_is_caught(tmp_path, file, code, words):
    path = tmp_path / "vcemo_lib" / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    (tmp_path / "vcemo_lib" / "__init__.py").write_text("")
    if file != "oddments.py":
        (tmp_path / "vcemo_lib" / "oddments.py").write_text("")
    assert any(words in line for line in check_imports.problems(tmp_path))


@pytest.mark.parametrize("code", ["from ..paths import ROOT", "from ..data.labels import X", "import numpy"])
def test_right_directions_pass(tmp_path, code):
    path = tmp_path / "vcemo_lib" / "models" / "vcemo.py"
    path.parent.mkdir(parents=True)
    path.write_text(code)
    assert check_imports.problems(tmp_path) == []
