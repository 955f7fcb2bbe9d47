"""The `vcemo` command. Each command imports what it needs when called, so that `vcemo --help` is quick."""

import sys
from typing import Annotated

import typer

from .course.errors import CourseError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run, check and read the VCEMO course.",
)

Chapters = Annotated[
    list[str] | None, typer.Argument(help="Chapters: 04, 04-07 or a file name; all when none.")
]
Jobs = Annotated[int, typer.Option(help="Chapters at once; with more than one, each has one thread.")]
Out = Annotated[str, typer.Option(help="Output folder; runs/<profile> when empty.")]


@app.command()
def run(
    chapters: Chapters = None,
    profile: Annotated[str, typer.Option(help="tiny, laptop or paper.")] = "tiny",
    corpus: Annotated[str, typer.Option(help="Name of a corpus; the shipped one when empty.")] = "",
    corpus_root: Annotated[str, typer.Option(help="Folder of that corpus.")] = "",
    seed: Annotated[str, typer.Option(help="Seed of everything random.")] = "",
    out: Out = "",
    jobs: Jobs = 2,
    p: Annotated[
        list[str] | None, typer.Option("-p", help="name=value, or 04:name=value for one chapter.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Renew the committed notebooks and figures.")
    ] = False,
) -> None:
    """Execute chapters; what is done already and still holds is not repeated."""
    from .course.batch import run_batch
    from .course.request import RunRequest

    request = RunRequest(
        tuple(chapters or ()), profile, corpus, corpus_root, seed, out, jobs, tuple(p or ()), write
    )
    raise typer.Exit(run_batch(request))


def main() -> None:
    """Entry point: an error of the course is one sentence on stderr and exit code 2."""
    try:
        app()
    except CourseError as error:
        print(f"vcemo: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
