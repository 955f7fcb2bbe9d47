"""Work for processes, some of which are killed as the system kills where memory is short."""

import os
import signal
import time
from pathlib import Path


def work(folder: str, item: str) -> str:
    """The item in capitals; "once" is killed the first time, "always" each time, "bad" raises."""
    with open(Path(folder) / item, "a") as log:
        log.write("x")
    times = len((Path(folder) / item).read_text())
    if item == "always" or item == "once" and times == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "bad":
        raise ValueError("no")
    time.sleep(0.1)
    return item.upper()


def long_work(folder: str, item: str) -> None:
    """Says that it has begun, and goes on for longer than any test waits."""
    (Path(folder) / f"{item}.begun").touch()
    time.sleep(600)
