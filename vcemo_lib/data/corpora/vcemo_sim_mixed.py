"""VCEMO-Sim, mixed: the words tell one emotion, the voice another, and five simulated annotators disagree."""

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
    name="vcemo_sim_mixed",
    title="VCEMO-Sim, mixed: two emotions at once, and five simulated annotators",
    licence="see data/vcemo_sim_mixed/DATA_CARD.md",
    labels={name: name for name in CLASSES},
    published={"utterances": 540, "part train": 280, "part val": 80, "part test": 180},
    notes="words tell one emotion by a share, the voice another by the rest, in a third of the clips the same; the "
    "emotion is what most of five annotators marked, and the planted mixture stands in `soft`",
    classes=CLASSES,
)


def load(root: Path = DATA / CARD.name, strict: bool = False) -> Corpus:
    """All clips.

    Columns beside the usual: words and voice (what each tells), share (of the words), soft (the planted mixture in the
    order of the classes), votes (five labels), char_times, split.
    """
    return build(CARD, read_shards(CARD, root).assign(label=lambda frame: frame["emotion"]), strict)
