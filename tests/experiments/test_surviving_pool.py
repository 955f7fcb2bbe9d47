"""A killed worker costs its own run at most: the others are done, and no process is left."""

import errno
import multiprocessing
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest
from pool_work import work

from vcemo_lib.errors import VcemoError
from vcemo_lib.experiments import parallel_runs, surviving_pool
from vcemo_lib.experiments.surviving_pool import survivors


def test_the_rest_goes_on_in_a_new_pool_and_what_kills_twice_is_named(tmp_path):
    before, said = set(multiprocessing.active_children()), []
    items = ["a", "once", "b", "always", "bad", "c"]
    by_item = {item: future for item, future in survivors(partial(work, str(tmp_path)), items, 2, said.append)}
    assert set(by_item) == set(items)
    assert [by_item[item].result() for item in ("a", "once", "b", "c")] == ["A", "ONCE", "B", "C"]
    assert isinstance(by_item["always"].exception(), BrokenProcessPool)
    assert isinstance(by_item["bad"].exception(), ValueError)
    assert len((tmp_path / "always").read_text()) == 2
    assert all("a process was killed, as where memory is short" in line for line in said) and said
    assert set(multiprocessing.active_children()) == before


def test_a_run_whose_process_is_killed_is_a_sentence_with_the_cure():
    assert "fewer --jobs" in parallel_runs._why(BrokenProcessPool())
    assert parallel_runs._why(ValueError("no")) == "ValueError: no"


@pytest.mark.parametrize("error", [OSError(errno.EROFS, "Read-only file system"), NotImplementedError("sem_open")])
def test_a_machine_without_semaphores_is_told_what_it_lacks(error, monkeypatch):
    def refuse(*given, **named):
        raise error

    monkeypatch.setattr(surviving_pool, "ProcessPoolExecutor", refuse)
    with pytest.raises(VcemoError, match="semaphores.*/dev/shm"):
        list(survivors(len, ["a"], 2))
