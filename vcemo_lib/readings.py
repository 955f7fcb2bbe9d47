"""What the paper leaves open, how each question can be read, what we took and why (A1–A44): the table in `readings.md`.

The one list of them: chapter 14 shows it, the tests hold it against the fields of `Recipe`, and A-numbers in the
library's docstrings mean its rows.
"""

from pathlib import Path

import pandas as pd


def reading_table() -> pd.DataFrame:
    """All questions, one a row: the readings, the default, how sure it is and why, and the fields that switch it."""
    text = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    head, _, *rows = ([cell.strip() for cell in line[1:-1].split("|")] for line in text.splitlines() if line[:1] == "|")
    return pd.DataFrame(rows, columns=head).set_index("")
