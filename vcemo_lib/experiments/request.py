"""Which table or study is asked for, of which corpus, and which split; what is unknown is refused before torch."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import LARGEST_SEED
from ..data.corpora import card_of, has_own_classes, load_corpus
from ..data.corpus import Corpus, CorpusError
from ..data.language import require_language
from ..data.speaker_splits import speaker_disjoint
from ..data.splits import Split, split_8_1_1
from ..messages import log
from ..paths import RESULTS
from ..recipes import Recipe
from ..recipes import profile as recipe_of
from .studies import STUDIES
from .tables import TABLES, Table, TableError, Task

if TYPE_CHECKING:
    from .experiment import Experiment

SPLITS = {"8/1/1": split_8_1_1, "speaker": speaker_disjoint}  # A6; a table of folds cuts its own


@dataclass(frozen=True)
class Request:
    """Which table (1, 2, 3) or study, by which profile, on which corpus, with which seeds; records go to `folder`.

    Raises:
        TableError: a table, split or seed that there is not, or a split for a table that cuts folds of its own.
    """

    which: int | str
    profile: str = "laptop"
    corpus: str = "vcemo_sim"
    root: str = ""
    seeds: tuple[int, ...] = (0, 1, 2)
    split: str = "8/1/1"
    folder: str = ""  # results/<corpus>-<profile> when empty: tables and studies share the runs they have in common

    def __post_init__(self):
        if self.which not in (*TABLES, *STUDIES):
            raise TableError(
                f"there is no table or study {self.which!r}: choose a table of the paper, "
                f"{', '.join(map(str, TABLES))}, or a study, {', '.join(STUDIES)}"
            )
        if self.split not in SPLITS:
            raise TableError(f"no split {self.split!r}: choose {' or '.join(SPLITS)}")
        folds = (TABLES | STUDIES)[self.which].folds
        if folds and self.split != "8/1/1":
            raise TableError(f"{self.title} cuts folds of its own, by {folds}: leave --split out")
        if not self.seeds:
            raise TableError("no seed was given: a table needs one or more, such as 0,1,2")
        if not all(0 <= seed <= LARGEST_SEED for seed in self.seeds):
            raise TableError(f"seeds are {self.seeds}: give whole numbers from 0 to {LARGEST_SEED}")
        recipe_of(self.profile, card_of(self.corpus).name)  # refuses a profile or a corpus that there is not

    @property
    def table(self) -> Table:
        """Its definition; on a corpus with classes of its own one task of all of them, beside no value of the paper.

        Raises:
            TableError: Table 2 of a corpus with classes of its own.
        """
        made = (TABLES | STUDIES)[self.which]
        if not self.own_classes:
            return made
        if made.folds == "session":
            raise TableError(
                "Table 2 is about four of the six emotions and this corpus has classes of its own "
                f"({', '.join(self.own_classes)}): take table 1 or 3, or a study"
            )
        return replace(made, tasks=(Task(len(self.own_classes), made.tasks[0].metrics, slice(0, 0)),))

    @cached_property
    def own_classes(self) -> tuple[str, ...]:
        """The classes of a corpus that has its own; none where they are the six emotions."""
        return load_corpus(self.corpus, self.root).labels if has_own_classes(self.corpus) else ()

    @property
    def recipe(self) -> Recipe:
        """What the profile trains on this corpus, before a row changes it."""
        return recipe_of(self.profile, card_of(self.corpus).name)

    @property
    def title(self) -> str:
        """Its name in words, such as "table 1"."""
        return f"{'table' if self.which in TABLES else 'study'} {self.which}"

    @property
    def records_folder(self) -> Path:
        """Where its records are kept."""
        return Path(self.folder) if self.folder else RESULTS / f"{self.corpus}-{self.profile}"

    def anywhere(self) -> Request:
        """The same for a process that began in another folder, as on another machine with the same disk."""
        root = str(Path(self.root).absolute()) if self.root else ""
        return replace(self, folder=str(self.records_folder.absolute()), root=root)

    @property
    def command(self) -> str:
        """What makes its runs."""
        seeds = ",".join(map(str, self.seeds))
        given = {"corpus-root": self.root, "seeds": seeds, "split": self.split, "folder": self.folder}
        usual = {"seeds": "0,1,2", "split": "8/1/1"}
        changed = {name: value for name, value in given.items() if value != usual.get(name, "")}
        options = "".join(f" --{name} {shlex.quote(value)}" for name, value in changed.items())
        return f"vcemo table {self.which} --profile {self.profile} --corpus {self.corpus}{options}"

    def prepare(self, n_classes: int, features: bool = True) -> Experiment:
        """The experiment of one task. With features it is to be trained, so its encoders must know its language."""
        from .experiment import prepare

        recipe = self.recipe
        corpus = load_corpus(self.corpus, self.root, recipe.limit)
        if features:
            require_language(corpus, recipe)
        return prepare(recipe, corpus, "", n_classes, SPLITS[self.split], features=features)


def split_choice(split: str, corpus: str) -> Callable[[Corpus, int], Split]:
    """What cuts a corpus into three parts.

    Args:
        split: "auto" or one of `SPLITS`. "auto" is the split on the corpus' card, as `vcemo corpus show` prints it; ""
            is "auto" where that can be made, else 8/1/1, which is then said.
        corpus: its name.

    Raises:
        CorpusError: no such split.
    """
    if split in SPLITS:
        return SPLITS[split]
    if split not in ("", "auto"):
        raise CorpusError(f"--split is {split!r}: choose one of auto, {', '.join(SPLITS)}")

    def cut(loaded: Corpus, seed: int = 0) -> Split:
        try:
            return _by_card(corpus, loaded, seed)
        except CorpusError as error:
            if split:
                raise
            other = split_8_1_1(loaded, seed)  # refused where it cannot be made either: nothing is promised then
            log.warning(
                f"the split that fits {corpus} cannot be made ({error}): it is cut by utterance, voices in all parts"
            )
            return other

    return cut


def _by_card(corpus: str, loaded: Corpus, seed: int) -> Split:
    one = card_of(corpus).split(loaded, seed)
    if empty := [part for part in ("train", "val", "test") if not getattr(one, part)]:
        raise CorpusError(f"split {one.name!r} leaves {', '.join(empty)} empty: give --split 8/1/1 or speaker")
    return one
