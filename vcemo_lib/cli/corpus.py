"""`vcemo corpus`: what corpora there are, what may be done with them, and bringing one's own."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="List, show, add and check corpora.")

Name = Annotated[str, typer.Argument(help="A corpus of 'vcemo corpus list'.")]
Root = Annotated[str, typer.Option(help="Its folder or table; empty: where 'add' said it is.")]
Strict = Annotated[str, typer.Option(help="true: refuse a copy that differs from what was published.")]
Pairs = list[str] | None


@app.command("list")
def list_corpora() -> None:
    """Name every corpus that can be read, and where the added ones lie."""
    from ..data.corpora import CARDS, added

    for name, card in CARDS.items():
        known = added.recall(name)
        where = known.root if known else "ships with the course" if card.simulated else "not added"
        print(f"{name:<12} text: {card.text:<6} {card.title} · {card.language} · {where}")
    for name, known in ((name, added.recall(name)) for name in added.added() if name not in CARDS):
        print(f"{name:<12} text: {CARDS[known.reader].text:<6} added as {known.reader} · {known.root}")


@app.command()
def show(name: Name) -> None:
    """Print source, licence, citation, what is not allowed, and how the labels are read."""
    card = _card(name)
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
    name_here: Annotated[
        str, typer.Option("--as", help="A name of its own, to keep several tables at once: mine.")
    ] = "",
) -> None:
    """Read a corpus, show what was made of it, and write down where it lies, so that corpus=NAME is enough."""
    card, options = _card(name), _pairs(option)
    options |= {key: pairs for key, pairs in (("columns", _pairs(column)), ("labels", _pairs(label))) if pairs}
    _add(card, path, _truth(strict), options, card.lines(), _own_name(name_here) or name)


def _own_name(name: str) -> str:
    """The name a corpus gets here: it will be part of file names, and must not hide a known one."""
    from ..data.corpora import CARDS
    from ..data.corpus import CorpusError

    if name and (name in CARDS or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name)):
        raise CorpusError(f"--as is {name!r}: give a name of small letters, digits, - and _ that no known corpus has")
    return name


def _add(card, path: str | Path, strict: bool, options: dict, facts: list[str], name: str) -> None:
    from ..data.corpora import CORPORA, added, sources
    from ..data.corpus import CorpusError

    root = sources.located(card, path)
    try:
        corpus = CORPORA[card.name](root, strict=strict, **options)
    except TypeError as error:  # an option that this loader does not have
        raise CorpusError(f"corpus {card.name} is not read with {', '.join(options)} ({error}): leave it out") from None
    before = added.recall(name)
    added.remember(name, root, options | {"strict": strict}, "" if name == card.name else card.name)
    added.first_use(card.name)
    print(*facts, sep="\n", end="\n" * bool(facts))
    _print_labels(card, corpus)
    print(corpus.size)
    if before and before.root != str(Path(root).expanduser().resolve()):
        print(f"in place of {before.root}; to keep both, add one of them with --as and a name of its own")
    print(_what_for(replace(corpus, name=name)))


def _what_for(corpus) -> str:
    """What an added corpus can be used for: all, or what needs no three parts."""
    from ..data.corpus import CorpusError
    from ..data.splits import require_8_1_1

    try:
        require_8_1_1(corpus)
    except CorpusError as error:
        return (
            f"added, but chapters and tables refuse it yet: {error}; 'vcemo corpus features {corpus.name}' and "
            "'vcemo predict' with its files work all the same"
        )
    return f'added: use it with --corpus {corpus.name}, or corpus="{corpus.name}" in a notebook'


@app.command()
def fetch(name: Name) -> None:
    """Download a corpus whose licence and host allow it, and add it; a download that broke off goes on where it was."""
    from rich.progress import DownloadColumn, Progress

    from ..data.corpora import CARDS, archives, download
    from ..data.corpus import CorpusError

    card = _card(name)
    if not card.downloads:
        can = ", ".join(other.name for other in CARDS.values() if other.downloads)
        raise CorpusError(f"{name} cannot be fetched from here, get it from {card.source} and add it; these can: {can}")
    print("\n".join(card.lines()), flush=True)
    with Progress(*Progress.get_default_columns(), DownloadColumn(), transient=True) as progress:
        for file in card.downloads:
            task = progress.add_task(file.name, total=file.size)
            path = download.fetch(name, file, lambda done, task=task: progress.update(task, completed=done))
    _add(card, path if archives.is_archive(path) else path.parent, True, {}, [], name)


@app.command()
def check(name: Name, root: Root = "", strict: Strict = "false") -> None:
    """Open every clip; name the bad ones, the doubtful ones, and whether the split that fits can be made."""
    from rich.progress import Progress

    from ..data.corpora import load_corpus
    from ..data.corpus import counted, survey

    card, corpus = _card(name), load_corpus(name, root, strict=_truth(strict))
    _print_labels(card, corpus)
    bad = 0
    if corpus.has_audio:
        with Progress(transient=True) as progress:
            task = progress.add_task("opening clips", total=len(corpus))
            found = survey(corpus, lambda done: progress.update(task, completed=done))
        bad = _print_survey(found)
    split = card.split(corpus)
    print(f"split that fits: {split.name}: {len(split.train)} / {len(split.val)} / {len(split.test)}")
    voices = counted(corpus.speakers, "speaker") if corpus.speakers else "no speaker"
    print(f"because: {card.split.__doc__} This copy names {voices}.")
    raise typer.Exit(1 if bad else 0)


@app.command()
def features(
    name: Name, root: Root = "", profile: Annotated[str, typer.Option(help="tiny, laptop or paper.")] = "tiny"
) -> None:
    """Compute and keep the features that the chapters of a profile use."""
    from ..data.features import describe
    from ..experiments.experiment import features_of
    from ..recipes import profile as recipe_of

    _card(name)
    print(describe(features_of(recipe_of(profile), name, root)).to_string())


@app.command()
def transcribe(
    name: Name,
    root: Root = "",
    weights: Annotated[str, typer.Option(help="A Whisper name, or the path of its weights.")] = "base",
    backend: Annotated[str, typer.Option(help="whisper or faster.")] = "whisper",
    compute: Annotated[str, typer.Option(help="float32, or int8 with the faster back-end.")] = "float32",
    device: Annotated[str, typer.Option(help="cpu or cuda; when empty, a GPU if there is one.")] = "",
    times: Annotated[
        bool, typer.Option("--times", metavar="", help="Also when each word is said, for CME: slow.")
    ] = False,
) -> None:
    """Let Whisper hear every clip and keep the text; a run that was killed goes on where it was."""
    from rich.progress import Progress

    from ..audio import whisper_asr as asr
    from ..data.corpora import added, load_corpus
    from ..data.transcripts import time_words, transcribe_corpus

    _card(name)
    corpus = load_corpus(name, root)
    model = asr.load(weights, device, backend, corpus.language, compute)
    with Progress(transient=True) as progress:
        task = progress.add_task("listening", total=len(corpus))
        found = transcribe_corpus(corpus, model, progress=lambda done: progress.update(task, completed=done))
        added.keep_transcripts(found.corpus, asr.recorded(model.settings))
        if times:
            task = progress.add_task("timing words", total=len(corpus))
            timed = time_words(corpus, model, progress=lambda done: progress.update(task, completed=done))
            added.keep_word_times(timed.corpus, asr.recorded(model.settings))
    for utterance, problem in found.problems.items():
        print(f"bad: {utterance}: {problem}")
    print(
        f"{len(corpus) - len(found.problems)} clips have a text_asr now, {found.new} of them new; each took "
        f"{found.seconds / max(sum(found.processes), 1):.2f} s"
    )
    _print_errors(
        found.corpus.select(found.corpus.frame["id"].isin(list(found.problems)).map(lambda bad: not bad).tolist())
    )
    raise typer.Exit(1 if found.problems else 0)


def _print_errors(corpus) -> None:
    """How far what was heard is from what was said, where the corpus knows what was said."""
    from ..audio import whisper_asr as asr

    known = corpus.frame[corpus.frame["text"].fillna("") != ""]
    if len(known):
        e = asr.character_errors(known["text"], known["text_asr"])
        print(
            f"character error {e.rate:.1%} of {e.characters:,}: {e.substitutions:,} substituted, "
            f"{e.insertions:,} inserted, {e.deletions:,} deleted"
        )


def _card(name: str):
    from ..data.corpora import card_of

    return card_of(name)


def _truth(text: str) -> bool:
    from ..data.corpus import CorpusError

    if text.lower() not in ("true", "false"):
        raise CorpusError(f"--strict is {text!r}: give true or false")
    return text.lower() == "true"


def _pairs(texts: list[str] | None) -> dict[str, str]:
    from ..data.corpus import CorpusError

    for text in texts or ():
        if not text.partition("=")[0] or "=" not in text:
            raise CorpusError(f"{text!r} is not of the form name=value")
    return {text.partition("=")[0]: text.partition("=")[2] for text in texts or ()}


def _print_labels(card, corpus) -> None:
    from ..data.corpora.card import label_table

    print(label_table(card, corpus).to_string(index=False))


def _print_survey(found) -> int:
    """Print what `survey` found; returns the number of clips that cannot be used."""
    from ..data.corpus import counted

    bad, doubtful = found[found["problem"] != ""], found[found["doubt"] != ""]
    for row in bad.head(20).itertuples():
        print(f"bad: {row.id}: {row.problem}")
    for kind, rows in doubtful.groupby("doubt"):
        print(f"{kind}: {counted(len(rows), 'clip')}, such as {', '.join(rows['id'][:3])}")
    lasting = found["seconds"].describe()
    print(
        f"{len(found) - len(bad)} of {len(found)} clips can be used; {found['seconds'].sum() / 60:.1f} minutes, "
        f"each {lasting['min']:.2f} to {lasting['max']:.2f} s"
    )
    return len(bad)
