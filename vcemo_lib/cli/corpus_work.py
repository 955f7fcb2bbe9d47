"""`vcemo corpus check`, `features` and `transcribe`: what is done with a corpus that can be read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ..messages import one_line
from .arguments import (
    Backend,
    Modalities,
    Name,
    Profile,
    Root,
    Strict,
    Weights,
    at_home,
    chosen,
    flag,
    require_backend,
    truth,
)


def check(name: Name, root: Root = "", strict: Strict = "false") -> None:
    """Open every clip; name the bad ones, the doubtful ones, and whether the split that fits can be made."""
    from ..data.corpora import card_of, load_corpus

    card, whole = card_of(name), truth(strict)
    corpus = load_corpus(name, root, strict=whole)
    print_labels(card, corpus)
    bad = _print_survey(corpus) if corpus.has_audio else 0
    _print_split(corpus, card)
    raise typer.Exit(1 if bad else 0)


def export(
    name: Name,
    folder: Annotated[Path, typer.Argument(callback=at_home, help="The folder to make.")],
    root: Root = "",
) -> None:
    """Write a corpus, its sounds within, as a data set that Hugging Face's load_dataset(FOLDER) reads."""
    from ..data.corpora import card_of, load_corpus

    card = card_of(name)
    from ..data.corpora import datasets_out  # which brings pandas

    files = datasets_out.write(load_corpus(name, root), folder)
    parts = ", ".join(path.name.partition("-")[0] for path in files if path.suffix == ".parquet")
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{folder}: {parts}; {size:.1f} MB; not allowed: {card.forbidden}")
    print(f"read it with datasets.load_dataset('{folder}'), or 'vcemo corpus add manifest {folder} --as NAME'")


def features(name: Name, root: Root = "", profile: Profile = "tiny", modalities: Modalities = "") -> None:
    """Compute and keep the features that the chapters of a profile use."""
    from ..data.corpora import card_of
    from ..recipes import profile as recipe_of

    recipe = recipe_of(profile, card_of(name).name)
    if modalities:
        recipe = recipe.but(modalities=chosen(modalities))
    from ..data.features import describe
    from ..experiments.experiment import features_of

    print(describe(features_of(recipe, name, root)).to_string())


def transcribe(
    name: Name,
    root: Root = "",
    weights: Weights = "base",
    backend: Backend = "whisper",
    compute: Annotated[str, typer.Option(help="float32, or int8 with the faster back-end.")] = "float32",
    device: Annotated[str, typer.Option(help="cpu or cuda; when empty, a GPU if there is one.")] = "",
    times: Annotated[bool, flag("--times", "Also when each word is said, for CME: slow.")] = False,
) -> None:
    """Let Whisper hear every clip and keep the text; a run that was killed goes on where it was."""
    from ..data.corpora import card_of, load_corpus
    from ..data.corpus import require_sound

    card_of(name)
    require_backend(backend)
    corpus = load_corpus(name, root)
    require_sound(corpus)
    from ..audio import whisper_asr

    model = whisper_asr.load(weights, device, backend, corpus.language, compute)
    result = _listened(corpus, model, times)
    for utterance, problem in result.problems.items():
        print(one_line(f"bad: {utterance}: {problem}"))
    for sentence in _told(result, model, corpus.language):
        print(sentence)
    _print_errors(result.corpus.frame[~result.corpus.frame["id"].isin(list(result.problems))])
    raise typer.Exit(1 if result.problems else 0)


def _listened(corpus, model, times: bool):
    """What Whisper hears of each clip, and with `times` when each word is said; both are kept."""
    from rich.progress import Progress

    from ..audio.whisper_asr import recorded
    from ..data.corpora import added
    from ..data.transcripts import time_words, transcribe_corpus

    with Progress(transient=True) as bar:
        task = bar.add_task("listening", total=len(corpus))
        result = transcribe_corpus(corpus, model, progress=lambda done: bar.update(task, completed=done))
        added.keep_transcripts(result.corpus, recorded(model.settings))
        if times:
            task = bar.add_task("timing words", total=len(corpus))
            timed = time_words(corpus, model, progress=lambda done: bar.update(task, completed=done))
            added.keep_word_times(timed.corpus, recorded(model.settings))
    return result


def _told(result, model, language: str) -> Iterator[str]:
    """How many clips were heard, how long each took, and what is doubtful."""
    from ..data.corpus import counted

    each = result.seconds / max(sum(result.processes), 1)
    known = len(result.corpus) - len(result.problems)
    yield f"{known} clips have a text_asr now, {result.new} of them new; each took {each:.2f} s"
    heard = result.corpus.frame.set_index("id")["text_asr"].drop(list(result.problems))
    if silent := heard.index[heard == ""].tolist():
        yield f"no words were heard in {counted(len(silent), 'clip')}, such as {', '.join(map(str, silent[:3]))}"
    if model.loops:
        yield f"{counted(model.loops, 'clip')} heard again, because Whisper repeated itself"
    if strange := model.others.counts():
        like = ", ".join(f"{n} like {name}" for name, n in strange.most_common(3))
        yield (
            f"doubtful: {like} of {counted(len(model.others), 'clip')} heard as {language!r}, whose words are "
            "made up: if the corpus is of another language, say so when it is added (--option language=…)"
        )


def _print_errors(frame) -> None:
    """How far what was heard is from what was said, where the corpus knows what was said."""
    from ..audio.whisper_asr import character_errors

    known = frame[frame["text"].fillna("") != ""]
    if len(known):
        e = character_errors(known["text"], known["text_asr"])
        print(
            f"character error {e.rate:.1%} of {e.characters:,}: {e.substitutions:,} substituted, "
            f"{e.insertions:,} inserted, {e.deletions:,} deleted"
        )


def print_labels(card, corpus) -> None:
    """Print how the words of a corpus are read, and how often each is there."""
    from ..data.corpora.card import label_table

    print(label_table(card, corpus).to_string(index=False))


def _print_survey(corpus) -> int:
    """Open every clip and print what is bad and doubtful; returns the number of clips that cannot be used."""
    from rich.progress import Progress

    from ..data.corpus import counted, survey

    with Progress(transient=True) as bar:
        task = bar.add_task("opening clips", total=len(corpus))
        clips = survey(corpus, lambda done: bar.update(task, completed=done))
    bad, doubtful = clips[clips["problem"] != ""], clips[clips["doubt"] != ""]
    for row in bad.head(20).itertuples():
        print(one_line(f"bad: {row.id}: {row.problem}"))
    for kind, rows in doubtful.groupby("doubt"):
        print(f"{kind}: {counted(len(rows), 'clip')}, such as {', '.join(rows['id'][:3])}")
    lasting, usable = clips["seconds"].describe(), len(clips) - len(bad)
    span = f"; {clips['seconds'].sum() / 60:.1f} minutes, each {lasting['min']:.2f} to {lasting['max']:.2f} s"
    print(f"{usable} of {len(clips)} clips can be used{span if usable else ''}")
    return len(bad)


def _print_split(corpus, card) -> None:
    """The split that fits, what is doubtful of it, and whether `vcemo train` answers by folds instead."""
    from ..data.corpus import counted, one_class
    from ..data.leakage import repeated
    from ..data.speaker_splits import doubtful_names, doubts
    from ..experiments.model_training import in_folds, kept_apart

    split = card.split(corpus)
    said = *doubtful_names(corpus), *doubts(split, corpus), *repeated(corpus, split)
    for doubt in filter(None, (one_class(corpus), *said)):
        print(f"doubtful: {doubt}")
    print(f"split that fits: {split.name}: {len(split.train)} / {len(split.val)} / {len(split.test)}")
    voices = counted(corpus.speakers, "speaker") if corpus.speakers else "no speaker"
    print(f"because: {card.split.__doc__} This copy names {voices}.")
    if in_folds(corpus):
        apart = f"without a common {kept_apart(split)}" if split.promises else "of utterances"
        print(f"'vcemo train' answers so few by folds {apart} instead: all {len(corpus)} are tested once")
