"""Slides: cut by one rule from each chapter, few enough for a lecture, and none larger than the screen."""

import pytest
import slides
from browser import CHROMIUM, chromium, served

from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.paths import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
FIT = """(() => Reveal.getSlides().map(slide => {
  const at = Reveal.getIndices(slide); Reveal.slide(at.h, at.v);
  return [slide.scrollWidth, slide.scrollHeight, slide.textContent.trim().slice(0, 40)]; }))()"""


@EACH
def test_a_chapter_gives_eight_to_thirty_slides_without_code_or_answers(path):
    cells = slides.marked(read_notebook(path)).cells
    kinds = [cell.metadata.slideshow.slide_type for cell in cells]
    assert 8 <= len(kinds) - kinds.count("-") <= 30
    assert kinds[0] == "slide" and {"slide", "subslide", "-"} >= set(kinds)
    assert not any(cell.source for cell in cells if cell.cell_type == "code")
    assert not any("<details>" in cell.source for cell in cells)


@EACH
def test_every_section_and_figure_of_a_chapter_is_on_a_slide(path):
    notebook = read_notebook(path)
    cells = slides.marked(notebook).cells
    pictures = [o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    shown = [o for c in cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    assert [o.data for o in pictures] == [o.data for o in shown]
    heads = [c.source.partition("\n")[0] for c in notebook.cells if c.source.startswith("## ")]
    said = {c.source.partition("\n")[0] for c in cells}
    assert {head for head in heads if not slides.APART.match(head)} <= said


def test_a_slide_holds_a_heading_and_what_fits_below_it():
    text = "## One\n\n" + "a" * 300 + "\n\n<details><summary>Answer</summary>no</details>\n\n" + "b" * 300
    assert slides.short(text) == "## One\n\n" + "a" * 300
    assert slides.short("## One\n\n" + "a" * 900) == "## One\n\n" + "a" * 900  # a first paragraph is never lost


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: slides are not opened")
@pytest.mark.skipif(not slides.REVEAL, reason="reveal.js is not installed: 'make book' first")
def test_slides_fit_the_screen_and_fetch_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "SITE", tmp_path / "slides")
    assert slides.main() == 0
    with served(tmp_path / "slides") as home, chromium() as tab:
        tab.resize(1280, 720)
        for path in NOTEBOOKS:
            tab.visit(f"{home}{path.stem}.html")
            tab.until("window.Reveal && Reveal.isReady() && [...document.images].every(i => i.complete)")
            sizes = tab.ask(FIT)
            assert len(sizes) >= 8
            assert [size for size in sizes if size[0] > 1280 or size[1] > 720] == [], path.stem
            assert (tab.errors(), tab.asked_elsewhere(home)) == ([], [])
