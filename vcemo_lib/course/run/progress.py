"""What a person sees while chapters run: a line for each that starts or ends, on a terminal above a bar."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from .plan import ChapterSpec
from .state import ChapterState


class Progress:
    """The display of one run. Args: live, whether to draw the bar; where it is drawn, it names what runs."""

    def __init__(self, live: bool | None = None) -> None:
        self._live = sys.stdout.isatty() if live is None else live
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, disable=not self._live)
        self._running: list[str] = []

    def over(self, specs: Sequence[ChapterSpec], reused: int) -> AbstractContextManager:
        """Frame the whole run; tells how many chapters are done already."""
        self._task = self._bar.add_task("chapters", total=len(specs), completed=reused)
        plural = "s" * (len(specs) != 1)
        self._say(f"{len(specs)} chapter{plural}: {reused} done already, {len(specs) - reused} to run")
        return self._bar

    def started(self, spec: ChapterSpec) -> None:
        """A chapter begins."""
        self._running.append(spec.number)
        self._describe()
        if not self._live:
            self._say(f"  {spec.number} started, its next line comes when it ends: {spec.title}")

    def ended(self, spec: ChapterSpec, state: ChapterState) -> None:
        """A chapter has an outcome."""
        self._running.remove(spec.number)
        self._bar.advance(self._task)
        self._describe()
        self._say("  " + outcome_line(spec, state))

    def _say(self, line: str) -> None:
        print(line + "\n", end="", flush=True)  # in one piece, as chapters run in threads; a bar moves below it

    def _describe(self) -> None:
        running = ", ".join(sorted(self._running))
        self._bar.update(self._task, description=f"running {running}" if running else "chapters")


def outcome_line(spec: ChapterSpec, state: ChapterState) -> str:
    """One chapter's outcome in one line: time and memory, or the cell that failed and why."""
    if state.status == "done":
        return f"{spec.number} done in {state.seconds:.0f} s, {state.megabytes:.0f} MB: {spec.title}"
    where = f" in cell {state.cell}" if state.cell else ""
    return f"{spec.number} FAILED{where}: {state.error}"
