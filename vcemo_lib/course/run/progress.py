"""What a person sees while chapters run: a live display on a terminal, plain lines anywhere else."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .plan import ChapterSpec
from .state import ChapterState


class Progress:
    """Plain lines, one for each chapter that starts or ends."""

    def say(self, line: str) -> None:
        """Print one line now."""
        print(line, flush=True)

    @contextmanager
    def over(self, specs: Sequence[ChapterSpec], reused: frozenset[str]) -> Iterator[None]:
        """Frame the whole run; tells how many chapters are done already."""
        todo = len(specs) - len(reused)
        self.say(f"{len(specs)} chapter{'s' * (len(specs) != 1)}: {len(reused)} done already, {todo} to run")
        yield

    def started(self, spec: ChapterSpec) -> None:
        """A chapter begins."""
        self.say(f"  {spec.number} started, its next line comes when it ends: {spec.title}")

    def tick(self) -> None:
        """Time passes; plain lines do not move."""

    def ended(self, spec: ChapterSpec, state: ChapterState) -> None:
        """A chapter has an outcome."""
        self.say("  " + outcome_line(spec, state))


class LiveProgress(Progress):
    """A bar over the chapters with those now running and the time so far."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(),
        )
        self._names: list[str] = []

    def say(self, line: str) -> None:
        """Print above the bar."""
        self._bar.console.print(line, markup=False, highlight=False)

    @contextmanager
    def over(self, specs: Sequence[ChapterSpec], reused: frozenset[str]) -> Iterator[None]:
        """Show the bar while the run lasts."""
        with self._bar:
            self._task = self._bar.add_task("chapters", total=len(specs), completed=len(reused))
            with super().over(specs, reused):
                yield

    def started(self, spec: ChapterSpec) -> None:
        """Add the chapter to those now running."""
        self._names.append(spec.number)
        self._describe()

    def ended(self, spec: ChapterSpec, state: ChapterState) -> None:
        """Take the chapter off the display and print its line."""
        self._names = [name for name in self._names if name != spec.number]
        super().ended(spec, state)
        self._bar.advance(self._task)
        self._describe()

    def _describe(self) -> None:
        running = ", ".join(sorted(self._names))
        self._bar.update(self._task, description=f"running {running}" if running else "chapters")


def outcome_line(spec: ChapterSpec, state: ChapterState) -> str:
    """One chapter's outcome in one line: time and memory, or the cell that failed and why."""
    if state.status == "done":
        return f"{spec.number} done in {state.seconds:.0f} s, {state.megabytes:.0f} MB: {spec.title}"
    if state.status == "skipped":
        return f"{spec.number} skipped: {state.error}"
    place = f" in cell {state.cell}" if state.cell else ""
    return f"{spec.number} FAILED{place}: {state.error}"


def for_terminal() -> Progress:
    """The display that fits where the output goes."""
    return LiveProgress() if sys.stdout.isatty() else Progress()
