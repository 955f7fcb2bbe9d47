"""Processes of a test: killed while they work, or at work at the same time."""

import contextlib
import os
import random
import signal
import time
from functools import partial


def forked(work) -> int:
    """The process that does this work, from here on without a shell, tests or clean-up."""
    if not (pid := os.fork()):
        signal.alarm(300)  # work that waits for ever ends too, by a signal that no test expects
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


def killed_until_done(work, seconds: float, rng: random.Random) -> tuple[int, int]:
    """Kill work, first within one and a half of what the whole takes, then later. Returns: kills, last exit code.

    Each kill comes later than the one before may have: work that slows down, as on a busy machine, ends all the same.
    """
    for kills in range(60):
        code = killed(forked(work), rng.uniform(0.02, 1.5) * seconds * (1 + kills / 8))
        if code != -signal.SIGKILL:
            return kills, code
    raise AssertionError("it never ends")


def together(*works) -> list[int]:
    """Exit codes of these works, done at the same time in processes of their own."""
    start = time.time() + 0.05

    def at_once(work):
        time.sleep(max(0, start - time.time()))
        work()

    pids = [forked(partial(at_once, work)) for work in works]
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
