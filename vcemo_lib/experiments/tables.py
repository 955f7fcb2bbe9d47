"""The paper's three tables, each one definition: its rows, the paper's values, and what is run for each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import VcemoError
from ..recipes import Recipe

if TYPE_CHECKING:
    from .experiment import Experiment


class TableError(VcemoError):
    """A table that cannot be made or shown as asked."""


@dataclass(frozen=True)
class Row:
    """One line of a table: what the paper calls it, the recipe fields that make it, the paper's percentages, if any.

    `reading` is the label of how the percentages are read where the paper's own cannot be right.
    """

    name: str
    changes: dict
    paper: tuple[float, ...] = ()
    reading: str = ""

    def recipe(self, base: Recipe) -> Recipe:
        """The base recipe with this row's changes."""
        return base.but(name=f"{base.name} {self.name}", **self.changes)


# Paper Table 1: accuracy and F1 (weighted, A5), four classes and six.
TABLE_1 = (
    Row("Ours (SupCon)", {"alpha": 0.1}, (67.40, 67.22, 65.51, 64.67)),
    Row("Ours", {}, (66.99, 66.90, 65.37, 64.54)),
    Row("UMONS", {"system": "umons"}, (63.27, 63.44, 61.36, 61.35)),
    Row("Yoon", {"system": "mha2"}, (60.96, 59.14, 57.89, 55.42)),
    Row("Xu", {"system": "xu"}, (59.42, 57.68, 58.16, 55.39)),
)
# Paper Table 2: WA and UA on IEMOCAP. There α is 100 and the second view is a second dropout pass.
TABLE_2 = (
    Row("Xu", {"system": "xu"}, (70.41, 69.52)),
    Row("CME", {"system": "cme"}, (72.72, 73.57)),
    Row("Ours", {}, (71.23, 72.46)),
    Row("Ours (SupCon)", {"views": "dropout", "copies": 0, "alpha": 100.0}, (73.07, 74.10)),
)
# Paper Table 3: accuracy and F1, four classes. The last row's values as printed (69.52, 74.10) are those of other
# cells of Table 2 (A3); the row "Ours" of Table 1 is what they most probably should be.
TABLE_3 = (
    Row("Embeddings", {"modalities": ("words",)}, (57.40, 55.05)),
    Row("BERT", {"modalities": ("bert",)}, (53.29, 50.16)),
    Row("Acoustic", {"modalities": ("audio",)}, (53.18, 51.15)),
    Row("Embeddings + BERT", {"modalities": ("words", "bert")}, (57.26, 55.11)),
    Row("Embeddings + Acoustic", {"modalities": ("audio", "words")}, (65.21, 64.40)),
    Row("BERT + Acoustic", {"modalities": ("audio", "bert")}, (61.23, 60.91)),
    Row("Embeddings + BERT + Acoustic", {}, (66.99, 66.90), "A3"),
)


@dataclass(frozen=True)
class Task:
    """One task of a table: its number of classes, the metrics shown, and where they stand in the paper's values."""

    n_classes: int
    metrics: tuple[str, ...]
    paper: slice


@dataclass(frozen=True)
class Table:
    """A table of the paper: its rows, its tasks, and the row that the others are held against."""

    rows: tuple[Row, ...]
    tasks: tuple[Task, ...]
    lead: str
    folds: str = ""  # in place of 8/1/1: leave one "session" out (Table 2, A7), or five without a common "speaker"
    varies: tuple[str, ...] = ()  # fields of the protocol card in which rows may differ, for the table shows them


ACCURACY_F1, WA_UA = ("wa", "f1_weighted"), ("wa", "ua")
TABLES = {
    1: Table(TABLE_1, (Task(4, ACCURACY_F1, slice(0, 2)), Task(6, ACCURACY_F1, slice(2, 4))), "Ours (SupCon)"),
    2: Table(TABLE_2, (Task(4, WA_UA, slice(0, 2)),), "Ours (SupCon)", folds="session"),
    3: Table(TABLE_3, (Task(4, ACCURACY_F1, slice(0, 2)),), "Embeddings + BERT + Acoustic"),
}


def fitted(row: Row, experiment: Experiment) -> Recipe:
    """The recipe of a row with the experiment's number of copies: those are on disk already."""
    return row.recipe(experiment.recipe).but(copies=experiment.recipe.features.copies)
