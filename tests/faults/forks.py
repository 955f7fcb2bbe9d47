"""Work in a process of its own, and its end at a moment of one's choice."""

import contextlib
import os
import signal
import time


def forked(work) -> int:
    """The process that does this work, from here on without a shell, tests or clean-up."""
    if not (pid := os.fork()):
        with contextlib.suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    return pid


def killed(pid: int, seconds: float) -> int:
    """Kill a process after some time. Returns: its exit status, −9 where it was at work still."""
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
