"""VCEMO-Sim, stress: two feeling words in a sentence, and the voice stresses the one that counts."""

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
    name="vcemo_sim_stress",
    title="VCEMO-Sim, stress: two feeling words, and the emotion is that of the stressed one",
    licence="see data/vcemo_sim_stress/DATA_CARD.md",
    labels={name: name for name in CLASSES},
    published={"utterances": 864, **dict.fromkeys(CLASSES, 216)},
    notes="each text is spoken twice, once with the stress on each of its two feeling words, so the words alone are "
    "right in half of the clips and the stress alone in a quarter; no text is in two parts",
    classes=CLASSES,
)


def load(root: Path = DATA / CARD.name, strict: bool = False) -> Corpus:
    """All clips. Columns beside the usual: pair (the two clips of a text), stressed (the word), char_times, split."""
    return build(CARD, read_shards(CARD, root).assign(label=lambda frame: frame["emotion"]), strict)
