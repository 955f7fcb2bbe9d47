"""The tables that come from records of trainings, probes, simulated speech and real corpora, each on one page.

    python tools/results_page.py

Prints them; with the word `write` it renews book/results.md and the README. A test holds both pages to them.
"""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from vcemo_lib.evaluation.metrics import seeds_interval
from vcemo_lib.evaluation.simple import BOTH, MAJORITY, SOUND, TEXT
from vcemo_lib.experiments import (
    Request,
    bert_helps,
    evidence_table,
    knowledge_table,
    loss_table,
    markdown,
    mixed_table,
    read_lines,
    show,
    together_table,
)
from vcemo_lib.experiments.probes import PROBES, claims
from vcemo_lib.paths import RESULTS
from vcemo_lib.storage import read_json

ROOT = Path(__file__).resolve().parent.parent
BESIDE = "VCEMO − the best of them, accuracy"
PAGES = (ROOT / "book" / "results.md", ROOT / "README.md")  # the README has the evidence for the claims


def study(name: str, seeds: tuple[int, ...] = (0, 1, 2)) -> str:
    """A row a model, and whether the first is ahead of it by more than noise."""
    lines = show(Request(name, seeds=seeds)).splitlines()
    return "\n".join([*(line for line in lines if line[:1] == "|"), "", *(line for line in lines if line[:2] == "- ")])


def probes() -> str:
    """A row a probe: claim, what is compared, effect, ceiling, control, verdict."""
    frame = claims(PROBES).drop(columns="without the link")
    return markdown(frame.reset_index()[["claim", "probe", *frame.columns.drop("claim")]])


def together() -> str:
    """A row a system: accuracy on the stress and on the irony clips."""
    tables = {effect: together_table(effect) for effect in ("stress", "irony")}
    return "\n\n".join(
        markdown(frame.rename_axis(f"{effect}: system").reset_index()) for effect, frame in tables.items()
    )


def knowledge() -> str:
    """A row a system: accuracy on words, idioms and frames that training never met; and whether BERT helps there."""
    return f"{markdown(knowledge_table().reset_index())}\n\n{bert_helps()}"


def mixed() -> str:
    """A row a loss, where two emotions are planted and five annotators disagree."""
    return markdown(mixed_table(read_lines(RESULTS / "mixed_losses.json")).reset_index())


def losses() -> str:
    """A row a loss, on BRIGHTER's texts."""
    return markdown(loss_table(read_lines(RESULTS / "brighter_losses.json")).reset_index())


def by_defaults() -> str:
    """A row a corpus: what `vcemo train` gives, and the simple classifiers on the same split (tools/defaults.py)."""
    lines = {}
    for row, its in read_json(RESULTS / "defaults.json")["runs"].items():
        seeds = list(its["seeds"].values())
        lines[row] = {"seeds": len(seeds)} | {
            column: _spread([[100 * of[name][metric] for metric in ("wa", "ua")] for of in seeds])
            for column, name in {"VCEMO": "model", MAJORITY: MAJORITY, SOUND: SOUND, TEXT: TEXT, BOTH: BOTH}.items()
            if name in seeds[0]
        }
        lines[row][BESIDE] = _beside(seeds)
    frame = pd.DataFrame.from_dict(lines, orient="index").reindex(
        columns=["seeds", "VCEMO", MAJORITY, SOUND, TEXT, BOTH, BESIDE]
    )
    return markdown(frame.fillna("").rename_axis("trained on").reset_index())


def _beside(seeds: list[dict]) -> str:
    """Points of accuracy over the simple classifier with the highest mean, with the 95 % interval over seeds."""
    accuracy = {name: np.array([100 * of[name]["wa"] for of in seeds]) for name in seeds[0]}
    gain = accuracy.pop("model") - max(accuracy.values(), key=np.mean)
    low, high = seeds_interval(gain)
    return f"{gain.mean():+.1f}" + (f" ({low:+.1f} to {high:+.1f})" if len(gain) > 1 else "")


def _spread(scores: list[list[float]]) -> str:
    """Accuracy and mean recall; of several seeds each mean ± standard deviation."""
    values = np.array(scores)
    mean, deviation = values.mean(0), values.std(0, ddof=1) if len(values) > 1 else None
    told = [f"{m:.1f}" + ("" if deviation is None else f" ± {deviation[k]:.1f}") for k, m in enumerate(mean)]
    return " / ".join(told)


BLOCKS = {
    "tuned": lambda: study("tuned"),
    "supcon": lambda: study("supcon"),
    "systems": lambda: study("systems"),
    "defaults": by_defaults,
    "probes": probes,
    "together": together,
    "knowledge": knowledge,
    "mixed": mixed,
    "losses": losses,
    "evidence": lambda: markdown(evidence_table().reset_index()),
}


def renewed(page: str) -> str:
    """The page with every block between its marks made anew."""
    for name, make in BLOCKS.items():
        block, table = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL), make() + "\n"
        page = block.sub(lambda _, table=table: table, page)
    return page


if __name__ == "__main__":
    for page in PAGES:
        made = renewed(page.read_text(encoding="utf-8"))
        print(made)
        if sys.argv[1:] == ["write"]:
            page.write_text(made, encoding="utf-8")
