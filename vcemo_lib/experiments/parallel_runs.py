"""A whole table or study: its runs in parallel processes, each recorded once, and the table from the records."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from time import monotonic
from typing import Literal

import pandas as pd
import torch

from ..config import MODALITIES
from ..data.speaker_splits import grouped_folds
from ..data.splits import Split, session_folds
from ..evaluation.records import ProtocolCard, read_record
from ..paths import RESULTS
from ..training.sampling import uses_copies
from .comparison import by_seed, compare, difference
from .cross_validation import RULES, table_2
from .experiment import Experiment, record_path, run
from .ray_tasks import on_cluster
from .request import Request
from .surviving_pool import survivors
from .tables import Row, Table, TableError, Task, fitted

Engine = Literal["processes", "ray"]


@dataclass(frozen=True)
class Cell:
    """One run of a table. `rule` chose the folds, "" without folds."""

    n_classes: int
    row: Row
    split: Split
    seed: int
    rule: str = ""

    def path(self, experiment: Experiment, folder: Path, data: str = "") -> Path:
        """Where its record is, or will be; `data` is the corpus' hash where it is known."""
        here = replace(experiment, split=self.split)
        return record_path(here, fitted(self.row, experiment), self.seed, folder, data)


def cells(table: Table, task: Task, experiment: Experiment, seeds: Sequence[int]) -> list[Cell]:
    """Every run of one task of a table; of a row the folds of one seed stand together.

    Raises:
        TableError: sessions are to be left out, and the corpus has none.
    """
    if table.folds != "session":
        splits = grouped_folds(experiment.corpus) if table.folds else [experiment.split]
        return [Cell(task.n_classes, row, split, seed) for row in table.rows for seed in seeds for split in splits]
    if "session" not in experiment.corpus.frame:
        raise TableError(
            f"Table 2 leaves one session out at a time and corpus {experiment.corpus.name} has none: get IEMOCAP "
            "(see 'vcemo corpus show iemocap'), run 'vcemo corpus add iemocap FOLDER', give --corpus iemocap"
        )
    return [
        Cell(task.n_classes, row, fold, seed, rule)
        for rule, inner in RULES.items()
        for seed in seeds
        for fold in session_folds(experiment.corpus, "session", inner, seed)
        for row in table.rows
    ]


def run_table(
    request: Request, jobs: int = 2, say: Callable[[str], None] = print, engine: Engine = "processes"
) -> None:
    """Make the runs that no record holds yet, `jobs` at once with one thread each, or as tasks on a Ray cluster.

    Features are computed before, in this process, and then only mapped into memory by the others. A killed table goes
    on where it was, within a run too. A run that fails is named at the end; the others are done all the same.

    Raises:
        TableError: runs failed; the message names them.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(jobs)
    try:
        missing = _missing(request)
    finally:
        torch.set_num_threads(threads)
    say(f"{request.title}: {len(missing)} run(s) to make, records in {_shown(request.records_folder)}")
    if engine == "ray":  # whose machines share the disk
        problems = _told(on_cluster(partial(_run, request.anywhere()), missing), len(missing), say)
    else:
        problems = _in_processes(request, missing, jobs, say)
    if problems:
        failed = sum(map(len, problems.values()))
        raise TableError(
            f"{failed} of {len(missing)} runs failed: " + "; ".join(_named(*one) for one in problems.items())
        )


def _missing(request: Request) -> list[Cell]:
    """The runs that have no record, whose features are made here; long runs first, so that processes end together."""
    missing = []
    for task in request.table.tasks:
        experiment = request.prepare(task.n_classes)
        where = partial(Cell.path, experiment=experiment, folder=request.records_folder, data=experiment.corpus.hash)
        todo = [c for c in cells(request.table, task, experiment, request.seeds) if not where(c).is_file()]
        for train in {c.split.train for c in todo if uses_copies(fitted(c.row, experiment))}:
            experiment.store.augment(train)
        missing += todo
    return sorted(missing, key=_work, reverse=True)


def _work(cell: Cell) -> tuple:
    modalities = cell.row.changes.get("modalities", MODALITIES)
    return cell.row.changes.get("alpha", 0) > 0, "audio" in modalities, len(modalities)


def _in_processes(request: Request, missing: list[Cell], jobs: int, say: Callable[[str], None]) -> dict[str, list[str]]:
    """Make the runs in worker processes. Returns: what went wrong, and the names of the runs in which it did."""
    return _told(survivors(partial(_run, request), missing, jobs, say), len(missing), say)


def _told(made: Iterable[tuple[Cell, Future]], count: int, say: Callable[[str], None]) -> dict[str, list[str]]:
    problems, start = {}, monotonic()
    for done, (cell, future) in enumerate(made, 1):
        name = f"{cell.row.name}, {cell.n_classes} classes, seed {cell.seed}"
        if error := future.exception():
            problems.setdefault(_why(error), []).append(name)
            continue
        record, minutes = future.result(), (monotonic() - start) / 60
        say(
            f"{done}/{count} · {name}: accuracy {100 * record['scores']['wa']:.1f} % in "
            f"{record['seconds']:.0f} s"
            f" · {minutes:.0f} min so far, about {minutes / done * (count - done):.0f} to go"
        )
    return problems


def _named(why: str, names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{'; '.join(names[:3])}{more} ({why})"


def _why(error: BaseException) -> str:
    if isinstance(error, BrokenProcessPool):
        return "its process was killed twice, as where memory is short: give fewer --jobs, or end other programs"
    return f"{type(error).__name__}: {error}"


_prepared = cache(Request.prepare)  # once in each worker


def _run(request: Request, cell: Cell) -> dict:
    experiment = _prepared(request, cell.n_classes)
    return run(replace(experiment, split=cell.split), fitted(cell.row, experiment), cell.seed, request.records_folder)


def records(request: Request) -> dict[tuple[int, str, str], list[dict]]:
    """(classes, rule, row) → the records of its seeds, and of Table 2 of its folds. Computes nothing.

    Where no two folds share a speaker, those of a seed are one record of the answers to all utterances.

    Raises:
        TableError: where a run has no record by this recipe, on this corpus.
    """
    runs, missing = {}, 0
    for task in request.table.tasks:
        experiment = request.prepare(task.n_classes, features=False)
        data = experiment.corpus.hash
        for cell in cells(request.table, task, experiment, request.seeds):
            record = read_record(cell.path(experiment, request.records_folder, data))
            missing += record is None
            runs.setdefault((cell.n_classes, cell.rule, cell.row.name), []).append(record)
    if missing:
        raise TableError(
            f"{missing} of {sum(map(len, runs.values()))} runs of {request.title} have no record in "
            f"{_shown(request.records_folder)} by this recipe and corpus: make them with '{request.command}'"
        )
    if request.table.folds == "speaker":
        return {key: by_seed(kept) for key, kept in runs.items()}
    return runs


def show(request: Request) -> str:
    """The table as Markdown: the paper's value beside ours, then whether each difference is more than noise."""
    table, runs, lines = request.table, records(request), []
    for task in table.tasks:
        mine = {key[1:]: value for key, value in runs.items() if key[0] == task.n_classes}
        frame = _frame(table, task, mine)
        lines += [f"**{task.n_classes} classes**, per cent, mean ± standard deviation", "", markdown(frame), ""]
        for rule in dict.fromkeys(rule for rule, _ in mine):
            lead, also = mine[rule, table.lead], f", epoch chosen on {rule}" if rule else ""
            lines += [
                f"- {difference(lead, other, (table.lead, name))[:-1]}{also}."
                for (its, name), other in mine.items()
                if its == rule and name != table.lead
            ]
        cards = [ProtocolCard(**kept[0]["card"]) for kept in mine.values()]
        card = replace(cards[0], text=" / ".join(dict.fromkeys(c.text for c in cards)))
        lines += ["", f"{card.label()} · seeds {', '.join(map(str, request.seeds))}", ""]
    seconds = sum(record["seconds"] for kept in runs.values() for record in kept)
    return "\n".join([*lines, f"{sum(map(len, runs.values()))} runs, {seconds / 60:.0f} minutes of one core in all."])


def _frame(table: Table, task: Task, mine: dict[tuple[str, str], list[dict]]) -> pd.DataFrame:
    if table.folds == "session":
        return table_2({(name, rule): kept for (rule, name), kept in mine.items()}, table.rows).reset_index()
    records = {name: kept for (_, name), kept in mine.items()}
    return compare(records, table.rows, task.metrics, task.paper, table.varies).reset_index()


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown; the first column to the left, the others to the right."""
    rows = [list(frame.columns), *frame.astype(str).to_numpy().tolist()]
    head, *body = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join([head, "|:---|" + "---:|" * (frame.shape[1] - 1), *body])


def _shown(folder: Path) -> str:
    """A folder as it is told: within the project without the way to it."""
    root = RESULTS.parent
    return str(folder.relative_to(root) if folder.is_relative_to(root) else folder)
