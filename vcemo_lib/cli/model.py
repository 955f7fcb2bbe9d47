"""`vcemo train` and `export`: a model folder is made, and written for other programs."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ..config import LARGEST_SEED
from .arguments import Modalities, Profile, at_home, chosen, encoder, flag, require_above_bar, require_bar


def train(
    folder: Annotated[Path, typer.Argument(callback=at_home, help="The model folder to make.")],
    corpus: Annotated[str, typer.Option(help="A corpus of 'vcemo corpus list'.")] = "vcemo_sim",
    corpus_root: Annotated[str, typer.Option(help="Its folder, where it was not added.")] = "",
    profile: Profile = "laptop",
    classes: Annotated[int, typer.Option(help="4 or 6 emotions; 0: all classes of the corpus, its own or six.")] = 0,
    epochs: Annotated[int, typer.Option(help="0: as the profile says for a corpus of this size.")] = 0,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of everything random.")] = 0,
    split: Annotated[
        str,
        typer.Option(
            help="auto: as 'corpus show' says; 8/1/1; or speaker: no voice in two parts. "
            "Default: auto where it can be made, else 8/1/1 (of 'vcemo table' 8/1/1)."
        ),
    ] = "",
    half: Annotated[bool, flag("--half", "Keep and measure the weights in 16 bits.")] = False,
    modalities: Modalities = "",
    vectors: Annotated[
        str, typer.Option(callback=encoder, help="Word vectors: bundled, a spaCy package, a folder or a text file.")
    ] = "",
    bert: Annotated[
        str, typer.Option(callback=encoder, help="Sentence encoder: bundled, a Hugging Face name or folder.")
    ] = "",
    segmenter: Annotated[str, typer.Option(help="What cuts Chinese into words: jieba, char or pkuseg.")] = "",
    text: Annotated[str, typer.Option(help="The column that is read: text_asr, as heard, or text, as said.")] = "",
    speech: Annotated[
        str, typer.Option(callback=encoder, help="A speech model, silero or prosody, in place of the mel.")
    ] = "",
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Any other field of the recipe: name=value, such as dropout=0.3.")
    ] = None,
    require_above: Annotated[
        str, typer.Option(help="majority or simple: an error where the model, which is kept, is not above it.")
    ] = "",
) -> None:
    """Train a model, measure it, and write it as one folder. A killed run goes on where it was.

    Beside its score stand those of classifiers that take seconds, on the same split, and a sentence that says what the
    model is worth.

    Profiles tiny and laptop go by the corpus: fewer than 4,000 utterances have a smaller network, and fewer than 1,500
    are measured by five folds, without a common speaker where it is known who speaks, unless the corpus brings parts of
    its own or --split is given. Where it is known who speaks, each speaker's own mean is taken from the sound, which
    needs no labels but the speaker's other recordings: `predict --enrol` hears some. --set normalise=band does without.
    Where the test speakers are new, an SVM decides on the others whether it is heard how loud a clip is, relative to
    its speaker's other clips; --set level=speaker keeps that, level=reference makes all clips equally loud. Where they
    are not new, or nobody is named, or 20 people or more are, a small corpus' model reads statistics of the sound over
    the clip too; --set statistics=0 does without. Where nobody is named it also hears the balance of low and high
    bands, which is the microphone's too: --set normalise=band takes it away, for other rooms. Of 20 people or more its
    weights decay, and 70 per cent of the words are hidden in training.

    Where another sentence says "use modalities=('audio',)" or "set vectors to en_core_web_lg", these are options here:
    --modalities audio, --vectors en_core_web_lg; --bert, --segmenter, --text and --speech likewise; all others go by
    --set, such as --set min_updates=2000. One that is left out is as the profile has it.
    """
    from ..data.corpora import card_of, require_task
    from ..experiments.request import split_choice
    from ..inference.model_folder import check_place
    from ..recipes import profile as recipe_of
    from .presence import require_encoders

    check_place(folder)
    require_bar(require_above)
    require_task(corpus, classes or None)
    cut = split_choice(split, corpus)
    options = dict(modalities=modalities, vectors=vectors, bert=bert, segmenter=segmenter, text=text, speech=speech)
    changes = _changes(epochs, options, setting or [])
    base = recipe_of(profile, card_of(corpus).name)
    asked = base.but(**changes)
    require_encoders(asked)
    for name in (name for name, value in options.items() if value and not asked.uses(name)):
        read = ", ".join(asked.model.reads)
        print(f"doubtful: --{name} {options[name]} changes nothing: the model reads {read} alone")
    scores = _train(folder, base, changes, corpus, corpus_root, classes, split, cut, seed, half)
    require_above_bar(scores, require_above)


def _train(
    folder: Path, base, changes: dict, corpus: str, root: str, classes: int, split: str, cut, seed: int, half: bool
) -> dict:
    """What takes its time, and torch. Returns the scores of the model and of each simple classifier, by name."""
    from ..experiments import model_training as training
    from ..experiments.shortfalls import SHORTFALLS

    experiment = _prepared(base, changes, corpus, root, classes, cut, seed)
    splits, doubts = training.planned_splits(experiment, split, seed)
    for one in splits:
        print(f"split {one.name}: {' / '.join(str(len(getattr(one, part))) for part in ('train', 'val', 'test'))}")
    doubts += [sentence for look in SHORTFALLS for sentence in look(experiment)]
    for doubt in doubts:
        print(f"doubtful: {doubt}")
    say = partial(print, flush=True)
    done = training.train_model(experiment, splits, folder, seed, half, say, "level" not in changes)
    print(f"{folder}: test {_told(done.scores['model'])} · {done.evidence}")
    for name, its in done.scores.items():
        if name != "model":
            print(f"  the same split, {name}: {_told(its)}")
    if experiment.recipe.takes_voices:
        print("  each speaker's mean was taken from the sound, also of the test part, from recordings without labels")
    print(f"  {done.verdict}")
    return done.scores


def _prepared(base, changes: dict, corpus: str, root: str, classes: int, cut, seed: int):
    """The experiment with the recipe that its corpus asks for; what cannot be trained is refused before features."""
    from ..data.corpora import load_corpus
    from ..data.language import require_language
    from ..data.speaker_splits import heard_in_training
    from ..experiments import model_training as training
    from ..experiments.experiment import prepare
    from ..inference.bundle import encoders
    from ..models.registry import build_model
    from ..recipes import of_voices, sized
    from ..training.sampling import check_queue

    asked = base.but(**changes)
    encoders(asked)  # refuses a damaged one before a corpus is read
    whole = load_corpus(corpus, root, asked.limit)
    voices = training.speakers_known(whole), training.usual_words(whole, asked), training.nobody_named(whole)
    recipe = sized(asked, len(whole), *voices).but(**changes)
    require_language(whole, recipe)
    build_model(recipe.model)  # refuses sizes that do not go together
    check_queue(recipe, len(whole))
    experiment = prepare(recipe, whole, n_classes=classes or None, split=cut, seed=seed)
    heard = heard_in_training(experiment.split, whole)
    of_them = of_voices(experiment.recipe, len(whole), whole.speakers, heard)
    given = {name: changes[name] for name in of_them.keys() & changes.keys()}
    return replace(experiment, recipe=experiment.recipe.but(**of_them | given))


def _told(measured: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in measured.items())


def _changes(epochs: int, options: dict[str, str], settings: list[str]) -> dict:
    """The fields that were given, by an option of their own or by --set."""
    from ..recipes import LAPTOP, RecipeError
    from .recipe_fields import given

    if epochs < 0:
        raise RecipeError(f"--epochs is {epochs}: give 1 or more, or 0 for as many as the profile has")
    changes = {name: value for name, value in options.items() if value}
    if "modalities" in changes:
        changes["modalities"] = chosen(changes["modalities"])
    for text in settings:
        changes |= given(text)
    _check(changes)
    changes |= {"epochs": epochs} if epochs else {}
    LAPTOP.but(**changes)  # refuses values that a field cannot have before a corpus is read
    return ({"min_updates": 0} if "epochs" in changes else {}) | changes


def _check(changes: dict) -> None:
    from ..config import SEGMENTERS
    from ..recipes import RecipeError

    for name, known in (("segmenter", SEGMENTERS), ("text", ("text_asr", "text"))):
        if changes.get(name, known[0]) not in known:
            raise RecipeError(f"--{name} is {changes[name]!r}: choose one of {', '.join(known)}")


def export(
    model: Annotated[Path, typer.Argument(callback=at_home, help="A model folder that 'vcemo train' made.")],
    file: Annotated[Path, typer.Argument(callback=at_home, help="The ONNX file to write.")],
    features: Annotated[bool, flag("--features", "It takes features made outside, not sound and words.")] = False,
) -> None:
    """Write a trained model as an ONNX file, after onnxruntime has answered as the model does.

    It takes the sound, the places of the words in its own vocabulary and the word pieces of its own tokenizer, and
    gives a probability for each label; its metadata says what each input is, and the labels.
    """
    from ..inference.model_folder import require_model

    require_model(model)
    from ..inference.bundle import load_bundle
    from ..inference.onnx_export import export_onnx

    bundle = load_bundle(model)
    gap = export_onnx(bundle, file, features)
    size = file.stat().st_size / 1e6
    print(f"{file}: {size:.1f} MB; onnxruntime and the model differ by {gap:.0e} in a logit at most")
    if bundle.doubt:
        print(f"doubtful model: {bundle.doubt}")
