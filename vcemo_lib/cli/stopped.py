"""A command that is told to end (SIGTERM) or whose terminal goes (SIGHUP) ends as by Ctrl-C: it clears up first."""

import signal

ASKED = ("SIGTERM", "SIGHUP")  # the second is not known to Windows


def end_cleanly() -> None:
    """From now on these signals raise SystemExit, so that processes that were started end and what is unfinished goes.

    A signal that is ignored, as under `nohup`, stays ignored; when the same one comes again the process ends at once.
    """
    for number in (getattr(signal, name) for name in ASKED if hasattr(signal, name)):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(128 + number)
