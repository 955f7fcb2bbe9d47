"""The letters of a text: what is compared, timed and counted, whatever the punctuation; and one script for Chinese."""

import re
from functools import cache

# Signs of no width that copying and joining files bring along; joiners stay, which some scripts are written with.
UNSEEN = re.compile("[\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def letters(text: str) -> str:
    """The letters and digits of a text, Chinese characters too, without punctuation and spaces.

    >>> letters("今天 OK！")
    '今天OK'
    """
    return "".join(c for c in text if c.isalnum())


def seen(text: str) -> str:
    r"""A name as it is seen: without signs of no width, and blanks at its ends.

    >>> seen("\ufeffLi\u200b ")
    'Li'
    """
    return UNSEEN.sub("", text).strip()


def simplified(text: str) -> str:
    """A Chinese text in simplified characters, which word vectors and encoders know; another text as it is.

    >>> simplified("今天真開心 OK")
    '今天真开心 OK'
    """
    return _converter().convert(text)


@cache
def _converter():
    from opencc import OpenCC

    return OpenCC("t2s")
