"""Minutes of a chapter: its words at 200 a minute, its exercises as their headings say."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from vcemo_lib.course.pages.minutes import minutes


def test_minutes_of_text_and_of_exercises():
    cells = [new_markdown_cell("word " * 590), new_code_cell("x = 1  # " + "word " * 900)]
    assert minutes(new_notebook(cells=cells)) == (3, 0)
    cells += [new_markdown_cell(f"## Exercise 7.{n} ★ ({n} minutes, predict): how many") for n in (5, 10)]
    assert minutes(new_notebook(cells=cells)) == (3, 15)
