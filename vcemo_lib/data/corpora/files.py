"""Finding and reading the files of corpora, with what is known to be wrong with them."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...paths import files_inside
from ..corpus import CorpusError

BOMS = {b"\xff\xfe\0\0": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
PLAUSIBLE = 0.8  # least share of everyday characters in a Chinese text that was decoded rightly


def clips(root: Path, pattern: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Files under `root` whose relative path ends as a pattern says, whatever the case, each with a row of its sound.

    The row holds the path as `audio`, an empty `text`, and the pattern's named groups.
    """
    wanted = re.compile(rf"(?:^|/){pattern}$", re.IGNORECASE)
    for path in files_inside(root):
        if match := wanted.search(path.relative_to(root).as_posix()):
            yield path, {"audio": str(path), "text": ""} | match.groupdict()


def everyday(text: str) -> bool:
    """Whether most signs beyond ASCII are punctuation or of the 3,755 characters of GB 2312's first level."""
    signs = [sign.encode("gb2312", "replace")[0] for sign in text if sign > "\x7f"]
    marks, first_level = range(0xA1, 0xA4), range(0xB0, 0xD8)
    known = sum(sign in marks or sign in first_level for sign in signs)
    korean = len(signs) >= 20 and not any(sign > 0xC8 for sign in signs)  # its syllables lie where A to R of pinyin do
    return known >= PLAUSIBLE * len(signs) and not korean


def read_text(path: Path, encodings: Sequence[str] = ("utf-8", "gb18030")) -> str:
    """The text of a file in whichever encoding it is: by its mark, or these in turn, and Latin-1 in the end."""
    data = path.read_bytes()
    for mark, encoding in BOMS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def read_table(path: Path, columns: Mapping[str, str], **options) -> list[dict[str, str]]:
    """The rows of a table of a corpus, every cell a text.

    Args:
        columns: the table's name of each column that is read → ours.
        options: those of `pandas.read_csv`.

    Raises:
        CorpusError: it is no table, or lacks one of the columns.
    """
    import pandas as pd

    try:
        rows = pd.read_csv(io.StringIO(read_text(path)), **{"dtype": str, "keep_default_na": False} | options)
    except ValueError as error:  # pandas' own errors are of this kind
        raise CorpusError(f"{path} cannot be read ({str(error).splitlines()[0]}): download it again") from None
    if missing := [column for column in columns if column not in rows]:
        raise CorpusError(f"{path} lacks the column(s) {', '.join(missing)}: download it again")
    rows = rows[list(columns)].rename(columns=columns)
    return rows.fillna("").to_dict("records")  # a short line lacks its last cells


def read_json(path: Path):
    """A JSON file; CorpusError where it is not there or is cut short."""
    try:
        return json.loads(read_text(path))
    except FileNotFoundError:
        raise CorpusError(f"no {path.name} in {path.parent}: pass the corpus' own folder") from None
    except json.JSONDecodeError as error:
        raise CorpusError(f"{path} is not JSON (line {error.lineno}: {error.msg}): copy it again") from None


def folder(root: Path, name: str) -> Path:
    """The folder of this name under `root`, whatever its case; CorpusError where there is none."""
    for path in sorted(Path(root).iterdir()):
        if path.is_dir() and path.name.lower() == name.lower():
            return path
    raise CorpusError(f"no folder {name} in {root}: pass the folder that holds it")
