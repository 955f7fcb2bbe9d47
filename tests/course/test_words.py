"""What figures and tables of the chapters say: the words of the two files, and no others."""

import re
from string import Formatter

import pytest

from vcemo_lib.course.notebook import words
from vcemo_lib.course.notebook.reading import code_cells, read_notebook
from vcemo_lib.course.notebook.words import figure_words, table_caption, table_words
from vcemo_lib.course.run.plan import load_plan
from vcemo_lib.errors import CourseError


def test_a_caption_is_filled_with_its_values(monkeypatch):
    kept = {"04": {"rates": "Of {n:,} clips, {share:.2f} right."}}
    monkeypatch.setattr(words, "table_words", lambda: kept)
    assert table_caption("04", "rates", {"n": 1200, "share": 1 / 3}) == "Of 1,200 clips, 0.33 right."
    with pytest.raises(CourseError, match=r"no table 'other' of chapter 04 \(it has rates\);"):
        table_caption("04", "other", {})
    with pytest.raises(CourseError, match=r"no table 'rates' of chapter 05 \(it has none\);"):
        table_caption("05", "rates", {})
    for values in ({"n": 1}, {"n": 1, "share": 0.5, "more": 2}):
        with pytest.raises(CourseError, match=r"takes the values \['n', 'share'\], and the call gives \['"):
            table_caption("04", "rates", values)


def test_every_committed_figure_says_the_words_of_the_file_and_the_file_no_others():
    said = {}
    for spec in load_plan().chapters:
        outputs = [output for cell in code_cells(read_notebook(spec.path)) for output in cell.outputs]
        for picture, below in zip(outputs, outputs[1:], strict=False):
            if number := re.match(
                r"Figure (\d+\.\d+)\. (.*)", str(below.get("data", {}).get("text/plain", "")), re.DOTALL
            ):
                said[number[1]] = {"alt": picture["data"]["text/plain"], "caption": number[2]}
    kept = figure_words()
    assert len(said) > 50
    assert {number: {name: said[number][name] for name in words} for number, words in kept.items()} == kept


def test_every_committed_table_says_the_words_of_the_file_and_the_file_no_others():
    for spec in load_plan().chapters:
        notebook = read_notebook(spec.path)
        code = "".join(cell.source for cell in code_cells(notebook))
        texts = [output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs]
        said = [data["text/plain"].split("\n")[0] for data in texts if "<caption>" in data.get("text/html", "")]
        known = {name: pattern_of(caption) for name, caption in table_words().get(spec.number, {}).items()}
        unknown = [caption for caption in said if not any(pattern.fullmatch(caption) for pattern in known.values())]
        unused = [name for name in known if f'name="{name}"' not in code]
        assert (spec.number, unknown, unused) == (spec.number, [], [])


def pattern_of(caption):
    """Matches what a caption may say, whatever its values."""
    return re.compile("".join(re.escape(said) + ".+" * bool(value) for said, value, *_ in Formatter().parse(caption)))
