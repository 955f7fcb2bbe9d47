"""VCEMO-Sim, irony: kind or unkind words in a warm or a cold voice, and the question is whether they agree."""

from dataclasses import replace
from pathlib import Path

from ...paths import DATA
from ..corpus import Corpus
from .card import build
from .vcemo_sim import CARD as SIMULATED
from .vcemo_sim import read_shards

CLASSES = ("sincere", "ironic")
CARD = replace(
    SIMULATED,
    name="vcemo_sim_irony",
    title="VCEMO-Sim, irony: kind or unkind words in a warm or a cold voice",
    licence="see data/vcemo_sim_irony/DATA_CARD.md",
    labels={name: name for name in CLASSES},
    published={"utterances": 864, **dict.fromkeys(CLASSES, 432)},
    notes="sincere where words and voice agree (kind and warm, unkind and angry or flat), ironic where they contradict "
    "each other; each text is spoken in a warm and in a cold voice, so words alone and voice alone are right in half "
    "of the clips; no text is in two parts",
    classes=CLASSES,
)


def load(root: Path = DATA / CARD.name, strict: bool = False) -> Corpus:
    """All clips. Columns beside the usual: pair (the two clips of a text), wording, voice, char_times, split."""
    return build(CARD, read_shards(CARD, root).assign(label=lambda frame: frame["emotion"]), strict)
