"""Pages read offline: pictures keep their words, links lead to where things are, formulas need no script."""

import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.pages.html import formula, html_page
from vcemo_lib.paths import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)

MARKDOWN = r"""# 00 · Title

See [next](01_the_corpus.ipynb#part), [code](../vcemo_lib/paths.py),
[web](https://example.org), [here](#title).
The loss $\mathcal{L} < 1$ and

$$ z = \frac{a}{b} $$

<details><summary>Hint</summary>folded</details>
"""


@pytest.fixture
def page(tmp_path):
    picture = new_output(
        "display_data",
        data={"image/png": "QUJD", "text/plain": 'A "line".'},
        metadata={"image/png": {"alt": 'A "line".'}},
    )
    table = new_output("display_data", data={"text/html": "<table><caption>C</caption></table>", "text/plain": "C"})
    code = new_code_cell(
        "x = 1",
        id="c00-b",
        execution_count=1,
        outputs=[picture, table],
        metadata={"jupyter": {"source_hidden": True}},
    )
    notebook = new_notebook(cells=[new_markdown_cell(MARKDOWN, id="c00-a"), code])
    return html_page(notebook, "Title & more", tmp_path / "notebooks", tmp_path / "runs" / "tiny" / "html")


def test_words_of_pictures_survive(page):
    assert """<img alt='A "line".' src="data:image/png;base64,QUJD"/>""" in page
    assert "<caption>C</caption>" in page
    assert "<title>Title &amp; more</title>" in page


def test_drawings_are_inside_the_page(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "figure.svg").write_text("<svg/>")
    notebook = new_notebook(cells=[new_markdown_cell("![A drawing](../figure.svg)", id="c00-a")])
    page = html_page(notebook, "Title", tmp_path / "notebooks", tmp_path / "runs")
    (image,) = re.findall(r"<img[^>]*>", page)
    assert 'alt="A drawing"' in image and 'src="data:image/svg+xml;base64,PHN2Zy8+"' in image


def test_links_fit_the_place_of_the_page(page):
    assert 'href="01_the_corpus.html#part"' in page
    assert 'href="../../../vcemo_lib/paths.py"' in page
    assert 'href="https://example.org"' in page
    assert 'href="#title"' in page
    assert 'href="../index.html"' in page


def test_nothing_is_fetched(page):
    for word in ("<script", "<link", "@import", 'src="http', 'src="//'):
        assert word not in page


def test_folded_code_is_folded_and_ids_are_anchors(page):
    assert '<details class="folded"><summary>Show the code</summary>' in page
    assert page.count('id="cell-id=c00-b"') == 1
    assert "<summary>Hint</summary>" in page


def test_formulas(page):
    assert "$$" not in page
    assert r"$\mathcal" not in page
    assert formula("x_1", block=True).startswith("<math")
    assert page.count("<math") == 2
    assert "<mtable" in formula(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", block=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_of_the_course_is_drawn(path, tmp_path):
    text = [cell for cell in read_notebook(path).cells if cell.cell_type == "markdown"]
    page = html_page(new_notebook(cells=text), "T", path.parent, tmp_path)
    drawn = re.findall(r"<math.*?</math>", page, re.DOTALL)
    asked = sum(len(FORMULA.findall(CODE.sub("", cell.source))) for cell in text)
    assert len(drawn) == asked
    assert not any("\\" in formula for formula in drawn)


def test_the_page_is_one_file(page):
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert "<style>" in page
    assert "font:" in page
    assert str(Path.home()) not in page
