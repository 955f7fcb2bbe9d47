"""`vcemo train`, `predict` and `export`: a model folder is made, asked about files, and written for other programs."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from .arguments import require_above_bar, require_backend, require_bar


def train(
    folder: Annotated[Path, typer.Argument(help="The model folder to make.")],
    corpus: Annotated[str, typer.Option(help="A corpus of 'vcemo corpus list'.")] = "vcemo_sim",
    corpus_root: Annotated[str, typer.Option(help="Its folder, where it was not added.")] = "",
    profile: Annotated[str, typer.Option(help="tiny, laptop or paper.")] = "laptop",
    classes: Annotated[int, typer.Option(help="4 or 6 emotions.")] = 6,
    epochs: Annotated[int, typer.Option(help="0: as the profile says, or as make 1,000 updates.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    split: Annotated[
        str,
        typer.Option(
            help="fitting: as 'corpus show' says; 8/1/1; or speaker: no voice in two parts. "
            "Default: fitting where it can be made, else 8/1/1 (of 'vcemo table' 8/1/1)."
        ),
    ] = "",
    half: Annotated[bool, typer.Option("--half", metavar="", help="Keep and measure the weights in 16 bits.")] = False,
    modalities: Annotated[str, typer.Option(help="Some of audio,words,bert; all three when empty.")] = "",
    vectors: Annotated[str, typer.Option(help="Word vectors: bundled, a spaCy package, a folder or a text file.")] = "",
    bert: Annotated[str, typer.Option(help="Sentence encoder: bundled, a Hugging Face name or folder.")] = "",
    segmenter: Annotated[str, typer.Option(help="What cuts Chinese into words: jieba, char or pkuseg.")] = "",
    text: Annotated[str, typer.Option(help="The column that is read: text_asr, as heard, or text, as said.")] = "",
    speech: Annotated[str, typer.Option(help="A speech model, silero or prosody, in place of the mel.")] = "",
    require_above: Annotated[
        str,
        typer.Option(help="majority or simple: an error where the model, which is kept, is not above it."),
    ] = "",
) -> None:
    """Train a model, measure it once on the test part, and write it as one folder. A killed run goes on where it was.

    Beside its score stand those of classifiers that take seconds, on the same split, and a sentence that says what the
    model is worth.

    Where another sentence says "use modalities=('audio',)" or "set vectors to en_core_web_lg", these are options here:
    --modalities audio, --vectors en_core_web_lg; --bert, --segmenter, --text and --speech likewise. One that is left
    out is as the profile has it.
    """
    from ..data.corpora import card_of
    from ..data.labels import task_labels
    from ..experiments.split_choice import rule
    from ..inference.model_folder import check_place
    from .presence import require_encoders

    check_place(folder)
    require_bar(require_above)
    task_labels(classes)
    cut = rule(split, corpus)
    recipe = _recipe(
        profile,
        card_of(corpus).name,
        epochs,
        {
            "modalities": modalities,
            "vectors": vectors,
            "bert": bert,
            "segmenter": segmenter,
            "text": text,
            "speech": speech,
        },
    )
    require_encoders(recipe)
    scores = _train(folder, recipe, corpus, corpus_root, classes, cut, seed, half)
    require_above_bar(scores, require_above)


def _train(folder: Path, recipe, corpus: str, corpus_root: str, classes: int, cut, seed: int, half: bool) -> dict:
    """What takes its time, and torch. Returns the scores of the model and of each simple classifier, by name."""
    from ..data.corpora import load_corpus
    from ..data.language import require_language
    from ..data.speaker_splits import doubts
    from ..evaluation.metrics import confusion, scores
    from ..evaluation.simple import simple_answers
    from ..evaluation.verdicts import verdict
    from ..experiments.experiment import prepare
    from ..inference.bundle import encoders, round_to_half, save_bundle
    from ..training.run import fit

    encoders(recipe)  # refuses a damaged one before a corpus is read
    whole = load_corpus(corpus, corpus_root, recipe.limit)
    require_language(whole, recipe)
    experiment = prepare(recipe, whole, n_classes=classes, split=cut, seed=seed)
    print(
        f"split {experiment.split.name}: "
        f"{' / '.join(str(len(getattr(experiment.split, p))) for p in ('train', 'val', 'test'))}"
    )
    for doubt in doubts(experiment.split, experiment.corpus):
        print(f"doubtful: {doubt}")
    work = folder.with_name(f"{folder.name}.work")
    run = fit(experiment.store, experiment.split, experiment.recipe, seed, work, _say)
    if half:
        round_to_half(run.model)
    truth, logits = run.predict("test")
    measured = scores(confusion(truth, logits.argmax(1), len(run.labels)))
    card = experiment.card(f"validation, best {experiment.recipe.select_by}")
    answers = simple_answers(experiment.store, experiment.split, run.recipe)
    simple = {name: answer.scores for name, answer in answers.items()}
    worth = verdict(measured, simple, [run.labels[k] for k in logits.argmax(1)])
    save_bundle(folder, run.model.cpu(), run.recipe, experiment.corpus.language, card, measured, worth)
    shutil.rmtree(work, ignore_errors=True)
    print(f"{folder}: test {_told(measured)} · {card.label()}")
    for name, its in simple.items():
        print(f"  the same split, {name}: {_told(its)}")
    print(f"  {worth}")
    return {"model": measured, **simple}


def _told(measured: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in measured.items())


def _recipe(profile: str, corpus: str, epochs: int, fields: dict[str, str]):
    """What the profile trains on a known corpus, with the fields that were given."""
    from ..recipes import LEAST_UPDATES, RecipeError
    from ..recipes import profile as recipe_of

    if epochs < 0:
        raise RecipeError(f"--epochs is {epochs}: give 1 or more, or 0 for as many as the profile has")
    changes = {name: value for name, value in fields.items() if value}
    if "modalities" in changes:
        changes["modalities"] = tuple(changes["modalities"].replace(" ", "").split(","))
    _check(changes)
    least = 0 if epochs or profile == "paper" else LEAST_UPDATES  # the paper's recipe stays as the paper has it
    return recipe_of(profile, corpus).but(
        **changes, level="reference", min_updates=least, **({"epochs": epochs} if epochs else {})
    )


def _check(changes: dict) -> None:
    from ..config import KNOWN_MODALITIES, SEGMENTERS
    from ..recipes import RecipeError

    chosen = changes.get("modalities", KNOWN_MODALITIES)
    if set(chosen) - set(KNOWN_MODALITIES) or len(set(chosen)) < len(chosen):
        raise RecipeError(f"--modalities is {','.join(chosen)!r}: give some of {','.join(KNOWN_MODALITIES)}, each once")
    for name, known in (("segmenter", SEGMENTERS), ("text", ("text_asr", "text"))):
        if changes.get(name, known[0]) not in known:
            raise RecipeError(f"--{name} is {changes[name]!r}: choose one of {', '.join(known)}")


def _say(line: dict) -> None:
    print(f"epoch {line['epoch']}: loss {line['loss']:.3f}, validation WA {line['val_wa']:.3f}", flush=True)


def predict(
    files: Annotated[list[str], typer.Argument(help="Sound files: wav, flac, mp3, ogg, m4a.")],
    model: Annotated[
        Path | None,
        typer.Option(help="A folder that 'vcemo train' made. Default: assets/model_vcemo_sim, which ships."),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="What is said, one for each file; else Whisper listens.")
    ] = None,
    weights: Annotated[str, typer.Option(help="A Whisper name, or the path of its weights.")] = "base",
    backend: Annotated[str, typer.Option(help="whisper or faster.")] = "whisper",
) -> None:
    """Say what is heard, the probability of each emotion, where the model looked, and what each modality changes.

    chances: the probability of each emotion.

    sound: the three stretches of the clip with most weight; words: each word's.
    All stretches add to 1, and so do all words. Where a model looks is not why
    it answers.

    without audio, words (their vectors) or bert (the sentence's vector): the
    chances where this input is silenced, that is, all zeros. The model met no
    silenced input in training: these lines are a hint and no measurement.
    """
    from ..inference.model_folder import SHIPPED, require_model

    require_model(model or SHIPPED)
    require_backend(backend)
    from ..audio.whisper_asr import load
    from ..inference.bundle import load_bundle
    from ..inference.prediction import predict as ask

    bundle = load_bundle(model or SHIPPED)
    recogniser = None
    if bundle.reads_text and not text:
        recogniser = load(weights, backend=backend, language=bundle.language, instead="say what is said with --text")
    found, problems = ask(bundle, files, text or None, recogniser)
    if bundle.verdict and not bundle.verdict.startswith("it is above"):
        print(f"doubtful model: {bundle.verdict}")
    for prediction in found:
        print("\n".join(lines(prediction)))
    for file, problem in problems.items():
        print(f"{file}: not read: {problem}")
    raise typer.Exit(1 if problems else 0)


def export(
    model: Annotated[Path, typer.Argument(help="A model folder that 'vcemo train' made.")],
    file: Annotated[Path, typer.Argument(help="The ONNX file to write.")],
) -> None:
    """Write a trained model as an ONNX file, after onnxruntime has answered as the model does."""
    from ..inference.model_folder import require_model

    require_model(model)
    from ..inference.bundle import load_bundle
    from ..inference.onnx_export import export_onnx

    gap = export_onnx(load_bundle(model), file)
    print(
        f"{file}: {file.stat().st_size / 1e6:.1f} MB; onnxruntime and the model differ by {gap:.0e} in a logit at most"
    )


def lines(p) -> list[str]:
    """A prediction as text."""
    out = [
        f"{p.file} ({p.seconds:.1f} s): {p.emotion}",
        *(f"  doubtful  {doubt}" for doubt in p.doubts),
        *([f"  {p.source}     {p.text}"] if p.source else []),
        "  chances   " + "  ".join(f"{name} {value:.2f}" for name, value in p.chance.items()),
    ]
    if p.sound is not None:
        out.append("  where the model looked, shares of 1:")
        best = sorted(p.sound.argsort()[::-1][:3])
        step = p.seconds / len(p.sound)
        out.append(
            "    sound   "
            + "  ".join(f"{p.start + k * step:.2f}–{p.start + (k + 1) * step:.2f} s {p.sound[k]:.2f}" for k in best)
        )
    if p.words is not None:
        out.append("    words   " + "  ".join(f"{word} {value:.2f}" for word, value in p.words.items()))
    out.append("  chances where one input is silenced:")
    for name, row in p.without.iterrows():
        out.append(f"    {name:<14}" + "  ".join(f"{emotion} {value:.2f}" for emotion, value in row.items()))
    return out
