"""Names in a figure as they stand: `$` begins no formula, `_` hides no line, and Chinese characters have a font."""

from collections.abc import Iterable, Mapping
from functools import cache

from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from ..paths import ASSETS


@cache
def chinese_family() -> tuple[str, str]:
    """Font families that draw Latin letters as ever and Chinese characters too: pass them as `fontfamily`.

    Matplotlib's own font has no Chinese characters; the second comes with the course (assets/fonts).
    """
    path = ASSETS / "fonts" / "NotoSansCJKsc-common.otf"
    font_manager.fontManager.addfont(path)
    return "DejaVu Sans", font_manager.FontProperties(fname=path).get_name()


def as_text(names: Iterable) -> dict:
    """Options of matplotlib's texts under which these names are drawn as they stand."""
    latin = all(str(name).isascii() for name in names)
    return {"parse_math": False} | ({} if latin else {"fontfamily": chinese_family()})


def legend(owner: Axes | Figure, drawn: Mapping[str, Artist], **options) -> Legend:
    """A legend of what is drawn under each name, also under one that begins with _, which a `label` would hide."""
    for name, artist in drawn.items():
        artist.set_label(str(name))  # for who asks the axes what is drawn, as chapter 11 does
    made = owner.legend(list(drawn.values()), [str(name) for name in drawn], **options)
    for text in made.get_texts():
        text.set(**as_text([text.get_text()]))
    return made
