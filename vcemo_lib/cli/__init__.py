"""The `vcemo` command. Each command imports what it needs when called, so that `vcemo --help` is quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..course.run.quick_start import skip_slow_imports
from ..disk import sentence_of
from ..messages import one_line, show_messages
from ..provenance import release
from .answers import predict
from .cache import app as cache_app
from .corpus import app as corpus_app
from .exercises import grade, student
from .launched import first_speaks, require_training
from .model import export, train
from .probes import probe
from .table import table

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(corpus_app, name="corpus")
app.add_typer(cache_app, name="cache")
app.command()(train)
app.command()(predict)
app.command()(export)
app.command()(table)
app.command()(probe)
app.command()(student)
app.command()(grade)

Chapters = Annotated[list[str] | None, typer.Argument(help="Chapters: 04, 04-07 or a file name; all when none.")]
Jobs = Annotated[int, typer.Option(help="Chapters at once; with more than one, each has one thread.")]
Out = Annotated[str, typer.Option(help="Output folder; runs/<profile> when empty.")]
Assignments = Annotated[list[str] | None, typer.Option("-p", help="name=value, or 04:name=value for one chapter.")]


def _version(asked: bool) -> None:
    if asked:
        print(f"vcemo {release()}")
        raise typer.Exit()


@app.callback()
def vcemo(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run, check and read the VCEMO course."""
    require_training(context.invoked_subcommand)
    show_messages()


@app.command()
def run(
    chapters: Chapters = None,
    profile: Annotated[str, typer.Option(help="tiny, laptop or paper.")] = "tiny",
    corpus: Annotated[str, typer.Option(help="Name of a corpus; the shipped one when empty.")] = "",
    corpus_root: Annotated[str, typer.Option(help="Folder of that corpus.")] = "",
    seed: Annotated[str, typer.Option(help="Seed of everything random.")] = "",
    out: Out = "",
    jobs: Jobs = 2,
    p: Assignments = None,
    write: Annotated[
        bool, typer.Option("--write", metavar="", help="Renew the committed notebooks and figures.")
    ] = False,
) -> None:
    """Execute chapters; what is done already and still holds is not repeated."""
    names = [corpus, *(text.partition("=")[2] for text in p or () if "corpus=" in text)]
    _require_corpora(names)
    skip_slow_imports()
    from ..course.run.batch import run_batch
    from ..course.run.plan import load_plan
    from ..course.run.request import RunRequest

    load_plan().choose(chapters or ())
    if not corpus_root and not any("corpus_root=" in text for text in p or ()):
        _require_places(names)
    corpus_root = corpus_root or _added_root(corpus)
    given = tuple(chapters or ()), profile, corpus, corpus_root, seed, out, jobs, tuple(p or ()), write
    raise typer.Exit(run_batch(RunRequest(*given, sounds=sounds_outside)))


def sounds_outside(name: str, root: str) -> list[Path]:
    """The recordings of a corpus that lie outside its root: beside a table, or where `vcemo corpus add` found them."""
    if not name or (root and Path(root).expanduser().is_dir()):
        return []
    from ..data.corpora import load_corpus

    return [Path(sound) for sound in load_corpus(name, root).frame["audio"] if isinstance(sound, str | Path)]


def _require_corpora(names: list[str]) -> None:
    """Refuse a corpus nobody knows before any chapter starts."""
    if any(names):
        from ..data.corpora import card_of

        for name in filter(None, names):
            card_of(name)


def _require_places(names: list[str]) -> None:
    """Refuse a corpus that was not added, or is no longer where it was, before any chapter starts."""
    if any(names):
        from ..data.corpora import require_place

        for name in filter(None, names):
            require_place(name)


def _added_root(corpus: str) -> str:
    """Where `vcemo corpus add` said that a corpus lies, so that a run notices when it changes."""
    if not corpus:
        return ""
    from ..data.corpora import added

    known = added.recall(corpus)
    return known.root if known else ""


@app.command()
def check(chapters: Chapters = None, out: Out = "", jobs: Jobs = 2) -> None:
    """Execute chapters where needed and compare them with the committed notebooks."""
    skip_slow_imports()
    from ..course.check.check import run_check
    from ..course.run.request import RunRequest

    raise typer.Exit(run_check(RunRequest(tuple(chapters or ()), out=out, jobs=jobs)))


@app.command()
def lint(chapters: Chapters = None) -> None:
    """Report every rule that a committed notebook breaks."""
    skip_slow_imports()
    from ..course.check.lint import run_lint

    raise typer.Exit(run_lint(tuple(chapters or ())))


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


def main() -> None:
    """Entry point: what a user or a machine can cause is one sentence on stderr and exit code 2."""
    with first_speaks():
        _answer()


def _answer() -> None:
    if hasattr(sys.stdout, "reconfigure"):  # a file's name may be no text: it ends no batch
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:
        if not (sentence := sentence_of(error)):  # a fault of the code: its traceback is wanted
            raise
        print(f"vcemo: {one_line(sentence)}", file=sys.stderr)
        sys.exit(2)
