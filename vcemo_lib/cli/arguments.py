"""What several commands take, and the judging of it."""

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..config import BACKENDS, KNOWN_MODALITIES, UNCERTAIN, ConfigError

Name = Annotated[str, typer.Argument(help="A corpus of 'vcemo corpus list'.")]
Root = Annotated[str, typer.Option(help="Its folder or table; empty: where 'add' said it is.")]
Strict = Annotated[str, typer.Option(help="true: refuse a copy that differs from what was published.")]
Pairs = list[str] | None


def at_home(value):
    """A path, or a list of some, whose ~ is the user's folder: a shell leaves it behind --option= and in quotes."""
    if isinstance(value, list | tuple):
        return [at_home(one) for one in value]
    return type(value)(os.path.expanduser(value)) if value else value


def encoder(name: str) -> str:
    """A name as it is, of a folder or file that is here its whole path: a model is asked from other places too."""
    path = at_home(name)
    return os.path.abspath(path) if os.sep in path and os.path.exists(path) else path


def chosen(modalities: str) -> tuple[str, ...]:
    """The modalities that an option names, or ConfigError."""
    names = tuple(modalities.replace(" ", "").split(","))
    if set(names) - set(KNOWN_MODALITIES) or len(set(names)) < len(names):
        raise ConfigError(f"--modalities is {','.join(names)!r}: give some of {','.join(KNOWN_MODALITIES)}, each once")
    return names


Profile = Annotated[str, typer.Option(help="tiny, laptop or paper.")]
Modalities = Annotated[str, typer.Option(help="Some of audio,words,bert; all three when empty.")]
Weights = Annotated[str, typer.Option(callback=at_home, help="A Whisper name, or the path of its weights.")]
Backend = Annotated[str, typer.Option(help="whisper or faster.")]


def flag(name: str, help: str):
    """An option that is given or not, and never with a no- before it."""
    return typer.Option(name, metavar="", help=help)


def truth(text: str) -> bool:
    """The value of --strict; ConfigError for another word than true and false."""
    if text.lower() not in ("true", "false"):
        raise ConfigError(f"--strict is {text!r}: give true or false")
    return text.lower() == "true"


def pairs(texts: Iterable[str] | None, at_last: bool = False) -> dict[str, str]:
    """From name=value, several times, to a dictionary; `at_last`: the last = divides, for names that have one.

    Raises:
        ConfigError: one is not of this form, or a name has two values.
    """
    values: dict[str, str] = {}
    for text in texts or ():
        name, mark, value = text.rpartition("=") if at_last else text.partition("=")
        if not name or not mark:
            raise ConfigError(f"{text!r} is not of the form name=value")
        if values.setdefault(name, value) != value:
            raise ConfigError(f"{name} is said to be {values[name]!r} and {value!r}: say one of them")
    return values


def require_backend(backend: str) -> None:
    """Raise ConfigError, before torch loads, for a recogniser that there is not."""
    if backend not in BACKENDS:
        raise ConfigError(f"no Whisper back-end named {backend!r}: choose one of {', '.join(BACKENDS)}")


def require_share(option: str, value: float) -> None:
    """Raise ConfigError for what is no probability."""
    if not 0 <= value <= 1:
        raise ConfigError(f"{option} is {value}: give a probability, from 0 to 1")


def names_of(text: str) -> list[str]:
    """Names divided by commas; one with a comma in it stands in quotation marks, as in CSV.

    Raises:
        ConfigError: there is no name in the text.

    >>> names_of('sad, "a,b"')
    ['sad', 'a,b']
    """
    try:
        names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip()]
    except csv.Error:
        names = []
    if text and not names:
        raise ConfigError(f"--classes is {text!r}: give names in one line, divided by commas")
    return names


def require_told_apart(at_least: float, classes: Iterable[str]) -> None:
    """Raise ConfigError for --at-least where a class of the model is the word for what it does not say."""
    if at_least and UNCERTAIN in classes:
        raise ConfigError(f"--at-least answers {UNCERTAIN!r}, which is a class of this model: leave the option out")


FORMS = ("text", "json", "csv", "srt", "vtt", "audacity")
ONE_FILE = FORMS[3:]  # a subtitle belongs to one recording
PICTURES = (".png", ".svg", ".pdf")


def require_form(form: str, as_json: bool, files: int) -> str:
    """The form of the answers; ConfigError for one that there is not, or that cannot hold so many files."""
    if form not in FORMS or (as_json and form not in ("text", "json")):
        raise ConfigError(f"--format is {form!r}{' beside --json' * as_json}: choose one of {', '.join(FORMS)}")
    if form in ONE_FILE and files > 1:
        raise ConfigError(f"--format {form} is of one file, and {files} were given: ask about one, or choose csv")
    return "json" if as_json else form


def require_picture(picture: Path | None) -> None:
    """Raise ConfigError for a kind of picture that is not drawn, or a folder that is not there."""
    if picture and picture.suffix.lower() not in PICTURES:
        raise ConfigError(f"--picture is {str(picture)!r}: give a file that ends in {', '.join(PICTURES)}")
    if picture and not picture.absolute().parent.is_dir():
        raise ConfigError(f"--picture is {str(picture)!r}: there is no folder {picture.absolute().parent}")
    if picture and picture.is_dir():
        raise ConfigError(f"--picture is {str(picture)!r}, which is a folder: give the name of a file in it")


def texts_of(texts: list[str] | None, files: int) -> list[str] | None:
    """One text for each file, of one '' as many as there are files; None where Whisper is to listen.

    Raises:
        ConfigError: another number of texts than of files.
    """
    if texts and len(texts) != files and texts != [""]:
        raise ConfigError(f"{len(texts)} texts for {files} files: give one text a file, or once '' for no words")
    return texts * files if texts == [""] else texts or None


BARS = ("", "majority", "simple")


def require_bar(bar: str) -> None:
    """Raise ConfigError, before anything is trained, for a bar that there is not."""
    if bar not in BARS:
        raise ConfigError(f"--require-above is {bar!r}: choose majority or simple, or leave it out")


def require_above_bar(scores: Mapping[str, Mapping[str, float]], bar: str) -> None:
    """Raise ConfigError where the accuracy "wa" of "model" is not above the bar: majority, or any simple classifier."""
    rivals = {name: its["wa"] for name, its in scores.items() if name != "model" and bar in ("simple", name)}
    best = max(rivals, key=rivals.get, default="")
    if best and scores["model"]["wa"] <= rivals[best]:
        model = scores["model"]["wa"]
        raise ConfigError(f"the model is kept, and with {model:.3f} it is not above {best} with {rivals[best]:.3f}")
