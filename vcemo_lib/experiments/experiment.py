"""One system on one corpus by one protocol and one seed, recorded once and never run again."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import softmax

from ..data.corpora import load_corpus
from ..data.corpus import Corpus, require_two_classes
from ..data.features import FeatureStore
from ..data.splits import Split, split_8_1_1
from ..digests import content_key
from ..evaluation.metrics import bootstrap_interval, confusion, recalls, scores
from ..evaluation.records import ProtocolCard, read_record, write_record
from ..recipes import Recipe
from ..storage import locked, remove
from ..training.run import fit


@dataclass
class Experiment:
    """A corpus ready for experiments: the utterances of the task, their features, and the split."""

    corpus: Corpus
    store: FeatureStore | None  # None where records are only read
    split: Split
    recipe: Recipe
    profile: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The task's label order."""
        return self.corpus.task_labels(self.recipe.model.n_classes)

    def by(self, recipe: Recipe) -> "Experiment":
        """This experiment with the features that a recipe reads, which may be others, such as another text column."""
        store, reads = self.store, recipe.model.reads
        if store and recipe.features == self.recipe.features and set(reads) <= set(store.modalities):
            return self
        store = FeatureStore(self.corpus, recipe.features, reads)
        return replace(self, store=store, recipe=replace(self.recipe, features=recipe.features))

    def card(self, selected_on: str) -> ProtocolCard:
        """What every result measured here must say."""
        f = self.recipe.features
        text = f"{f.text}, {f.homophones:.0%} misheard" if f.homophones else f.text
        of_corpus = self.corpus.name, self.corpus.hash, self.corpus.simulated, len(self.labels)
        of_split = self.split.name, self.split.promises, selected_on
        return ProtocolCard(*of_corpus, *of_split, text, f.vectors, f.bert, self.profile)


def prepare(
    recipe: Recipe,
    corpus: str | Corpus = "vcemo_sim",
    root: str = "",
    n_classes: int | None = None,
    split=split_8_1_1,
    seed: int = 0,
    features: bool = True,
) -> Experiment:
    """Take a corpus, or load it by name, for a task of it (None: all classes), compute what is read, and split it.

    A corpus without recognised text is read by its reference text; the card names the column. Without features
    nothing is computed, and the experiment is good for finding records.
    """
    whole, recipe = _whole(recipe, corpus, root, n_classes)
    one = split(whole, seed)  # before features, which may take hours
    store = FeatureStore(whole, recipe.features, recipe.model.reads) if features else None
    n_classes = len(whole.task_labels(n_classes))
    recipe = recipe.but(n_classes=n_classes, **(store.widths if store else {}))
    return Experiment(whole, store, one, recipe, recipe.name)


def features_of(recipe: Recipe, corpus: str | Corpus = "vcemo_sim", root: str = "") -> FeatureStore:
    """The features that `prepare` makes, without a split: a corpus too small to be split has them too."""
    whole, recipe = _whole(recipe, corpus, root, None)
    return FeatureStore(whole, recipe.features, recipe.model.reads)


def _whole(recipe: Recipe, corpus: str | Corpus, root: str, n_classes: int | None) -> tuple[Corpus, Recipe]:
    """The corpus of the task, and the recipe with the text column that the corpus has."""
    whole = (load_corpus(corpus, root, recipe.limit) if isinstance(corpus, str) else corpus).for_task(n_classes)
    require_two_classes(whole)
    return whole, recipe.but(text=text_column(whole, recipe))


def text_column(corpus: Corpus, recipe: Recipe) -> str:
    """The column that the recipe reads, or the reference text where a corpus has no recognised one."""
    return "text" if corpus.frame["text_asr"].isna().all() else recipe.features.text


def run(experiment: Experiment, recipe: Recipe, seed: int, folder: Path, *more: Callable) -> dict:
    """Train, choose on validation, read the test part once, and write the record; an existing record is returned.

    The record's name holds the recipe's key and the data's hash, so a changed setting never takes an old result.

    Args:
        more: what gives further fields of the record, or others, from the experiment, the `Run`, truth and logits.
    """
    path = record_path(experiment, recipe, seed, folder)
    work = path.with_suffix(".run")
    if (record := read_record(path)) and not work.exists():
        return record
    with locked(path):  # of two processes at one record the second waits, and reads
        record = read_record(path) or _made(experiment, recipe, seed, path, *more)
        remove(work)  # also where a process was killed between its record and this
        return record


def _made(experiment: Experiment, recipe: Recipe, seed: int, path: Path, *more: Callable) -> dict:
    only_read, experiment = experiment.store is None, experiment.by(recipe)
    if only_read:
        recipe = recipe.but(**experiment.store.widths)
    trained = fit(experiment.store, experiment.split, recipe, seed, path.with_suffix(".run"))
    truth, logits = trained.predict("test")
    values = {
        "recipe": recipe.name,
        "recipe_key": recipe.key,
        "settings": asdict(recipe),
        "seed": seed,
        "epochs": len(trained.history),
        "best_epoch": trained.best_epoch,
        "seconds": round(trained.seconds, 1),
        **_of_test_part(experiment, truth, logits),
        "history": [{name: round(value, 5) for name, value in epoch.items()} for epoch in trained.history],
        "labels": list(experiment.labels),
    }
    for others in more:
        values |= others(experiment, trained, truth, logits)
    selection = "the test part itself (optimistic)" if experiment.split.chosen_on_test else "validation"
    return write_record(path, experiment.card(f"{selection}, best {recipe.select_by}"), values)


def _of_test_part(experiment: Experiment, truth: np.ndarray, logits: np.ndarray) -> dict:
    """What a record says of truth and answers: scores, their interval, and each utterance."""
    predicted, labels = logits.argmax(1), experiment.labels
    matrix, (unit, speakers) = confusion(truth, predicted, len(labels)), _speakers(experiment)
    return {
        "scores": scores(matrix),
        "recall": recalls(matrix, labels),
        "confusion": matrix.tolist(),
        "interval_wa": bootstrap_interval(truth, predicted, len(labels), groups=speakers),
        "interval_over": unit,
        **_of_new_text(experiment, truth, predicted),
        "test_ids": list(experiment.split.test),
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "probabilities": softmax(logits.astype(float), axis=1).round(3).tolist(),
    }


def record_path(experiment: Experiment, recipe: Recipe, seed: int, folder: Path, data: str = "") -> Path:
    """Where the record of a run is, or will be: its name changes with recipe, data, split and seed.

    Args:
        data: the corpus' hash, where it is known already: to compute it reads every recording.
    """
    name = content_key(recipe.key, data or experiment.corpus.hash, experiment.split, seed)
    return Path(folder) / f"{recipe.model.system}-{name}.json"


def _speakers(experiment: Experiment) -> tuple[str, np.ndarray | None]:
    """What the bootstrap draws, and the speaker of each test utterance where two or more are known."""
    speakers = experiment.corpus.frame.set_index("id")["speaker"].loc[list(experiment.split.test)].to_numpy()
    known = len(set(speakers)) > 1
    return ("speakers", speakers) if known else ("utterances", None)


def _of_new_text(experiment: Experiment, truth: np.ndarray, predicted: np.ndarray) -> dict:
    """The share of test texts heard in training, and the scores on the test utterances of which that is not so."""
    new = np.isin(experiment.split.test, experiment.split.new_text(experiment.corpus))
    new_scores = scores(confusion(truth[new], predicted[new], len(experiment.labels))) if new.any() else None
    return {"text_overlap": float(1 - new.mean()), "scores_new_text": new_scores}


def majority(experiment: Experiment) -> dict[str, float]:
    """The scores of always saying the commonest training emotion: what any number must be held against."""
    emotion = experiment.corpus.frame.set_index("id")["emotion"]
    common = emotion.loc[list(experiment.split.train)].mode()[0]
    truth = np.array([experiment.labels.index(e) for e in emotion.loc[list(experiment.split.test)]])
    return scores(confusion(truth, np.full(len(truth), experiment.labels.index(common)), len(experiment.labels)))
