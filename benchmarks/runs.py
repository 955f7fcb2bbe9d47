"""Twenty short trainings: two processes of one thread each, beside one after another (`experiments.parallel_runs`)."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vcemo_lib.experiments.parallel_runs import records, run_table
from vcemo_lib.experiments.request import Request
from vcemo_lib.experiments.tables import ACCURACY_F1, Row, Table, Task
from vcemo_lib.recipes import TINY, Recipe


@dataclass(frozen=True)
class ShortRuns(Request):
    """A table of one row and many seeds, each of a few seconds."""

    @property
    def table(self) -> Table:
        """One row, four classes."""
        return Table((Row("Ours", {}),), (Task(4, ACCURACY_F1, slice(0, 2)),), "Ours")

    @property
    def recipe(self) -> Recipe:
        """Two epochs on 300 utterances."""
        return TINY.but(limit=300, epochs=2, copies=0)


def cases(n: int = 20) -> Iterator[dict]:
    """One row, measured once each way: a second time would say little more and take another minute."""
    seconds, scores = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        ShortRuns(1, "tiny", folder=folder).prepare(4)  # features first, for both
        for jobs in (1, 2):
            asked = ShortRuns(1, "tiny", seeds=tuple(range(n)), folder=str(Path(folder) / str(jobs)))
            begin = time.perf_counter()
            run_table(asked, jobs, say=lambda _: None)
            seconds[jobs] = time.perf_counter() - begin
            scores[jobs] = [[r["scores"], r["truth"], r["predicted"]] for r in next(iter(records(asked).values()))]
    assert scores[1] == scores[2]
    ratio = seconds[1] / seconds[2]
    yield {
        "subject": "runs",
        "case": f"{n} short runs, with the start of the processes",
        "rounds": 1,
        "ms": {"ours": [1e3 * seconds[2]] * 3, "one after another": [1e3 * seconds[1]] * 3},
        "ratio": {"one after another": [round(ratio, 3)] * 3},
        "wanted": {"one after another": 1.7},
        "missing": {},
        "note": "two processes; needs two free cores",
    }
