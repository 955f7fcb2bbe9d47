"""A model for use: trained by a recipe of its corpus' size, measured beside the simple classifiers, kept as a folder.

A small corpus is measured by folds: a tenth of 400 clips is 40 clips of two people, which says nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import softmax

from ..data.corpus import UNNAMED, Corpus
from ..data.leakage import repeated
from ..data.modalities import reads_text
from ..data.speaker_splits import disjoint, doubts, grouped_folds, only_strangers_tested
from ..data.splits import Split
from ..data.voices import Voice, average
from ..evaluation.calibration import expected_calibration_error, temperature
from ..evaluation.records import NO_TEXT, ProtocolCard
from ..evaluation.simple import Answers, pooled, simple_answers
from ..evaluation.verdicts import verdict
from ..inference.bundle import round_to_half, save_bundle
from ..models import processes
from ..recipes import Recipe
from ..storage import real_path, remove
from ..text.word_vectors import segment
from ..training.run import Run, alone, fit
from .experiment import Experiment, text_column
from .level_choice import with_level

FOLDS_BELOW = 1_500  # utterances
FOLDS = 5
KNOWN = 5  # recordings of each speaker, at least, from which a mean can be taken


@dataclass(frozen=True)
class Measured:
    """What a training came to: the scores of the model and of each simple classifier, by name, and what they mean."""

    scores: dict[str, dict[str, float]]
    verdict: str
    evidence: str


def speakers_known(corpus: Corpus) -> bool:
    """Whether it is known of every recording who speaks, and each of two speakers or more has some recordings."""
    speakers = corpus.frame["speaker"]
    named = speakers.notna() & (speakers != UNNAMED)
    return bool(corpus.has_audio and named.all() and 1 < speakers.nunique() <= len(speakers) / KNOWN)


def nobody_named(corpus: Corpus) -> bool:
    """Whether fewer than two people are named: no part can then be kept for people who are not heard in training."""
    return corpus.has_audio and corpus.speakers < 2


def in_folds(corpus: Corpus) -> bool:
    """Whether a corpus is answered by folds in place of the split that fits it: small, and without parts of its own."""
    return len(corpus) < FOLDS_BELOW and "split" not in corpus.frame


def kept_apart(split: Split) -> str:
    """The column of which folds share no value: what the split that fits promises, or nothing but the utterance."""
    return split.promises[0] if split.promises else "id"


def planned_splits(experiment: Experiment, split: str, seed: int) -> tuple[list[Split], list[str]]:
    """The splits whose test parts are answered, one or the folds of a small corpus; and sentences of doubt.

    Args:
        split: what was asked for by name; folds are made where nothing was.
    """
    corpus, one = experiment.corpus, experiment.split
    if split or not in_folds(corpus):
        return [one], doubts(one, corpus) + repeated(corpus, one)
    folds = grouped_folds(corpus, seed, kept_apart(one), FOLDS)
    said = [f"{fold.name}: {doubt}" for fold in folds for doubt in doubts(fold, corpus) if "the test part" not in doubt]
    said += list(dict.fromkeys(doubt for fold in folds for doubt in repeated(corpus, fold)))
    return folds, said  # their test parts are judged together, but each epoch is chosen on one validation part


def usual_words(corpus: Corpus, recipe: Recipe) -> int:
    """How many words nine texts of ten have at most; 0 where no words are read."""
    column = text_column(corpus, recipe)
    if "words" not in recipe.model.reads or column not in corpus.frame:
        return 0
    texts = corpus.frame[column].dropna()
    counts = [len(segment(text, recipe.features.segmenter, corpus.language)) for text in texts]
    return int(np.percentile(counts, 90)) if counts else 0


def train_model(
    experiment: Experiment,
    splits: Sequence[Split],
    folder: Path,
    seed: int = 0,
    half: bool = False,
    say: Callable[[str], None] = print,
    choose_level: bool = False,
) -> Measured:
    """Train on each split, measure, and write the model folder.

    The model of one split is kept as it is. After folds, whose answers are judged together, one more is trained on all
    speakers but those on whom its epoch is chosen. Each training goes on from its checkpoint in `<folder>.work`.
    Processes that a launcher started train together; each measures, and the first writes.

    Args:
        half: whether the weights are rounded to 16 bits, as a shipped model has them.
        choose_level: whether each training chooses by its own speakers if it hears how loud a clip is (`with_level`).

    Raises:
        StorageError: another process is training into the folder.
    """
    processes.join()
    work = real_path(folder).with_name(f"{real_path(folder).name}.work")
    prepared = partial(_prepared, experiment, say=say, choose_level=choose_level)
    trained = partial(_trained, seed=seed, half=half, say=say)
    with alone(folder, folder), _without_empty(work):
        answers, ready = [], [prepared(split) for split in splits]
        for one in ready:  # takes seconds and is kept: what stands in its way is told before a training of hours
            simple_answers(one.store, one.split, one.recipe)
        for number, one in enumerate(ready):
            if len(splits) > 1:
                say(one.split.name)
            run = trained(one, work / str(number))
            answers.append(_answers(run))
        measured, worth = _judged(experiment, answers)
        if len(splits) > 1:
            say("all folds are answered: the model that is kept")
            name = f"{len(splits)} {disjoint(splits[0].promises[0])} folds, answers pooled"
            everyone = replace(splits[0], name=name, train=splits[0].train + splits[0].test, test=())
            run = trained(prepared(everyone), work / "kept")
        card = _keep(folder, run, experiment, measured["model"], worth)
        if processes.rank() == 0:
            remove(work)
        processes.wait()  # until the folder is there
    return Measured(measured, worth, card.label())


@contextmanager
def _without_empty(work: Path) -> Iterator[None]:
    """Of a training that was refused before its first epoch nothing stays."""
    try:
        yield
    finally:
        with suppress(OSError):
            for empty in (*work.glob("*"), work):
                empty.rmdir()


def _judged(experiment: Experiment, answers: Sequence[dict[str, Answers]]) -> tuple[dict[str, dict[str, float]], str]:
    """The scores of the model and of each simple classifier on all test parts, and what the model is worth."""
    together = pooled(answers)
    measured, model = {name: its.scores for name, its in together.items()}, together["model"]
    simple = {name: its for name, its in measured.items() if name != "model"}
    measured["model"]["ece"] = expected_calibration_error(model.probabilities, model.truth)
    said = [experiment.labels[k] for k in model.predicted]
    return measured, verdict(measured["model"], simple, said, experiment.recipe, speakers_known(experiment.corpus))


def _keep(folder: Path, run: Run, experiment: Experiment, measured: dict[str, float], worth: str) -> ProtocolCard:
    card = replace(experiment, split=run.split).card(f"validation, best {run.recipe.select_by}")
    if not reads_text(run.recipe.model.reads):
        card = replace(card, text=NO_TEXT)
    if "speaker" not in card.disjoint and only_strangers_tested(run.split, experiment.corpus):  # a corpus' own parts
        card = replace(card, disjoint=(*card.disjoint, "speaker"))
    language = experiment.corpus.language
    own = {"labels": run.labels, "voice": average_voice(run), "temperature": _temperature(run)}
    if processes.rank() == 0:
        save_bundle(folder, run.model.cpu(), run.recipe, language, card, measured, worth, **own)
    return card


def average_voice(run: Run) -> Voice | None:
    """Of the training speakers, where each speaker's mean is taken away."""
    if not run.recipe.takes_voices:
        return None
    speaker = run.store.corpus.frame.set_index("id")["speaker"]
    voices = run.store.sound.voices
    return average(voices[name] for name in sorted(set(speaker.loc[list(run.split.train)])))


def _prepared(experiment: Experiment, split: Split, say: Callable, choose_level: bool) -> Experiment:
    """The experiment on one split, which may choose by its own speakers if it hears how loud a clip is."""
    chosen, why = with_level(experiment, split) if choose_level else (experiment, "")
    if why:
        say(f"{split.name}: {why}")
    return replace(chosen, split=split)


def _trained(experiment: Experiment, work: Path, seed: int, half: bool, say: Callable) -> Run:
    def line(of: dict) -> None:
        say(f"epoch {of['epoch']}: loss {of['loss']:.3f}, validation WA {of['val_wa']:.3f}")

    run = fit(experiment.store, experiment.split, experiment.recipe, seed, work, line)
    if half:
        round_to_half(run.model)
    return run


def _answers(run: Run) -> dict[str, Answers]:
    """Of the model, by that name, and of each simple classifier, on the test part."""
    truth, logits = run.predict("test")
    model = Answers(truth, softmax(logits / _temperature(run), axis=1))
    return {"model": model, **simple_answers(run.store, run.split, run.recipe)}


def _temperature(run: Run) -> float:
    truth, logits = run.predict("val")
    return temperature(logits, truth)
