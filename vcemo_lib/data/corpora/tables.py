"""A user's table read to the letter: as many rows as it has lines, cells as they stand, or a refusal that says why."""

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from ...letters import seen
from ..corpus import CorpusError
from .files import BOMS, everyday

HEADLESS = "Unnamed: {}"  # what pandas calls a column without a name
KINDS = {",": "csv", "\t": "tsv"}
HAN = re.compile("[\u3400-\u9fff]")
# Control characters but tab and line breaks, halves of pairs, and what stands for a sign that was lost.
UNREADABLE = re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffc\ufffe-\U0010ffff]")


def decoded(path: Path, encoding: str = "", language: str = "zh") -> str:
    """The text of a file, in the encoding that is named, by its mark (UTF-16, UTF-8), or UTF-8, or GB18030.

    In GB18030 most files can be read: what it gives must be everyday Chinese, of a table in another language no Chinese
    at all, such as the quotation marks that Excel writes in China.

    Raises:
        CorpusError: it is in none of these.
    """
    data = path.read_bytes()
    marked = next((name for mark, name in BOMS.items() if data.startswith(mark)), "")
    tried = [encoding or marked] if encoding or marked else ["utf-8", "gb18030"]
    chinese = language.lower().startswith(("zh", "cmn", "yue"))
    for name in tried:
        try:
            text = data.decode(codecs.lookup(name).name)
        except LookupError:
            raise CorpusError(f"no encoding is named {name!r}: give one that Python knows, such as big5") from None
        except UnicodeDecodeError as error:
            if name == "utf-8" and _mostly_utf_8(data):
                line = data.count(b"\n", 0, error.start) + 1
                raise CorpusError(
                    f"{path} is UTF-8, but line {line} is not: it was cut, or parts are in another encoding: save "
                    "all of it as UTF-8"
                ) from None
            continue
        if name != "gb18030" or encoding or everyday(text) and (chinese or not HAN.search(text)):
            return text.removeprefix("\ufeff")
    rare = " (gb18030, where its characters are mostly rare or traditional)" * (chinese and "gb18030" in tried)
    raise CorpusError(
        f"{path} is not text in {' or '.join(tried)}: save it as UTF-8, or say what it is in, such as "
        f"--option encoding=big5{rare}"
    )


def _mostly_utf_8(data: bytes) -> bool:
    """Whether more signs beyond ASCII can be read as UTF-8 than cannot; of GBK or Latin-1 hardly any can."""
    signs = [sign for sign in data.decode(errors="replace") if sign > "\x7f"]
    return signs.count("\ufffd") < len(signs) / 2


def table(text: str, mark: str, name: str) -> pd.DataFrame:
    """The rows of a CSV or TSV text, every cell a string as it stands, None where it is empty.

    Raises:
        CorpusError: a row has more cells than the head, or quotation marks under which rows would be lost.
    """
    lines = _tabbed(text) or _quoted(text, mark, name)
    if not lines:
        raise CorpusError(f"{name} cannot be read as {KINDS[mark]} (it is empty): export it again")
    (_, head), *rows = lines
    head = [seen(title) for title in head]
    for number, row in rows:
        if any(row[len(head) :]):
            raise CorpusError(
                f"{name} cannot be read as {KINDS[mark]} (line {number} has {len(row)} cells, the head {len(head)}): "
                f"put a text with {mark!r} in quotation marks, or export it again"
            )
    if twice := sorted(title for title, n in Counter(head).items() if title and n > 1):
        raise CorpusError(f"{name} has more than one column {', '.join(twice)}: give each a name of its own")
    columns = [title or HEADLESS.format(k) for k, title in enumerate(head)]
    cells = [[cell or None for cell in row[: len(head)]] + [None] * (len(head) - len(row)) for _, row in rows]
    frame = pd.DataFrame(cells, columns=columns, dtype=object)
    nameless = [c for c, title in zip(columns, head, strict=True) if not title]
    return frame.drop(columns=[c for c in nameless if frame[c].isna().all()])


def _tabbed(text: str) -> list[tuple[int, list[str]]]:
    """Number and cells of each line of a TSV whose lines are rows, whatever marks cells begin with; else []."""
    lines = [(number, line.rstrip("\r\n")) for number, line in enumerate(_lines(text), start=1) if line.strip("\r\n")]
    tabs = {line.count("\t") for _, line in lines}
    if len(tabs) != 1 or tabs == {0}:
        return []
    return [(number, [_unquoted(cell) for cell in line.split("\t")]) for number, line in lines]


def _lines(text: str) -> list[str]:
    """As files have them; `splitlines` would break at signs that may stand in a text."""
    return list(io.StringIO(text, newline=""))


def _unquoted(cell: str) -> str:
    """A cell that stands in quotation marks as a whole, without them."""
    inner = cell[1:-1].replace('""', "")
    whole = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner
    return cell[1:-1].replace('""', '"') if whole else cell


def _quoted(text: str, mark: str, name: str) -> list[tuple[int, list[str]]]:
    """The line at which each row of a CSV begins, and its cells."""
    lines = _lines(text)
    reader = csv.reader(lines, delimiter=mark, strict=True)
    rows, width, begun = [], 0, 0
    try:
        for row in reader:
            width = width or len(row)
            _refuse_swallowed(lines[begun : reader.line_num], mark, width, f"{name}: line {begun + 1}")
            rows += [(begun + 1, row)] if row else []
            begun = reader.line_num
    except csv.Error as error:
        if "field larger" in str(error):
            raise CorpusError(
                f"{name}: line {begun + 1} has a cell of more than {csv.field_size_limit():,} characters: "
                "is a quotation mark missing?"
            ) from None
        raise CorpusError(
            f"{name}: line {begun + 1} has quotation marks that do not enclose a cell ({error}): double those "
            'inside of a cell ("" for ") and enclose the cell in one more pair'
        ) from None
    return rows


def _refuse_swallowed(lines: list[str], mark: str, width: int, where: str) -> None:
    """A cell may have line breaks; but where each of its lines is a row by itself, rows would be lost."""
    if len(lines) > 1 and all(line.count(mark) == width - 1 for line in lines):
        raise CorpusError(
            f"{where} has a quotation mark that would make {len(lines)} rows one: double it, and enclose its cell in "
            "one more pair"
        )


def refuse_unreadable(frame: pd.DataFrame, name: str) -> None:
    """Raise CorpusError for the first cell with a sign that no text has: what a wrong encoding leaves behind."""
    for column in frame.columns:
        for number, cell in enumerate(frame[column], start=1):
            if isinstance(cell, str) and (signs := UNREADABLE.findall(cell)):
                raise CorpusError(
                    f"{name}: row {number} has {', '.join(map(ascii, signs[:3]))} in its {column}, which is no text: "
                    "save the table as UTF-8, or say what it is in, such as --option encoding=utf-16-le"
                )
