"""The letters of a text: what is compared, timed and counted, whatever the punctuation."""


def letters(text: str) -> str:
    """The letters and digits of a text, Chinese characters too, without punctuation and spaces.

    >>> letters("今天 OK！")
    '今天OK'
    """
    return "".join(c for c in text if c.isalnum())
