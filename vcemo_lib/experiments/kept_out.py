"""Does BERT know what training does not say? Words, BERT and both on VCEMO-Sim's part *knowledge*, kind by kind.

Feeling words and idioms of its test part, and their characters, stand in no text of training (Paper §3.2, §4.4: BERT
brings external knowledge). `together` makes and keeps the runs:

    python -m vcemo_lib.experiments.together knowledge 0,1,2
"""

import numpy as np
import pandas as pd

from ..data.corpora import load_corpus
from ..evaluation.simple import TEXT, simple_answers
from .comparison import gap_between
from .experiment import prepare
from .together import BOTH, WORDS, recipe_of_system, together_records

EFFECT, KINDS = "knowledge", ("word", "idiom", "negation", "contrast")


def ngram_record() -> dict:
    """What character n-grams answer, as a record: the rival that has no knowledge at all. It takes a second."""
    experiment = prepare(recipe_of_system(EFFECT, WORDS), load_corpus(f"vcemo_sim_{EFFECT}"))
    answers = simple_answers(experiment.store, experiment.split, experiment.recipe)[TEXT]
    return {
        "seed": 0,
        "test_ids": list(experiment.split.test),
        "truth": answers.truth.tolist(),
        "predicted": answers.predicted.tolist(),
        "scores": answers.scores,
    }


def knowledge_table() -> pd.DataFrame:
    """Accuracy of each system, per cent: of all, its deviation over the seeds, and of each kind of text."""
    kind = load_corpus(f"vcemo_sim_{EFFECT}").frame.set_index("id")["kind"]
    lines = {}
    for name, kept in ({TEXT: [ngram_record()]} | together_records(EFFECT)).items():
        right = pd.concat([_right(record) for record in kept], axis=1)
        values = 100 * right.mean()
        each = 100 * right.mean(axis=1).groupby(kind.loc[right.index]).mean()
        spread = round(values.std(), 1) if len(kept) > 1 else ""
        told = {"accuracy": round(values.mean(), 1), "±": spread, "seeds": len(kept)}
        lines[name] = told | {one: round(each[one], 1) for one in KINDS}
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("system")


def bert_helps() -> str:
    """One sentence: words and BERT against words alone on words that were never met."""
    kept = together_records(EFFECT)
    gap = gap_between(kept[BOTH], kept[WORDS])
    verdict = "BERT helps" if gap.sure and gap.mean > 0 else "it is not shown that BERT helps"
    return (
        f"Words and BERT − {WORDS}: {gap.mean:+.1f} points ({gap.low:+.1f} to {gap.high:+.1f}, {gap.pairs} seeds; "
        f"{gap.seen:.1f} would have been seen): on words that training never met {verdict}."
    )


def _right(record: dict) -> pd.Series:
    return pd.Series(np.equal(record["truth"], record["predicted"]), index=record["test_ids"])
