"""What the library says on its way: lines of the logger "vcemo". A program that wants them on its page shows them."""

import logging
import sys

log = logging.getLogger("vcemo")


class _Printer(logging.Handler):
    """Prints on what is stdout at that moment, in order with what the program itself prints."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), flush=True)


def one_line(text: str) -> str:
    r"""A text with its line breaks and other control characters written out, as the name of a file may have them.

    >>> one_line("a\nb.wav")
    'a\\nb.wav'
    """
    shown = "\u200c\u200d\u3000\xa0"  # joiners inside words and emoji; the spaces of Chinese and French
    return "".join(c if c.isprintable() or c in shown or "\ud800" <= c <= "\udfff" else ascii(c)[1:-1] for c in text)


def print_utf8() -> None:
    """From now on stdout is UTF-8, whatever the terminal's encoding is: for lines that other programs read."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def only_argument(usage: str) -> str:
    """The one word behind `python -m …`; without it, or with more, the program ends with what it is for."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        raise SystemExit(usage)
    return sys.argv[1]


def show_messages() -> None:
    """From now on each message is a plain line on stdout: for the command line and for notebooks."""
    log.setLevel(logging.INFO)
    if not any(isinstance(handler, _Printer) for handler in log.handlers):
        log.addHandler(_Printer())
