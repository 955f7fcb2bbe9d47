"""`vcemo student` and `vcemo grade`: exercises handed out and handed in."""

from pathlib import Path
from typing import Annotated

import typer

from ..course.run.quick_start import skip_slow_imports


def student(
    folder: Annotated[Path, typer.Argument(help="Where the students' edition goes: a new or empty folder.")],
    chapters: Annotated[
        list[str] | None, typer.Argument(help="Chapters: 04, 04-07 or a file name; all when none.")
    ] = None,
) -> None:
    """Write the chapters without the solutions of their exercises."""
    skip_slow_imports()
    from ..course.exercise.edition import write_edition

    written = write_edition(folder, tuple(chapters or ()))
    print(f"{len(written)} notebook{'s' * (len(written) != 1)} without solutions in {folder}")


def grade(
    file: Annotated[Path, typer.Argument(help="A notebook that a student hands in.")],
    seconds: Annotated[float, typer.Option(help="How long each answer may run.")] = 20,
) -> None:
    """Mark a notebook: for each exercise a line, passed, a hint or not attempted; exit code 0 when all pass.

    Answers are run on this machine as they are, each in a process of its own: mark only what you would run yourself.
    """
    skip_slow_imports()
    from ..course.exercise.marking import grade_file

    raise typer.Exit(grade_file(file, seconds))
