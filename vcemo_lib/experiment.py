"""One system on one corpus by one protocol and one seed, recorded once and never run again."""

from dataclasses import asdict, dataclass, replace
from functools import cache
from multiprocessing import parent_process
from pathlib import Path

import numpy as np
from scipy.special import softmax

from .corpora import load_corpus
from .corpus import Corpus
from .features import FeatureStore
from .labels import task_labels
from .metrics import bootstrap_interval, confusion, recalls, scores
from .ragged import content_key
from .recipes import Recipe
from .records import ProtocolCard, read_record, write_record
from .splits import Split, split_8_1_1
from .train import fit

CHINESE = ("bundled", "zh_core_web_lg", "google-bert/bert-base-chinese")
ENGLISH = {"vectors": "en_core_web_lg", "bert": "google-bert/bert-base-uncased"}


@dataclass
class Bench:
    """A corpus ready for experiments: the utterances of the task, their features, and the split."""

    corpus: Corpus
    store: FeatureStore | None  # None where records are only read
    split: Split
    recipe: Recipe
    profile: str

    @property
    def labels(self) -> tuple[str, ...]:
        return task_labels(self.recipe.model.n_classes)

    def by(self, recipe: Recipe) -> "Bench":
        """This bench for a recipe that may read other features, such as another text column."""
        if recipe.features == self.recipe.features:
            return self
        store = FeatureStore(self.corpus, recipe.features) if self.store else None
        return replace(self, store=store, recipe=replace(self.recipe, features=recipe.features))

    def card(self, selected_on: str) -> ProtocolCard:
        """What every result measured here must say."""
        f = self.recipe.features
        text = f"{f.text}, {f.homophones:.0%} misheard" if f.homophones else f.text
        return ProtocolCard(self.corpus.name, self.corpus.hash, self.corpus.simulated, len(self.labels),
                            self.split.name, self.split.promises, selected_on, text, f.vectors, f.bert, self.profile)


def bench(recipe: Recipe, corpus: str | Corpus = "vcemo_sim", root: str = "", n_classes: int = 6, split=split_8_1_1,
          seed: int = 0, features: bool = True) -> Bench:
    """Take a corpus, or load it by name, for the 4-way or 6-way task, compute its features, and split it.

    A corpus without recognised text is read by its reference text; the card names the column. Without features
    nothing is computed, and the bench is good for finding records.
    """
    whole, recipe = _whole(recipe, corpus, root, n_classes)
    if features and (doubt := foreign(whole, recipe)):
        _say_once(doubt)
    store = FeatureStore(whole, recipe.features) if features else None
    widths = {} if store is None else {
        "bert_dim": store.bert_dim, "speech_dim": store.speech_dim, "word_dim": store.words.values.shape[1]}
    recipe = recipe.but(n_classes=n_classes, **widths)
    return Bench(whole, store, split(whole, seed), recipe, recipe.name)


def foreign(corpus: Corpus, recipe: Recipe) -> str:
    """A sentence where what turns words into numbers is Chinese and the corpus is not, else ""."""
    modality = {"vectors": "words", "bert": "bert"}
    chosen = {what: getattr(recipe.features, what) for what in modality if modality[what] in recipe.model.modalities}
    chinese = {what: name for what, name in chosen.items() if name in CHINESE}
    if not chinese or corpus.language.startswith("zh"):
        return ""
    cure = " and ".join(f"set {what} to {ENGLISH[what]!r}" for what in chinese) + ", or " if corpus.language == "en" else ""
    return (f"corpus {corpus.name} is in {corpus.language!r}, but {' and '.join(f'{w}={n!r}' for w, n in chinese.items())} "
            f"know Chinese alone and tell nothing of its words: {cure}use modalities=('audio',)")


@cache
def _say_once(sentence: str) -> None:
    """Print it, once, and not again in each process of a table."""
    if parent_process() is None:
        print(sentence, flush=True)


def features_of(recipe: Recipe, corpus: str | Corpus = "vcemo_sim", root: str = "", n_classes: int = 6) -> FeatureStore:
    """The features that `bench` makes, without a split: a corpus too small to be split has them too."""
    whole, recipe = _whole(recipe, corpus, root, n_classes)
    return FeatureStore(whole, recipe.features)


def _whole(recipe: Recipe, corpus: str | Corpus, root: str, n_classes: int) -> tuple[Corpus, Recipe]:
    """The corpus of the task, and the recipe with the text column that the corpus has."""
    whole = (load_corpus(corpus, root, recipe.limit) if isinstance(corpus, str) else corpus).for_task(n_classes)
    return whole, recipe.but(text="text") if whole.frame["text_asr"].isna().all() else recipe


def run(place: Bench, recipe: Recipe, seed: int, folder: Path) -> dict:
    """Train, choose on validation, read the test part once, and write the record; an existing record is returned.

    The record's name holds the recipe's key and the data's hash, so a changed setting never takes an old result.
    """
    path = record_path(place, recipe, seed, folder)
    if record := read_record(path):
        return record
    place = place.by(recipe)
    trained = fit(place.store, place.split, recipe, seed, path.with_suffix(".run"))
    truth, logits = trained.predict("test")
    predicted, labels = logits.argmax(1), place.labels
    matrix = confusion(truth, predicted, len(labels))
    unit, speakers = _speakers(place)
    part = "the test part itself (optimistic)" if place.split.chosen_on_test else "validation"
    record = write_record(path, place.card(f"{part}, best {recipe.select_by}"), {
        "recipe": recipe.name, "recipe_key": recipe.key, "settings": asdict(recipe), "seed": seed, "epochs": recipe.epochs,
        "best_epoch": trained.best_epoch, "seconds": round(trained.seconds, 1),
        "scores": scores(matrix), "recall": recalls(matrix, labels), "confusion": matrix.tolist(),
        "interval_wa": bootstrap_interval(truth, predicted, len(labels), groups=speakers), "interval_over": unit,
        **_of_new_text(place, truth, predicted),
        "test_ids": list(place.split.test), "truth": truth.tolist(), "predicted": predicted.tolist(),
        "probabilities": softmax(logits, axis=1).round(3).tolist(),
        "history": trained.history, "labels": list(labels)})
    (path.with_suffix(".run") / "checkpoint.pt").unlink(missing_ok=True)
    path.with_suffix(".run").rmdir()
    return record


def record_path(place: Bench, recipe: Recipe, seed: int, folder: Path) -> Path:
    """Where the record of a run is, or will be: its name changes with recipe, data, split and seed."""
    name = content_key(recipe.key, place.corpus.hash, place.split, seed)
    return Path(folder) / f"{recipe.model.system}-{name}.json"


def _speakers(place: Bench) -> tuple[str, np.ndarray | None]:
    """What the bootstrap draws, and the speaker of each test utterance where two or more are known."""
    speakers = place.corpus.frame.set_index("id")["speaker"].loc[list(place.split.test)].to_numpy()
    known = len(set(speakers)) > 1
    return ("speakers", speakers) if known else ("utterances", None)


def _of_new_text(place: Bench, truth: np.ndarray, predicted: np.ndarray) -> dict:
    """The share of test texts heard in training, and the scores on the test utterances of which that is not so."""
    new = np.isin(place.split.test, place.split.new_text(place.corpus))
    found = scores(confusion(truth[new], predicted[new], len(place.labels))) if new.any() else None
    return {"text_overlap": float(1 - new.mean()), "scores_new_text": found}


def majority(place: Bench) -> dict[str, float]:
    """The scores of always saying the commonest training emotion: what any number must be held against."""
    emotion = place.corpus.frame.set_index("id")["emotion"]
    common = emotion.loc[list(place.split.train)].mode()[0]
    truth = np.array([place.labels.index(e) for e in emotion.loc[list(place.split.test)]])
    return scores(confusion(truth, np.full(len(truth), place.labels.index(common)), len(place.labels)))
