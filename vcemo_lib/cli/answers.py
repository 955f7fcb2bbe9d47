"""`vcemo predict`: a model is asked about files, folders and recordings of any length."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from ..config import ConfigError
from ..errors import VcemoError
from ..messages import print_utf8
from ..paths import cache_dir
from . import arguments
from .arguments import Backend, Weights, at_home, flag


def predict(
    files: Annotated[
        list[str],
        typer.Argument(callback=at_home, help="Sound files (wav, flac, mp3, ogg, m4a …), or folders of them."),
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            callback=at_home, help="A folder that 'vcemo train' made. Default: assets/model_vcemo_sim, which ships."
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(help="What is said, one for each file; else Whisper listens. '' once: nobody knows any words."),
    ] = None,
    enrol: Annotated[
        list[str] | None,
        typer.Option(
            callback=at_home,
            help="Another clip of the person in the files, for a model that takes each speaker's mean away.",
        ),
    ] = None,
    at_least: Annotated[
        float, typer.Option(help="Say 'uncertain' where the likeliest emotion has a smaller probability.")
    ] = 0.0,
    classes: Annotated[
        str, typer.Option(help='Answer with these alone, divided by commas; their chances add up to 1. "a,b" is one.')
    ] = "",
    form: Annotated[str, typer.Option("--format", help="text, json, csv, srt, vtt or audacity.")] = "text",
    as_json: Annotated[bool, flag("--json", "As --format json.")] = False,
    picture: Annotated[
        Path | None, typer.Option(callback=at_home, help="Draw the chances over time: a png, svg or pdf file.")
    ] = None,
    keep: Annotated[bool, flag("--keep", "Keep the features of the speaker in the cache, and say where.")] = False,
    weights: Weights = "base",
    backend: Backend = "whisper",
) -> None:
    """Say what is heard, the probability of each emotion, where the model looked, and what each modality changes.

    chances: the probability of each emotion.

    sound: the three stretches of the clip with most weight; words: each word's.
    All stretches add to 1, and so do all words. Where a model looks is not why
    it answers.

    without audio, words (their vectors) or bert (the sentence's vector): the
    chances where this input is silenced, that is, all zeros. The model met no
    silenced input in training: these lines are a hint and no measurement.

    A recording longer than the model reads at once, of minutes or hours, is answered utterance by utterance, a row
    each, as it is read. --format: json (an object a line), csv, subtitles (srt, vtt) or labels for audacity.

    Nothing of the sound is left on disk unless --keep is given.
    """
    from ..inference.asked import require_classes, sound_files
    from ..inference.model_folder import SHIPPED, require_model

    model = model or SHIPPED
    require_model(model)
    arguments.require_backend(backend)
    arguments.require_share("--at-least", at_least)
    files = sound_files(files)
    form, texts = arguments.require_form(form, as_json, len(files)), arguments.texts_of(text, len(files))
    arguments.require_picture(picture)
    if form != "text":
        print_utf8()
    chosen = arguments.names_of(classes)
    require_classes(model, chosen)
    _require_one(files, form)
    shown = _shown(form, model, chosen, enrol, keep, at_least)
    shown.begin(_unused(shown.listener.bundle, text, enrol))
    _answer(shown, files, texts, weights, backend)
    if picture:
        _draw(shown, picture)
    raise typer.Exit(1 if shown.problems else 0)


def _require_one(files: list[str], form: str) -> None:
    """End the command where no file is there, each named."""
    from ..inference.asked import missing

    if len(problems := missing(files)) == len(files):
        for problem in problems:
            print(problem.told(form), file=sys.stdout if form in ("text", "json") else sys.stderr)
        raise typer.Exit(1)


def _shown(form: str, model: Path, chosen: list[str], enrol: list[str] | None, keep: bool, at_least: float):
    """Load the model, for answers in a form."""
    from ..inference.answer import Listener
    from ..inference.bundle import load_bundle
    from .shown import Shown

    bundle = load_bundle(model)
    arguments.require_told_apart(at_least, bundle.labels)
    return Shown(form, Listener(bundle, chosen, enrol or (), keep), at_least)


def _answer(shown, files: list[str], texts: list[str] | None, weights: str, backend: str) -> None:
    """Print the answers about files, and where features of the speaker are kept."""
    from ..inference.recordings import answer_files

    listener = shown.listener
    shown.answers(answer_files(listener, files, texts, _whisper(weights, backend, listener.bundle.language)))
    if listener.keep:
        shown.note(f"features are kept in {cache_dir() / 'features'}")


def _unused(bundle, text: list[str] | None, enrol: list[str] | None) -> list[str]:
    """What was given for nothing."""
    said = ["the model reads no text: --text changes nothing"] if any(text or ()) and not bundle.reads_text else []
    if enrol and not bundle.voice:
        said.append("the model takes no speaker's mean away: --enrol changes nothing, and its files are not read")
    return said


def _whisper(weights: str, backend: str, language: str):
    """Loads Whisper when the first file without a text is met, and keeps it."""

    @cache
    def loaded():
        from ..audio import whisper_asr

        return whisper_asr.load(weights, backend=backend, language=language, instead="say what is said with --text")

    def for_file(file: str):
        try:
            return loaded()
        except VcemoError as error:
            raise ConfigError(f"{file}: nobody said what is said in it, and {error}") from None

    return for_file


def _draw(shown, picture: Path) -> None:
    """Draw what was answered."""
    os.environ["MPLBACKEND"] = "agg"  # no window is opened; a notebook, from whose cell this is called, names its own
    from ..inference.timeline import draw

    if not shown.answered:
        return shown.note(f"nothing was answered, so {picture} is not drawn")
    try:
        draw(shown.answered).savefig(picture)
    except OSError as error:
        raise ConfigError(f"{picture} cannot be written ({error.strerror}): choose another place") from None
