"""The book: its map of the paper names things that there are, its links fit, and where a browser is, its pages work."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from vcemo_lib.paths import ROOT


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load(ROOT / "book" / "build.py")
MAP = yaml.safe_load((ROOT / "book" / "paper_map.yaml").read_text(encoding="utf-8"))
ROWS = [pytest.param(row, id=row["paper"]) for row in MAP["reproduced"]]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_map_names_a_cell_code_test_and_record_that_there_are(row):
    chapter, cell = row["cell"].split(":")
    notebook = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    assert cell in {c["id"] for c in notebook["cells"]}
    module, name = row["code"].rsplit(".", 1)
    assert hasattr(import_module(module), name)
    file, _, function = row["test"].partition("::")
    assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8") if function else (ROOT / file).is_file()
    assert "record" not in row or (ROOT / row["record"]).exists()


def test_the_map_names_every_table_and_figure_of_the_paper():
    said = " ".join(row["paper"] for row in MAP["reproduced"]) + " ".join(MAP["not_reproduced"])
    for name in ("Fig. 1", "Fig. 2", "Fig. 4", "Table 1", "Table 2", "Table 3", "Eq. 1"):
        assert name in said


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[splits](../vcemo_lib/data/splits.py)", "{py:mod}`splits <vcemo_lib.data.splits>`"),
        ("[`vcemo.py`](../vcemo_lib/models/vcemo.py)", "{py:mod}`vcemo.py <vcemo_lib.models.vcemo>`"),
        ("[next](01_the_corpus.ipynb#part)", "[next](01_the_corpus.ipynb#part)"),
        ("[trials](../results/TRIALS.md)", "[trials](../results/TRIALS.md)"),
        ("[a record](../results/whisper_base.json)", "a record"),
        ("[web](https://example.org)", "[web](https://example.org)"),
        ("![a drawing](../figures/drawings/queue.svg)", "![a drawing](../figures/drawings/queue.svg)"),
    ],
)
def test_links_of_a_chapter_fit_the_book(link, becomes):
    assert build.moved(link, ROOT / "notebooks") == becomes


def test_every_page_that_is_linked_or_listed_is_gathered(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "SOURCE", tmp_path / "source")
    build.gather()
    listed = (tmp_path / "source" / "chapters.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.stem}" in listed
    for page in (tmp_path / "source").rglob("*.md"):
        for name in re.findall(r"\]\((?![a-z]+:|#|//)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / name).exists(), f"{page.name} links {name}"


def test_folded_cells_and_preludes_are_folded_in_the_book():
    cells = [
        {"cell_type": "code", "metadata": {"tags": ["setup"]}, "source": ""},
        {"cell_type": "code", "metadata": {"jupyter": {"source_hidden": True, "outputs_hidden": True}}, "source": ""},
        {"cell_type": "code", "metadata": {}, "source": ""},
    ]
    tags = [cell["metadata"]["tags"] for cell in build.told({"cells": cells})["cells"]]
    assert tags == [["setup", "hide-input"], ["hide-input", "hide-output"], []]


BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
SITE = Path(build.SITE)


@pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine: pages are not opened")
@pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the book is not built: 'make book' first")
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_open_in_a_browser_without_an_error_and_fetch_nothing(width, tmp_path):
    pages = [
        "index.html",
        "paper_map.html",
        "search.html",
        *(f"notebooks/{p.stem}.html" for p in build.ROOT.glob("notebooks/*.ipynb")),
    ]
    opened = json.loads(
        subprocess.run(
            [sys.executable, str(ROOT / "tests" / "helpers" / "browser.py"), BROWSER, str(SITE), str(width), *pages],
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        ).stdout
    )
    for page, seen in opened.items():
        assert seen["errors"] == [], page
        assert seen["elsewhere"] == [], page
        assert seen["broken"] == [], page
        assert seen["wordless"] == [], page
        assert seen["overflow"] <= 2, f"{page} is wider than {width} px"
