"""The rooms of the library: their map in the README, and the names that each lends."""

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vcemo_lib.paths import ROOT
from vcemo_lib.rooms import _modules, lend

spec = importlib.util.spec_from_file_location("library_map", ROOT / "tools" / "library_map.py")
library_map = importlib.util.module_from_spec(spec)
spec.loader.exec_module(library_map)
LENDING = ("audio", "text", "data", "models", "evaluation", "training", "inference", "experiments")


def test_the_readme_shows_the_rooms_in_their_own_words():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert library_map.BLOCK.search(readme)[0] == library_map.table()


def test_every_room_is_on_the_map():
    folders = {path.parent.name for path in (ROOT / "vcemo_lib").glob("*/__init__.py")}
    assert folders == set(library_map.ROOMS)


@pytest.mark.parametrize("room", LENDING)
def test_a_room_lends_every_class_and_function_that_one_module_defines(room):
    package = importlib.import_module(f"vcemo_lib.{room}")
    homes = {}
    for module in _modules(package.__file__):
        home = importlib.import_module(f"vcemo_lib.{room}.{module}")
        text = Path(home.__file__).read_text(encoding="utf-8")
        for name in re.findall(r"^(?:class|def) ([A-Za-z]\w*)", text, re.MULTILINE):
            homes.setdefault(name, []).append(module)
    for name, modules in homes.items():
        if len(modules) == 1:
            home = importlib.import_module(f"vcemo_lib.{room}.{modules[0]}")
            assert getattr(package, name) is getattr(home, name), f"{room} does not lend {name}"


def test_a_name_that_nobody_defines_or_two_modules_define_is_refused(tmp_path):
    (tmp_path / "one.py").write_text("TWICE = 1\n")
    (tmp_path / "two.py").write_text("TWICE = 2\n_HIDDEN = 3\n")
    lent, listed = lend("room", str(tmp_path / "__init__.py"))
    assert listed() == ["TWICE"]
    with pytest.raises(AttributeError, match="one and two define it"):
        lent("TWICE")
    for name in ("missing", "_HIDDEN"):
        with pytest.raises(AttributeError, match="no module of it defines it"):
            lent(name)


def test_asking_a_room_for_one_name_imports_one_module():
    program = (
        "import sys; from vcemo_lib.evaluation import scores;"
        "sys.exit(int('vcemo_lib.evaluation.figures' in sys.modules or 'torch' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0
