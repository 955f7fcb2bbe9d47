"""The `vcemo` command. Each command imports what it needs when called, so that `vcemo --help` is quick."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..config import ConfigError
from ..disk import require_folder, sentence_of
from ..messages import one_line, show_messages
from ..paths import cache_dir
from ..provenance import release
from .answers import predict
from .arguments import Profile, at_home, flag
from .cache import app as cache_app
from .corpus import app as corpus_app
from .launched import first_speaks, number, require_training
from .model import export, train
from .table import probe, table

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(corpus_app, name="corpus")
app.add_typer(cache_app, name="cache")
app.command()(train)
app.command()(predict)
app.command()(export)
app.command()(table)
app.command()(probe)

Chapters = Annotated[list[str] | None, typer.Argument(help="Chapters: 04, 04-07 or a file name; all when none.")]
Jobs = Annotated[int, typer.Option(help="Chapters at once; with more than one, each has one thread.")]
Out = Annotated[str, typer.Option(help="Output folder; runs/<profile> when empty.")]
Assignments = Annotated[list[str] | None, typer.Option("-p", help="name=value, or 04:name=value for one chapter.")]


def _version(asked: bool) -> None:
    if asked:
        print(f"vcemo {release()}")
        raise typer.Exit()


def _require_ground() -> None:
    """Raise ConfigError where libraries would fail over what they stand on: the folder one is in, their docstrings."""
    try:
        os.getcwd()
    except OSError:
        raise ConfigError("the folder that you are in was deleted: go to another one") from None
    if sys.flags.optimize > 1:
        raise ConfigError("-OO (PYTHONOPTIMIZE=2) takes docstrings away, which transformers reads: start without it")


@app.callback()
def vcemo(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run, check and read the VCEMO course."""
    require_training(context.invoked_subcommand)
    _require_ground()
    if context.invoked_subcommand != "doctor":  # which names it among all else that is missing
        require_folder(cache_dir(), "the cache is a folder: set VCEMO_CACHE to a folder, or unset it")
    show_messages()


@app.command()
def run(
    chapters: Chapters = None,
    profile: Profile = "tiny",
    corpus: Annotated[str, typer.Option(help="Name of a corpus; the shipped one when empty.")] = "",
    corpus_root: Annotated[str, typer.Option(help="Folder of that corpus.")] = "",
    seed: Annotated[str, typer.Option(help="Seed of everything random.")] = "",
    out: Out = "",
    jobs: Jobs = 2,
    p: Assignments = None,
    write: Annotated[bool, flag("--write", "Renew the committed notebooks and figures.")] = False,
) -> None:
    """Execute chapters; what is done already and still holds is not repeated."""
    names = [corpus, *(text.partition("=")[2] for text in p or () if "corpus=" in text)]
    if names := [name for name in names if name]:
        from ..data import corpora

        for name in names:
            corpora.card_of(name)  # refuses one that nobody knows before any chapter starts
    from ..course.run.plan import load_plan
    from ..course.run.request import RunRequest
    from ..course.run.runner import run_batch

    load_plan().choose(chapters or ())
    if not corpus_root and not any("corpus_root=" in text for text in p or ()):
        for name in names:
            corpora.require_place(name)
    if corpus and not corpus_root and (known := corpora.added.recall(corpus)):
        corpus_root = known.root  # so that a run notices when the corpus changes
    given = tuple(chapters or ()), profile, corpus, corpus_root, seed, out, jobs, tuple(p or ()), write
    raise typer.Exit(run_batch(RunRequest(*given, sounds=sounds_outside)))


def sounds_outside(name: str, root: str) -> list[Path]:
    """The recordings of a corpus that lie outside its root: beside a table, or where `vcemo corpus add` found them."""
    if not name or (root and Path(root).expanduser().is_dir()):
        return []
    from ..data.corpora import load_corpus

    return [Path(sound) for sound in load_corpus(name, root).frame["audio"] if isinstance(sound, str | Path)]


@app.command()
def check(chapters: Chapters = None, out: Out = "", jobs: Jobs = 2) -> None:
    """Execute chapters where needed and compare them with the committed notebooks."""
    from ..course.check.check import run_check
    from ..course.run.request import RunRequest

    raise typer.Exit(run_check(RunRequest(tuple(chapters or ()), out=out, jobs=jobs)))


@app.command()
def lint(chapters: Chapters = None) -> None:
    """Report every rule that a committed notebook breaks."""
    from ..course.check.lint import run_lint

    raise typer.Exit(run_lint(tuple(chapters or ())))


@app.command()
def student(
    folder: Annotated[Path, typer.Argument(help="Where the students' edition goes; nothing there is overwritten.")],
    chapters: Chapters = None,
) -> None:
    """Write the chapters without the solutions of their exercises."""
    from ..course.exercise.edition import write_edition

    written = write_edition(folder, tuple(chapters or ()))
    print(f"{len(written)} notebook{'s' * (len(written) != 1)} without solutions in {folder}")


@app.command()
def colab(
    address: Annotated[str, typer.Argument(help="What git clones the course from, readable from Colab.")],
    folder: Annotated[Path, typer.Argument(help="Where the chapters go; nothing there is overwritten.")],
    chapters: Chapters = None,
) -> None:
    """Write the chapters for Google Colab: each fetches and installs the course where it is opened."""
    from ..course.exercise.colab import write_colab

    written = write_colab(folder, address, tuple(chapters or ()))
    print(f"{len(written)} notebook{'s' * (len(written) != 1)} for Colab in {folder}")


@app.command()
def grade(
    file: Annotated[Path, typer.Argument(callback=at_home, help="A notebook that a student hands in.")],
    seconds: Annotated[float, typer.Option(help="How long each answer may run.")] = 20,
) -> None:
    """Mark a notebook: for each exercise a line, passed, a hint or not attempted; exit code 0 when all pass.

    Answers are run on this machine as they are, each in a process of its own: mark only what you would run yourself.
    """
    from ..course.exercise.marking import grade_file

    raise typer.Exit(grade_file(file, seconds))


@app.command()
def doctor() -> None:
    """Name what is missing on this machine, and the cure."""
    from .doctor import run_doctor

    raise typer.Exit(run_doctor())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open working copies of the notebooks in JupyterLab; its own options follow, as --port 8900 --no-browser."""
    import subprocess

    from ..course.run.environment import lab_environment
    from ..course.run.lab import FOLDER, working_copies
    from ..course.run.plan import load_plan
    from ..paths import ROOT

    load_plan()  # an installed wheel has no chapters
    for copy in working_copies():
        print(f"{copy.name} is as you changed it; delete {FOLDER.name}/{copy.name} to have the committed one again")
    start = f"--LabApp.default_url=/lab/tree/{FOLDER.name}/00_start_here.ipynb"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", start, *context.args]
    raise typer.Exit(subprocess.run(command, env=lab_environment(), check=False).returncode)


def end_cleanly() -> None:
    """From now on SIGTERM, and SIGHUP of a terminal that goes, raise SystemExit, so that a command clears up first.

    A signal that is ignored, as under `nohup`, stays ignored; when the same one comes again the process ends at once.
    """
    for sign in (getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)):  # Windows has one
        if signal.getsignal(sign) == signal.SIG_DFL:
            signal.signal(sign, _end)


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(128 + number)


def main() -> None:
    """Entry point: what a user or a machine can cause is one sentence on stderr and exit code 2."""
    if number("WORLD_SIZE", 1) == 1:  # several wait for each other: their launcher ends them
        end_cleanly()
    with first_speaks():
        _answer()


def _answer() -> None:
    sys.stderr = sys.stderr or open(os.devnull, "w")  # where it is closed, print takes stdout, which has the answers
    if hasattr(sys.stdout, "reconfigure"):  # a file's name may be no text: it ends no batch
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:
        if not (sentence := _of_printing() or sentence_of(error)):  # a fault of the code: its traceback is wanted
            raise
        print(f"vcemo: {one_line(sentence)}", file=sys.stderr)
        sys.exit(2)


def _of_printing() -> str:
    """What is said where the last thing printed cannot be written, as on a full disk; "" where it can."""
    try:
        print(end="", flush=True)
    except OSError as error:
        return f"what is printed cannot be written ({error.strerror}): make room, or send it to another place"
    return ""
