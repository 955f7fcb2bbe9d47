"""Work in processes that goes on when one of them is killed, as the system does where memory is short."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker

import torch

from ..errors import VcemoError


def survivors(
    work: Callable, items: Sequence, jobs: int, say: Callable[[str], None] = print
) -> Iterator[tuple[object, Future]]:
    """`work` of each item, `jobs` at once: (item, its finished future), as they end.

    A killed process takes its pool with it. The items that were under way are then done again one at a time, each with
    all the memory; of one whose process is killed a second time the exception is BrokenProcessPool. The others follow
    in a new pool.
    """
    waiting = list(items)
    while waiting:
        if suspects := (yield from _until_broken(work, waiting, jobs)):
            say(f"a process was killed, as where memory is short: {len(suspects)} run(s) again, one at a time")
        while suspects:
            for item in (yield from _until_broken(work, suspects, 1)):
                future: Future = Future()
                future.set_exception(BrokenProcessPool("its process was killed twice"))
                yield item, future


def _until_broken(work: Callable, waiting: list, jobs: int) -> Generator[tuple[object, Future], None, list]:
    """Take from `waiting` and yield what is done, until all are or a process dies. Returns: what was under way then."""
    _start_tracker()
    others, under_way = set(multiprocessing.active_children()), {}
    with _pool(jobs) as pool:
        try:
            while waiting or under_way:
                while waiting and len(under_way) < jobs:
                    under_way[pool.submit(work, waiting[0])] = waiting[0]
                    waiting.pop(0)
                for future in sorted(wait(under_way, return_when=FIRST_COMPLETED).done, key=_is_broken):
                    if _is_broken(future):
                        raise future.exception()
                    yield under_way.pop(future), future
            return []
        except BaseException as error:  # also Ctrl-C, after which nobody waits for what is under way
            for child in set(multiprocessing.active_children()) - others:
                child.kill()  # one that was just starting when its pool broke would wait for ever
            if isinstance(error, BrokenProcessPool):
                return [*under_way.values()]
            raise


def _pool(jobs: int) -> ProcessPoolExecutor:
    try:
        return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_start)
    except (OSError, NotImplementedError) as error:
        raise VcemoError(
            f"processes need semaphores to work together, and this machine refuses them ({error}): have a /dev/shm "
            "that can be written to, as 'docker run --shm-size 64m' gives one"
        ) from None


def _is_broken(future: Future) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _start_tracker() -> None:
    """Start what frees the pool's semaphores, deaf to SIGHUP too: it would die with the terminal, with tracebacks."""
    if hasattr(signal, "pthread_sigmask"):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start() -> None:
    """A worker: one thread, and it ends when the process that started it is gone, or says so; not by Ctrl-C."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
