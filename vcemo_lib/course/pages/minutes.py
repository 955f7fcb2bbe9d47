"""How long a chapter takes who reads it, and who does its exercises."""

import re

from ..exercise.cells import HEADING
from ..notebook.reading import Notebook

A_MINUTE = 200  # words; plain English prose is read at 238 (Brysbaert 2019), formulas and code beside it slow that down
UNREAD = re.compile(
    r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]*`|<[^>]+>|\]\([^)]*\)|^ {4}[^\n]*", re.DOTALL | re.MULTILINE
)


def words(notebook: Notebook) -> int:
    """Words of the text cells: what has a letter or a digit, without code, formulas, marks and addresses."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return sum(any(map(str.isalnum, word)) for word in UNREAD.sub(" ", text).split())


def minutes(notebook: Notebook) -> tuple[int, int]:
    """Minutes of its text, at 200 words each, and of its exercises, as their headings say."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    exercises = sum(int(found["minutes"]) for text in texts for found in HEADING.finditer(text))
    return round(words(notebook) / A_MINUTE), exercises
