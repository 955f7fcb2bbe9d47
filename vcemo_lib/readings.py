"""What the paper leaves open, how each question can be read, what we took and why (A1–A44): the table in `readings.md`.

The one list of them: chapter 14 shows it, the tests hold it against the fields of `Recipe`, and A-numbers in the
library's docstrings mean its rows.
"""

import ast
from pathlib import Path

import pandas as pd


def reading_table() -> pd.DataFrame:
    """All questions, one a row: the readings, the default, how sure it is and why, and the fields that switch it."""
    text = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    head, _, *rows = ([cell.strip() for cell in line[1:-1].split("|")] for line in text.splitlines() if line[:1] == "|")
    return pd.DataFrame(rows, columns=head).set_index("")


def switches() -> list[tuple[str, dict[str, object]]]:
    """The name of a question, such as "A13", and the recipe fields that make another reading, for each that is one."""
    column = reading_table()["switch"]
    return [(name, _fields(one)) for name, text in column.items() if text != "–" for one in text.split("; ")]


def _fields(text: str) -> dict[str, object]:
    """`d=128, head='parallel'` as a dict."""
    call = ast.parse(f"dict({text})", mode="eval").body
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
