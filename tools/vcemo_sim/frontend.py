"""What the synthesiser's own front end leaves out: where words end, and the tones that change beside other tones."""

import re

import jieba
import numpy as np
from pypinyin import Style

jieba.setLogLevel(60)
ENCLITICS = set("的了吗呢吧啊呀嘛着过们得地么啦")  # a particle leans on the word before it


def words(text: str) -> list[str]:
    """Prosodic words: jieba's words, a particle joined to the word before it, two lone characters joined."""
    out: list[str] = []
    for word in jieba.cut(text):
        lean = out and (word in ENCLITICS or (len(word) == 1 and len(out[-1]) == 1))
        out = [*out[:-1], out[-1] + word] if lean else [*out, word]
    return out


def sandhi(characters: str, pinyin: list[str], starts: set[int]) -> list[str]:
    """Tones as spoken: 3 before 3 becomes 2, 不 before 4 becomes 2, 一 becomes 2 before 4 and 4 before 1, 2, 3.

    A third tone at the end of a word keeps its tone where the next word begins with a changed one.
    """
    out = list(pinyin)
    for k in range(len(out) - 2, -1, -1):
        here, after = out[k][-1], out[k + 1][-1]
        if here == "3" and pinyin[k + 1][-1] == "3" and (after == "3" or k + 1 not in starts):
            out[k] = out[k][:-1] + "2"
        elif characters[k] == "不" and here == "4" and after == "4":
            out[k] = "bu2"
        elif (
            characters[k] == "一"
            and here == "1"
            and (k == 0 or not re.match("[第零一二三四五六七八九十]", characters[k - 1]))
        ):
            if characters[k + 1] not in "零一二三四五六七八九十百月":
                out[k] = "yi2" if after == "4" else "yi4" if after in "123" else out[k]
    return out


def pronounce(characters: str, processor) -> list[str]:
    """The synthesiser's phones, #0 between the characters of a word and #1 between words."""
    pinyin = ["".join(syllable) for syllable in processor.pinyin_parser(characters, style=Style.TONE3, errors="ignore")]
    parts = words(characters)
    starts = set(np.cumsum([len(part) for part in parts]).tolist())
    return processor.get_phoneme_from_char_and_pinyin("#1".join(parts), sandhi(characters, pinyin, starts))
