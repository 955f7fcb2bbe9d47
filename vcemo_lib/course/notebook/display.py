"""What a notebook shows besides text: one bundle for a figure, a sound or a table.

Each bundle carries its words three times, because each viewer reads another place: `text/plain` (VS Code,
terminals), the metadata of the picture (nbconvert) and visible HTML (JupyterLab).
"""

from base64 import b64encode
from html import escape
from typing import Any

from ...errors import CourseError
from .glosses import items

Bundle = dict[str, Any]


def figure_bundles(png: bytes, number: str, alt: str, caption: str) -> list[tuple[Bundle, Bundle]]:
    """The picture and the visible caption below it, as (data, metadata) pairs."""
    picture = {"image/png": b64encode(png).decode(), "text/plain": alt}
    words = (
        f'<p class="figure-caption"><b>Figure {escape(number)}.</b> {escape(caption)}</p>'
        f"<details><summary>Figure {escape(number)} in words</summary><p>{escape(alt)}</p></details>"
    )
    plain = f"Figure {number}. {caption}"
    return [(picture, {"image/png": {"alt": alt}}), ({"text/html": words, "text/plain": plain}, {})]


def sound_bundle(mp3: bytes, seconds: float, words: dict[str, str]) -> Bundle:
    """An HTML player that loads nothing until it is pressed, with its words, where there are any, below it."""
    label = f"Sound, {seconds:.1f} s"
    player = (
        f'<audio controls preload="none" aria-label="{escape(label)}" '
        f'src="data:audio/mpeg;base64,{b64encode(mp3).decode()}"></audio>'
    )
    said = [(key, words[key]) for key in ("transcript", "pinyin", "gloss", "listen") if words.get(key)]
    caption = "".join(_sound_line(key, text) for key, text in said)
    if emotion := words.get("emotion"):
        caption += f"<details><summary>Which emotion?</summary>{escape(emotion)}</details>"
        said.append(("emotion, after your guess", emotion))
    html = f'<figure class="sound"><p>{escape(label)}</p>{player}<figcaption>{caption}</figcaption></figure>'
    return {"text/html": html, "text/plain": "\n".join([label, *(f"{key}: {text}" for key, text in said)])}


def _sound_line(key: str, text: str) -> str:
    chinese = ' lang="zh"' if items(text) else ""  # a transcript may be English
    language = {"transcript": chinese, "pinyin": ' lang="zh-Latn"'}.get(key, "")
    head = "Listen for: " if key == "listen" else ""
    return f'<div class="{key}">{head}<span{language}>{escape(text)}</span></div>'


def table_bundle(frame, caption: str) -> Bundle:
    """A pandas frame as an HTML table with a caption, and as text; `CourseError` for anything else.

    Floats keep four significant digits.
    """
    if not hasattr(frame, "to_html"):
        raise CourseError(f"table() was given a {type(frame).__name__}; it expects a pandas DataFrame.")
    numbered = type(frame.index).__name__ == "RangeIndex"
    # four significant digits: more would differ between machines and tell nothing
    options: dict[str, Any] = {"index": not numbered, "float_format": "{:.4g}".format, "na_rep": "–"}
    html = frame.to_html(border=0, classes="data", **options)
    head, tag, rest = html.partition(">")
    html = f"{head}{tag}\n  <caption>{escape(caption)}</caption>{rest}"
    return {"text/html": html, "text/plain": f"{caption}\n{frame.to_string(**options)}"}


def cells_of(frame) -> list[str]:
    """Every text that a table shows: names of rows and columns, and cells that are no numbers."""
    texts = [*map(str, frame.index), *map(str, frame.columns)]
    columns = (frame.iloc[:, k] for k in range(frame.shape[1]))  # names may repeat
    return texts + [str(cell) for column in columns if column.dtype.kind not in "biuf" for cell in column]


def publish(data: Bundle, metadata: Bundle | None = None) -> None:
    """Hand one bundle to the notebook; outside a notebook its text is printed."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(data["text/plain"])
    else:
        display(data, metadata=metadata or {}, raw=True)
