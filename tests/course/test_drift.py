"""A notebook that no longer says what a run gives is found; one that differs within tolerance is not."""

import base64
import io

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from vcemo_lib.course.check.check import table_lines
from vcemo_lib.course.check.drift import compare, same_number
from vcemo_lib.course.notebook import media


def picture(shift: float = 0.0, size: int = 20) -> str:
    grey = np.linspace(0, 0.8, size * size).reshape(size, size) + shift
    target = io.BytesIO()
    Image.fromarray((grey * 255).astype("uint8")).save(target, format="PNG")
    return base64.b64encode(target.getvalue()).decode()


def sound(gain: float = 1.0, seconds: float = 0.5) -> str:
    wave = 0.3 * gain * np.sin(np.arange(int(16000 * seconds)) / 15)
    encoded = base64.b64encode(media.mp3_bytes(wave, 16000)).decode()
    return f'<audio src="data:audio/mpeg;base64,{encoded}"></audio><p>0.5 s</p>'


def chapter(text="accuracy 0.6123 of 40", png=None, html=None, source="print(x)", extra=0, count=1, title="# T"):
    outputs = [new_output("stream", name="stdout", text=text)]
    outputs += [new_output("display_data", data={"image/png": png or picture(), "text/plain": "alt"})]
    outputs += [new_output("display_data", data={"text/html": html or sound(), "text/plain": "alt"})]
    outputs += [new_output("stream", name="stdout", text="more")] * extra
    code = new_code_cell(source, id="c00-body", execution_count=count, outputs=outputs if count else [])
    return new_notebook(cells=[new_markdown_cell(title, id="c00-title"), code])


def kinds(fresh, committed=None):
    return [difference.kind for difference in compare(committed or chapter(), fresh)]


def test_the_same_content_has_no_drift():
    assert compare(chapter(), chapter()) == []


@pytest.mark.parametrize(
    "fresh",
    [
        dict(text="accuracy 0.6127 of 40"),
        dict(png=picture(0.004)),
        dict(html=sound(1.01)),
        dict(count=7),
    ],
)
def test_what_is_within_tolerance_is_no_drift(fresh):
    assert kinds(chapter(**fresh)) == []


@pytest.mark.parametrize(
    ("fresh", "kind"),
    [
        (dict(text="accuracy 0.6223 of 40"), "numbers (1 of 2)"),
        (dict(text="accuracy 0.6123 of 41"), "numbers (1 of 2)"),
        (dict(text="Accuracy 0.6123 of 40"), "words"),
        (dict(text="accuracy 0.6123 of 40\nwell"), "words"),
        (dict(text="accuracy -0.6123 of 40"), "numbers (1 of 2)"),
        (dict(png=picture(0.05)), "picture"),
        (dict(png=picture(size=21)), "size of picture"),
        (dict(html=sound(0.5)), "sound"),
        (dict(html=sound(seconds=0.7)), "size of sound"),
        (dict(html=sound().replace("0.5 s", "0.5 sec")), "words"),
        (dict(extra=1), "outputs"),
        (dict(source="print(y)"), "source"),
        (dict(title="# Another"), "source"),
        (dict(count=None), "outputs"),
    ],
)
def test_what_is_not_is_found(fresh, kind):
    assert kinds(chapter(**fresh)) == [kind]


def test_cells_added_or_lost_are_found():
    fresh = chapter()
    fresh.cells.append(new_markdown_cell("more", id="c00-more"))
    assert kinds(fresh) == ["cells"]
    assert kinds(chapter(), committed=fresh) == ["cells"]


def test_an_output_of_another_kind_is_found():
    fresh = chapter()
    fresh.cells[1].outputs[1].data["text/html"] = "<p>new</p>"
    assert kinds(fresh) == ["outputs"]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("0.5000", "0.5004", True),
        ("0.5", "0.501", False),
        ("0.0", "-0.0000001", True),
        ("1e-3", "0.001", True),
        ("12", "13", False),
        ("12", "12.001", True),
        ("1000000", "1000001", False),
    ],
)
def test_numbers(old, new, same):
    assert same_number(old, new) is same


def test_the_table_names_cell_and_both_sides():
    lines = table_lines({"00": compare(chapter(), chapter(text="accuracy 0.7 of 40")), "01": []})
    assert lines[0].split() == ["chapter", "cell", "what", "committed", "fresh"]
    assert "c00-body" in lines[1]
    assert "0.6123" in lines[1]
    assert "0.7" in lines[1]
    assert lines[2].split() == ["01", "as", "committed"]
