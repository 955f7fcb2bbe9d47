"""Questions beyond the paper's tables, each one definition: a table whose rows are readings or remedies to compare.

`vcemo table NAME` makes their runs and shows them, as it does for the paper's tables. There is no value of the paper to
stand beside ours: the paper states these things without a number, or does not ask.
"""

from dataclasses import replace

from ..recipes import LARGE
from .tables import ACCURACY_F1, TABLE_1, TABLES, Row, Table, Task

NO_VALUES = slice(None)  # of the paper
FOUR, SIX = Task(4, ACCURACY_F1, NO_VALUES), Task(6, ("wa", "ua", "f1_macro"), NO_VALUES)


def study(rows: dict[str, dict], task: Task = FOUR, **of_table) -> Table:
    """A table whose rows are changes of the reference recipe; the first row is the one the others are held against."""
    return Table(tuple(Row(name, changes) for name, changes in rows.items()), (task,), next(iter(rows)), **of_table)


def at_own_rate(row: Row) -> Row:
    """A row of Table 1 at the learning rate that was best for its system."""
    return replace(row, changes=row.changes | {"learning_rate": BEST_RATES[row.name]})


# The tables' recipe leaves some systems before they hear (chapter 15). What is asked of systems at their best is asked
# of the tiny profile's network by the recipe that `vcemo train` takes on a corpus as large as VCEMO-Sim.
LEARNING = LARGE | {"normalise": "speaker", "level": "speaker", "views": "dropout", "length": 10}
LEARNING |= {"d": 64, "n_layers": 1, "d_ff": 128, "epochs": 8, "batch_size": 32, "queue_size": 1024}
# Paper §4.3, Table 1: other models of the baselines' authors, or theirs as released, and CME of Table 2.
OTHERS = {
    "CME": {"system": "cme"},
    "Yoon, MDRE": {"system": "mdre"},
    "Xu, DELTA": {"system": "xu_delta"},
    "UMONS, released": {"system": "umons_released"},
}
SYSTEMS = {row.name: LEARNING | row.changes for row in TABLE_1}
SYSTEMS |= {name: LEARNING | changes for name, changes in OTHERS.items()}
RATES = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3)  # the trials of each system; the best on validation, seed 0, is its own
BEST_RATES = {
    "Ours (SupCon)": 2e-3,
    "Ours": 2e-3,
    "UMONS": 4e-3,
    "Yoon": 8e-3,
    "Xu": 8e-3,
    "CME": 2e-3,
    "Yoon, MDRE": 8e-3,
    "Xu, DELTA": 4e-3,
    "UMONS, released": 2e-3,
}
TUNED = {name: SYSTEMS[name] | {"learning_rate": rate} for name, rate in BEST_RATES.items()}
# SupCon sees each utterance twice, by two draws of the dropout. The control does too, with a contrast of no weight.
TWO_VIEWS = "Ours, two views"
TUNED[TWO_VIEWS] = TUNED["Ours"] | {"alpha": 1e-9}

# By the tables' recipe a model whose classes are weighed says the same to everyone; by this one it learns.
REMEDIES = {"class weights": "weights", "balanced sampler": "sampler", "focal loss": "focal"}

STUDIES = {
    # Paper §3.1: all text is recognised, and nothing is said of what its errors cost.
    "text": study(
        {
            "recognised by Whisper": {},
            "as it was said": {"text": "text"},
            **{f"{share:.0%} misheard": {"text": "text", "homophones": share} for share in (0.1, 0.2, 0.4)},
        },
        varies=("text",),
    ),
    # Paper Table 3 is of Ours, so its values are not those of these rows: the same seven of Ours (SupCon).
    "contrast": replace(
        TABLES[3], tasks=(FOUR,), rows=tuple(Row(row.name, row.changes | {"alpha": 0.1}) for row in TABLES[3].rows)
    ),
    # Paper §3.3: the sequences that share their time are fused first, "rather than" those that do not.
    "order": study({"audio + words, then BERT": {}, "words + BERT, then audio": {"order": "bert_first"}}),
    # Paper §3.3: addition keeps the shared time of two sequences; a vector has none and is concatenated.
    "join": study(
        {
            "add, then concatenate": {},
            "concatenate twice": {"fuse1": "concat"},
            "add twice": {"fuse2": "add"},
            "concatenate, then add": {"fuse1": "concat", "fuse2": "add"},
        }
    ),
    # Paper §3.3: every guided layer takes the guide's final output, not the one of its own depth.
    "depth": study({"guided by the final output": {}, "guided at the same depth": {"cascade": "stacking"}}),
    "guide": study(
        {
            "words guide the sound": {},
            "the sound guides words": {"guide1": "audio"},
            "each the other": {"guide1": "both"},
            "BERT guides the fused": {"guide2": "bert"},
        }
    ),
    # Paper Table 1: what SupCon adds, asked of every utterance, so that a smaller gap can be seen.
    "supcon": study({name: TUNED[name] for name in ("Ours (SupCon)", "Ours", TWO_VIEWS)}, folds="speaker"),
    # Paper §3.4: the weight of the contrast. α = 0 is Ours.
    "weight": study({"α = 0.1": {"alpha": 0.1}, "α = 0": {}, "α = 1": {"alpha": 1.0}, "α = 100": {"alpha": 100.0}}),
    "temperature": study({f"τ = {t:g}": {"alpha": 0.1, "temperature": t} for t in (1.0, 0.5, 0.1)}),
    # Paper §3.5. Without contrast the view "dropout" is one pass over the recordings, without copies.
    "augmentation": study({"recordings and copies": {}, "recordings alone": {"views": "dropout"}}),
    # Paper §3.4: SupCon is said to deal with rare classes. Mean recall and macro F1 show whether it does.
    "imbalance": study(
        {
            "SupCon": TUNED["Ours (SupCon)"],
            "nothing": TUNED["Ours"],
            **{name: TUNED["Ours"] | {"imbalance": field} for name, field in REMEDIES.items()},
        },
        SIX,
    ),
    "systems": study({"Ours": {}} | OTHERS),
    "rates": study({f"{name}, {rate}": SYSTEMS[name] | {"learning_rate": rate} for name in SYSTEMS for rate in RATES}),
    "tuned": study(TUNED),
}
