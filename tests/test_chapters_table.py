"""The table of the chapters on the page for teachers is that of the committed notebooks."""

import importlib.util

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.run.plan import load_plan
from vcemo_lib.paths import ROOT

PLAN = load_plan()


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("chapters_table", ROOT / "tools" / "chapters_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_the_table(tool):
    """`python tools/chapters_table.py write` renews it."""
    assert tool.BLOCK.search(tool.PAGE.read_text(encoding="utf-8"))[0] == tool.table()


def test_every_chapter_kept_its_budget(tool):
    costs = tool.read_json(tool.COSTS)
    assert list(costs["seconds"]) == [spec.number for spec in PLAN.chapters]
    assert max(costs["seconds"].values()) < PLAN.seconds
    assert max(costs["megabytes"].values()) <= PLAN.megabytes


def test_words_are_counted_without_code_formulas_marks_and_addresses(tool):
    text = "## Two words\n\n| one | `x = 1` |\n|---|---|\n$a + b$ [three](to/a.md) <b>four</b> – ·\n\n    code = 1\n"
    assert tool.words(new_notebook(cells=[new_markdown_cell(text)])) == 5


def test_the_acoustic_branch_is_told_in_1800_words(tool):
    path = next(spec.path for spec in PLAN.chapters if spec.number == "05")
    assert tool.words(read_notebook(path)) <= 1800
