"""The committed drawings are what their code draws, are well-formed, and have words for those who do not see them."""

from xml.etree import ElementTree

import pytest

from tools.pictures.__main__ import FOLDER, drawings
from tools.pictures.system import BOXES, LIT
from vcemo_lib.paths import ROOT

MADE = drawings()
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", MADE)
def test_a_committed_drawing_is_what_its_code_draws(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == MADE[name]


def test_no_drawing_is_left_over():
    assert {path.name for path in FOLDER.iterdir()} == set(MADE)


@pytest.mark.parametrize("name", MADE)
def test_a_drawing_has_a_title_words_and_nothing_outside_its_sheet(name):
    root = ElementTree.fromstring(MADE[name])
    assert root.find(f"{SVG}title").text and len(root.find(f"{SVG}desc").text) > 80
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.get(key, 0)) for key in ("x", "y", "width", "height"))
        assert 0 <= x and x + w <= width and 0 <= y and y + h <= height


def test_every_part_is_lit_in_some_chapter_and_every_chapter_lights_known_parts():
    parts = {part for lit in LIT.values() for part in lit.split()}
    assert parts == set(BOXES)


def test_every_chapter_has_its_drawing():
    chapters = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert chapters <= set(LIT)
