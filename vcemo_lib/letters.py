"""The letters of a text: what is compared, timed and counted, whatever the punctuation; and one script for Chinese."""

from functools import cache


def letters(text: str) -> str:
    """The letters and digits of a text, Chinese characters too, without punctuation and spaces.

    >>> letters("今天 OK！")
    '今天OK'
    """
    return "".join(c for c in text if c.isalnum())


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
