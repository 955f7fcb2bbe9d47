"""VCEMO-Sim, knowledge: feeling words, idioms, negation and contrast that training never met, in a plain voice."""

from dataclasses import replace
from pathlib import Path

from ...paths import DATA
from ..corpus import Corpus
from .card import build
from .vcemo_sim import CARD as SIMULATED
from .vcemo_sim import read_shards

CLASSES = ("angry", "happy", "sad", "fear")
CARD = replace(
    SIMULATED,
    name="vcemo_sim_knowledge",
    title="VCEMO-Sim, knowledge: feeling words and idioms that training never met",
    licence="see data/vcemo_sim_knowledge/DATA_CARD.md",
    labels={name: name for name in CLASSES},
    published={"utterances": 480, **dict.fromkeys(CLASSES, 120)},
    notes="the emotion is the one that is affirmed; the feeling words, idioms and frames of negation and contrast of "
    "the test part, and the characters of those words, stand in no text of training, and the voice tells nothing",
    classes=CLASSES,
)


def load(root: Path = DATA / CARD.name, strict: bool = False) -> Corpus:
    """All clips. Columns beside the usual: kind, word (it decides), denied, frame, char_times, split."""
    return build(CARD, read_shards(CARD, root).assign(label=lambda frame: frame["emotion"]), strict)
