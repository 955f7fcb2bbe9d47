"""The paper's three tables, each one definition: its rows, the paper's values, and what is run for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import VcemoError
from ..evaluation.metrics import confusion, mcnemar, paired_bootstrap, scores
from ..evaluation.records import same_protocol
from ..recipes import Recipe, supcon
from .experiment import Experiment, run


class TableError(VcemoError):
    """A table that cannot be made or shown as asked."""


@dataclass(frozen=True)
class Row:
    """One line of a table: what the paper calls it, the recipe fields that make it, the paper's percentages, if any."""

    name: str
    changes: dict
    paper: tuple[float, ...] = ()
    contrast: float = 0.0  # α; 0 = without SupCon

    def recipe(self, base: Recipe) -> Recipe:
        """The base recipe with this row's changes, and with SupCon where it has a contrast."""
        made = base.but(name=f"{base.name} {self.name}", **self.changes)
        return supcon(made, self.contrast).but(name=made.name) if self.contrast else made


# Paper Table 1: accuracy and F1 (weighted, A5), four classes and six.
TABLE_1 = (
    Row("Ours (SupCon)", {}, (67.40, 67.22, 65.51, 64.67), contrast=0.1),
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
    Row("Ours (SupCon)", {"views": "dropout", "copies": 0}, (73.07, 74.10), contrast=100.0),
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
    Row("Embeddings + BERT + Acoustic", {}, (66.99, 66.90)),
)


@dataclass(frozen=True)
class Part:
    """One task of a table: its number of classes, the metrics shown, and where they stand in the paper's values."""

    n_classes: int
    metrics: tuple[str, ...]
    paper: slice


@dataclass(frozen=True)
class Table:
    """A table of the paper: its rows, its tasks, and the row that the others are held against.

    `varies` names the fields of the protocol card in which rows may differ, for the table shows them.
    """

    rows: tuple[Row, ...]
    parts: tuple[Part, ...]
    lead: str
    folds: bool = False  # leave one session out, by both rules of choosing the epoch (A7), instead of 8/1/1
    varies: tuple[str, ...] = ()


ACCURACY_F1, WA_UA = ("wa", "f1_weighted"), ("wa", "ua")
TABLES = {
    1: Table(TABLE_1, (Part(4, ACCURACY_F1, slice(0, 2)), Part(6, ACCURACY_F1, slice(2, 4))), "Ours (SupCon)"),
    2: Table(TABLE_2, (Part(4, WA_UA, slice(0, 2)),), "Ours (SupCon)", folds=True),
    3: Table(TABLE_3, (Part(4, ACCURACY_F1, slice(0, 2)),), "Embeddings + BERT + Acoustic"),
}


def run_rows(experiment: Experiment, rows: Sequence[Row], seeds: Sequence[int], folder: Path) -> dict[str, list[dict]]:
    """Records of every row and seed; what is recorded already is not run again."""
    return {row.name: [run(experiment, fitted(row, experiment), seed, folder) for seed in seeds] for row in rows}


def fitted(row: Row, experiment: Experiment) -> Recipe:
    """The recipe of a row with the experiment's number of copies, which the augmented recordings on disk are made for."""
    return row.recipe(experiment.recipe).but(copies=experiment.recipe.features.copies)


def compare(
    records: dict[str, list[dict]],
    rows: Sequence[Row],
    metrics: Sequence[str],
    paper: slice = slice(None),
    varies: tuple[str, ...] = (),
) -> pd.DataFrame:
    """The table: for each metric our mean ± standard deviation over the seeds beside the paper's value, if any, per cent."""
    same_protocol([record for name in records for record in records[name]], varies)
    lines = {}
    for row in rows:
        line = {}
        for metric, theirs in zip(metrics, row.paper[paper] or [None] * len(metrics), strict=True):
            values = 100 * np.array([record["scores"][metric] for record in records[row.name]])
            spread = f" ± {values.std(ddof=1):.1f}" if len(values) > 1 else ""
            if theirs is not None:
                line[f"{metric} paper"] = f"{theirs:.2f}"
            line[f"{metric} here"] = f"{values.mean():.1f}{spread}"
        lines[row.name] = line
    return pd.DataFrame(lines).T.rename_axis("model")


def pooled(records: Sequence[dict]) -> dict[str, float]:
    """Scores over the joined predictions of several folds (the mean of the folds' scores is another number)."""
    truth, predicted = (np.concatenate([r[k] for r in records]) for k in ("truth", "predicted"))
    return scores(confusion(truth, predicted, len(records[0]["labels"])))


def difference(a: Sequence[dict], b: Sequence[dict], names: tuple[str, str]) -> str:
    """One plain sentence: is a better than b by more than noise?

    a and b are records of the same test utterances, pair by pair (seeds or folds). McNemar's exact test looks at each
    pair; the paired bootstrap draws utterances and looks at the gap that is left when each utterance's gap is averaged
    over the pairs. More than noise: its 95 % interval leaves out 0, and no pair points the other way.
    """
    pairs = list(zip(a, b, strict=True))
    for x, y in pairs:
        if x["test_ids"] != y["test_ids"]:
            raise TableError(f"{names[0]} and {names[1]} were tested on other utterances: compare runs of one split")
    gaps = [100 * (x["scores"]["wa"] - y["scores"]["wa"]) for x, y in pairs]
    p = [mcnemar(*map(np.array, (x["truth"], x["predicted"], y["predicted"]))) for x, y in pairs]
    each = pd.concat([_right(x) - _right(y) for x, y in pairs])
    gain = 100 * each.groupby(level=0, sort=False).mean().to_numpy()
    low, high = paired_bootstrap(lambda rows: gain[rows].mean(), len(gain))
    sure = min(low * high, min(gaps) * max(gaps)) > 0
    return (
        f"{names[0]} against {names[1]}: {np.mean(gaps):+.1f} points of accuracy in {len(gaps)} pair(s) of runs, 95 % "
        f"interval over utterances {low:+.1f} to {high:+.1f}, McNemar p = {', '.join(f'{v:.2f}' for v in p)}: "
        f"{'more' if sure else 'not more'} than noise."
    )


def _right(record: dict) -> pd.Series:
    """1 for each test utterance that was recognised, 0 for the others, by id."""
    return pd.Series(np.equal(record["truth"], record["predicted"]).astype(int), index=record["test_ids"])
