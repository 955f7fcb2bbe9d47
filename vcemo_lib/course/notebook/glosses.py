"""Chinese for those who read none: pinyin by rule, English from `notebooks/glosses.tsv`.

A gloss belongs to a whole item as it is shown, a word, a sentence or a piece of one. Text of a corpus of one's own has
pinyin alone.
"""

import re
from collections.abc import Iterable
from functools import cache
from html import escape

from ...paths import ROOT

FILE = ROOT / "notebooks" / "glosses.tsv"
KANA = re.compile("[ぁ-ヿ]")  # a Japanese text, whose signs pinyin does not read
ITEM = re.compile(r"[㐀-鿿]+(?:[，、]?[㐀-鿿]+)*")

# What the dictionary of pypinyin reads in another sense; one character alone only where it is the whole item.
READINGS = {"妈妈": "mā ma", "爸爸": "bà ba", "谢谢": "xiè xie", "头发": "tóu fa", "地说": "de shuō", "得": "de"}
READINGS |= {"多长时间": "duō cháng shí jiān", "长": "cháng", "兴": "xìng", "开心得": "kāi xīn de", "干得": "gàn de"}
OTHERWISE = re.compile(f"({'|'.join(word for word in READINGS if len(word) > 1)})")


@cache
def glosses() -> dict[str, str]:
    """English by Chinese item, both as they stand in the file."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.is_file() else []
    return dict(line.split("\t") for line in lines if line)


def items(*texts: str) -> list[str]:
    """The Chinese items in some texts, each once, in the order of reading.

    >>> items("你好。", "he said 你好 and 走吧")
    ['你好', '走吧']
    """
    return list(dict.fromkeys(item for text in texts if not KANA.search(text) for item in ITEM.findall(text)))


def pinyin(text: str) -> str:
    """How it sounds, with tones; empty where nothing is Chinese.

    >>> pinyin("你好")
    'nǐ hǎo'
    """
    from pypinyin import Style, lazy_pinyin

    said = "".join(items(text)).replace("，", "")
    parts = [said] if said in READINGS else OTHERWISE.split(said)
    return " ".join(READINGS.get(part) or " ".join(lazy_pinyin(part, style=Style.TONE)) for part in parts if part)


def english(text: str) -> str:
    """The gloss of the items of a text, empty where one is missing."""
    known = [glosses().get(item, "") for item in items(text)]
    return "; ".join(known) if all(known) else ""


def named(word: str) -> str:
    """A word with the first of its English, for a row of a table; the word alone where it has no gloss.

    >>> named("难过"), named("qq")
    ('难过 sad', 'qq')
    """
    return f"{word} {_first_sense(word)}".strip()


def spelt(word: str) -> str:
    """A word with its pinyin and the first of its English, for the axis of a figure.

    >>> spelt("难过"), spelt("qq")
    ('难过 nán guò: sad', 'qq')
    """
    sound, sense = pinyin(word), _first_sense(word)
    return f"{word} {sound}".strip() + (f": {sense}" if sense else "")


def _first_sense(word: str) -> str:
    return re.split("[,;:()]", glosses().get(word, "").lstrip("("))[0].strip()


def gloss_bundle(words: Iterable[str]) -> dict[str, str]:
    """Items, their pinyin and English, folded under one line."""
    rows = [(item, pinyin(item), glosses().get(item, "")) for item in words]
    cells = "".join(
        f'<tr><td lang="zh">{item}</td><td lang="zh-Latn">{sound}</td><td>{escape(meaning)}</td></tr>'
        for item, sound, meaning in rows
    )
    head = "<thead><tr><th>Chinese</th><th>pinyin</th><th>English</th></tr></thead>"
    table = f"<table>{head}<tbody>{cells}</tbody></table>"
    html = f'<details class="gloss"><summary>The Chinese, in English</summary>{table}</details>'
    plain = "\n".join(f"{item} {sound}: {meaning or 'no gloss'}" for item, sound, meaning in rows)
    return {"text/html": html, "text/plain": plain}
