"""`vcemo corpus`: what corpora there are, what may be done with them, and bringing one's own."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .arguments import Name, Pairs, Strict, pairs, truth
from .corpus_work import check, export, features, print_labels, transcribe

app = typer.Typer(no_args_is_help=True, help="List, show, add and check corpora.")


@app.command("list")
def list_corpora() -> None:
    """Name every corpus that can be read, and where the added ones lie."""
    from ..data.corpora import CARDS, added

    for name, card in CARDS.items():
        known = added.recall(name)
        where = known.root if known else "ships with the course" if card.simulated else "not added"
        print(f"{name:<12} text: {card.text:<6} {card.title} · {card.language} · {where}{_gone(known)}")
    for name, known in ((name, added.recall(name)) for name in added.added() if name not in CARDS):
        print(f"{name:<12} text: {CARDS[known.reader].text:<6} added as {known.reader} · {known.root}{_gone(known)}")


def _gone(known) -> str:
    """What to add where an added corpus was moved or deleted since."""
    return ", which is not there any more" if known and not Path(known.root).exists() else ""


@app.command()
def show(name: Name) -> None:
    """Print source, licence, citation, what is not allowed, and how the labels are read; of an added table, its own."""
    from ..data.corpora import CARDS, added, card_of, load_corpus

    card = card_of(name)
    if name not in CARDS and added.recall(name):
        corpus = load_corpus(name)
        print("\n".join(card.lines()))
        print_labels(card, corpus)
        return print(corpus.size)
    print("\n".join([*card.lines(), *card.label_lines()]))
    if card.example:
        print("example:     " + "\n             ".join(card.example))


@app.command()
def add(
    name: Name,
    path: Annotated[
        str, typer.Argument(help="Its folder, an archive of it, its name at a hub, or a manifest's table.")
    ],
    strict: Strict = "true",
    column: Annotated[Pairs, typer.Option(help="ours=theirs, for a table: audio=wav_path.")] = None,
    label: Annotated[Pairs, typer.Option(help="theirs=ours, for a table: calm=neutral; calm= leaves it out.")] = None,
    option: Annotated[Pairs, typer.Option(help="name=value for the loader: language=en.")] = None,
    classes: Annotated[
        str, typer.Option(help="own: a table's own words are the classes, in place of the six emotions.")
    ] = "",
    name_here: Annotated[
        str, typer.Option("--as", help="A name of its own, to keep several tables at once: mine.")
    ] = "",
) -> None:
    """Read a corpus, show what was made of it, and write down where it lies, so that corpus=NAME is enough."""
    from ..data.corpora import card_of

    card, options = card_of(name), pairs(option)
    given = {"columns": pairs(column), "labels": pairs(label, at_last=True), "classes": classes}
    options |= {key: value for key, value in given.items() if value}
    _add(card, path, truth(strict), options, card.lines(), _own_name(name_here) or name)


def _own_name(name: str) -> str:
    """The name a corpus gets here: it will be part of file names, and must not hide a known one."""
    from ..data.corpora import CARDS
    from ..data.corpus import CorpusError

    if name and (name in CARDS or not re.fullmatch(r"[a-z0-9][a-z0-9_-]{,99}", name)):
        raise CorpusError(
            f"--as is {name!r}: give a name of small letters, digits, - and _, 100 at most, that no known corpus has"
        )
    return name


def _add(card, path: str | Path, strict: bool, options: dict, facts: list[str], name: str) -> None:
    from ..data.corpora import CORPORA, added, located
    from ..data.corpus import CorpusError
    from ..data.duplicates import duplicates_line

    root = located(card, path)
    try:
        corpus = CORPORA[card.name](root, strict=strict, **options)
    except TypeError as error:  # an option that this loader does not have
        raise CorpusError(f"corpus {card.name} is not read with {', '.join(options)} ({error}): leave it out") from None
    before = added.recall(name)
    added.remember(name, root, options | {"strict": strict}, "" if name == card.name else card.name)
    added.first_use(card.name)
    print(*facts, sep="\n", end="\n" * bool(facts))
    print_labels(card, corpus)
    print(corpus.size + ("" if corpus.has_audio else ", text only: use --modalities words,bert"))
    if corpus.frame[["text", "text_asr"]].isna().all(axis=None):
        print("no text: 'vcemo corpus transcribe' makes one, or use --modalities audio")
    if line := duplicates_line(corpus):
        print(line)
    if before and before.root != str(Path(root).expanduser().resolve()):
        print(f"in place of {before.root}; to keep both, add one of them with --as and a name of its own")
    print(_what_for(replace(corpus, name=name)))


def _what_for(corpus) -> str:
    """What an added corpus can be used for: all, or what needs no three parts."""
    from ..data.corpus import CorpusError, require_two_classes
    from ..data.labels import EMOTIONS
    from ..data.splits import require_8_1_1

    try:
        require_two_classes(corpus)
        require_8_1_1(corpus)
    except CorpusError as error:
        has_text = corpus.frame[["text", "text_asr"]].notna().any(axis=None)
        works = [f"'vcemo corpus features {corpus.name}'"] * bool(has_text and (corpus.counts() > 0).sum() > 1)
        works += ["'vcemo predict' with its files"] * corpus.has_audio
        still = f"; {' and '.join(works)} work{'s' * (len(works) == 1)} all the same" if works else ""
        return f"added, but chapters and tables refuse it yet: {error}{still}"
    if corpus.labels != EMOTIONS:
        return (
            f"added with {len(corpus.labels)} classes of its own: give --corpus {corpus.name} to 'vcemo train' and "
            "'vcemo table'; chapters on four of the six emotions refuse it"
        )
    return f'added: use it with --corpus {corpus.name}, or corpus="{corpus.name}" in a notebook'


@app.command()
def fetch(name: Name) -> None:
    """Download a corpus whose licence and host allow it, and add it; a download that broke off goes on where it was."""
    from rich.progress import DownloadColumn, Progress

    from ..data.corpora import CARDS, archives, card_of, download
    from ..data.corpus import CorpusError

    card = card_of(name)
    if not card.downloads:
        can = ", ".join(other.name for other in CARDS.values() if other.downloads)
        raise CorpusError(f"{name} cannot be fetched from here, get it from {card.source} and add it; these can: {can}")
    print("\n".join(card.lines()), flush=True)
    with Progress(*Progress.get_default_columns(), DownloadColumn(), transient=True) as progress:
        for file in card.downloads:
            task = progress.add_task(file.name, total=file.size)
            path = download.fetch(name, file, lambda done, task=task: progress.update(task, completed=done))
    _add(card, path if archives.is_archive(path) else path.parent, True, {}, [], name)


for command in (check, export, features, transcribe):
    app.command()(command)
