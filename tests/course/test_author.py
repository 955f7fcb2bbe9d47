"""A chapter written as text becomes a notebook, and the same text again."""

import subprocess
import sys

import pytest

from vcemo_lib.course.check.author import main, to_notebook, to_text
from vcemo_lib.course.check.canonical import canonical
from vcemo_lib.course.notebook.reading import code_cells, read_notebook
from vcemo_lib.errors import CourseError
from vcemo_lib.paths import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

TEXT = '''# %% c04-title [markdown]
r"""
# 04 · Title

A formula $x_1$ and `code`.
"""

# %% c04-parameters tags=["parameters"]
seed: int = 0  # seed


# %% c04-answer jupyter={"source_hidden": true} tags=["exercise", "solution"]
def answer():
    # a comment of the code
    return 42
'''
QUOTES = '''
# %% c04-q [markdown]
# quotes """ inside
#
# end

# %% c04-magic
# %matplotlib inline
'''


def test_text_becomes_cells():
    title, parameters, answer = to_notebook(TEXT).cells
    assert title.source == "# 04 · Title\n\nA formula $x_1$ and `code`."
    assert title.id == "c04-title"
    assert parameters.id == "c04-parameters"
    assert parameters.metadata["tags"] == ["parameters"]
    assert parameters.outputs == []
    assert answer.metadata["tags"] == ["exercise", "solution"]
    assert answer.metadata["jupyter"] == {"source_hidden": True}
    assert answer.source.endswith("return 42")


def test_commented_text_is_the_other_form():
    cell = to_notebook("# %% c04-a [markdown]\n# # Title\n#\n# Text with *stars*\n").cells[0]
    assert cell.source == "# Title\n\nText with *stars*"


@pytest.mark.parametrize("source", [TEXT, TEXT + QUOTES])
def test_there_and_back(source):
    notebook = to_notebook(source)
    assert to_text(notebook) == source
    assert canonical(to_notebook(to_text(notebook))) == canonical(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_chapter_survives_as_text(path):
    notebook = read_notebook(path)
    for cell in code_cells(notebook):
        cell.update(outputs=[], execution_count=None)
    assert canonical(to_notebook(to_text(notebook))) == canonical(notebook)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n# %% c04-a\n", "Cell 1 has the id ''"),
        ('# %% c04-a\n# %% tags=["a"]\n1', "Cell 2 has the id ''"),
        ('# %% c04-a colour="red"\n', "colour"),
        ("# %% two words\n", "'two words'"),
    ],
)
def test_mistakes_are_named_by_cell(text, words):
    with pytest.raises(CourseError, match=words):
        to_notebook(text)


def test_the_command_converts_both_ways_and_refuses_the_rest(tmp_path):
    first, notebook, second = (str(tmp_path / name) for name in ("a.py", "a.ipynb", "b.py"))
    (tmp_path / "a.py").write_text(TEXT, encoding="utf-8")
    assert main([first, notebook]) == main([notebook, second]) == 0
    assert (tmp_path / "b.py").read_text(encoding="utf-8") == TEXT
    command = [sys.executable, "-m", "vcemo_lib.course.check.author", first, second]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "direction" in refused.stderr
