"""A chapter written as text becomes a notebook, and the same text again."""

import subprocess
import sys

import pytest

from vcemo_lib.course.check.author import main, to_notebook, to_text
from vcemo_lib.course.check.canonical import canonical
from vcemo_lib.errors import CourseError

TEXT = '''# %% [markdown] id=c04-title
r"""
# 04 · Title

A formula $x_1$ and `code`.
"""

# %% id=c04-parameters tags=parameters
seed: int = 0  # seed

# %% id=c04-answer tags=exercise,solution hidden
def answer():
    # a comment of the code
    return 42
'''


def test_text_becomes_cells():
    title, parameters, answer = to_notebook(TEXT).cells
    assert title.source == "# 04 · Title\n\nA formula $x_1$ and `code`."
    assert title.id == "c04-title"
    assert parameters.metadata == {"tags": ["parameters"]}
    assert parameters.outputs == []
    assert answer.metadata == {"tags": ["exercise", "solution"], "jupyter": {"source_hidden": True}}
    assert answer.source.endswith("return 42")


def test_commented_text_is_the_other_form():
    cell = to_notebook("# %% [markdown] id=c04-a\n# # Title\n#\n# Text with *stars*\n").cells[0]
    assert cell.source == "# Title\n\nText with *stars*"


@pytest.mark.parametrize("source", [TEXT, TEXT + '\n# %% [markdown] id=c04-q\n# quotes """ inside\n#\n# end\n'])
def test_there_and_back(source):
    notebook = to_notebook(source)
    assert canonical(to_notebook(to_text(notebook))) == canonical(notebook)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "Line 1 stands before"),
        ("# %% tags=a\n", "Line 1: the cell has no id"),
        ("# %% id=c04-a colour=red\n", "'colour=red' is unknown"),
        ("# %% [markdown] id=c04-a\nplain words\n", "Line 2: text cells"),
    ],
)
def test_mistakes_are_named_by_line(text, words):
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
