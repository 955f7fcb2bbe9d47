"""Imports point up the list of modules, and the gate that says so can fail."""

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
        ("labels.py", "from .model import VcemoModel", "imports model, which stands below labels"),
        ("labels.py", "def f():\n    from vcemo_lib import train", "imports train"),
        ("corpora/nemo.py", "import vcemo_lib.features", "imports features"),
        ("corpora/nemo.py", "from .. import cli", "imports cli"),
        ("course/run.py", "from ..labels import EMOTIONS", "course may only import paths"),
        ("oddments.py", "", "oddments has no place in ORDER"),
        ("labels.py", "from .oddments import x", "oddments"),
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


@pytest.mark.parametrize("code", ["from .paths import ROOT", "from ..labels import X", "import numpy"])
def test_right_directions_pass(tmp_path, code):
    path = tmp_path / "vcemo_lib" / ("corpora/nemo.py" if ".." in code else "model.py")
    path.parent.mkdir(parents=True)
    path.write_text(code)
    assert check_imports.problems(tmp_path) == []
