"""`accelerate launch … -m vcemo_lib.cli train …`: of the processes that train one model the first speaks for all."""

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from ..config import ConfigError

PATIENCE = 15  # seconds, in which the first has said what ends them all, and the launcher has ended this one


def number(name: str, otherwise: int) -> int:
    """RANK, this process' number, or WORLD_SIZE, how many there are, as launchers give them."""
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else otherwise


def require_training(command: str | None) -> None:
    """Raise ConfigError for a command that several processes would do several times."""
    if (count := number("WORLD_SIZE", 1)) > 1 and command != "train":
        raise ConfigError(
            f"{count} processes were launched for 'vcemo {command}', and they can only train one model together: give "
            "'train', or start the command without a launcher"
        )


@contextmanager
def first_speaks() -> Iterator[None]:
    """Keep what another process than the first would print; an error that it alone has is told after all."""
    if not number("RANK", 0):
        yield
        return
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(io.StringIO()) as said,
    ):
        try:
            yield
        except BaseException as end:
            if not (isinstance(end, SystemExit) and not end.code):
                time.sleep(PATIENCE)
                sys.__stderr__.write(said.getvalue())
            raise
