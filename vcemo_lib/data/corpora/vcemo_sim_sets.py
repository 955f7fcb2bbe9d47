"""The smaller sets of VCEMO-Sim, each planted so that one question has an answer; all columns are kept as they are."""

from dataclasses import replace
from pathlib import Path

from ...paths import DATA
from ..corpus import Corpus
from .card import build
from .vcemo_sim import CARD, read_shards


class SimulatedSet:
    """A set as the registry of corpora has it, card and loader; beside the columns named below: char_times, split."""

    def __init__(self, name: str, title: str, classes: tuple[str, ...], published: dict[str, int], notes: str):
        facts = {"licence": f"see data/{name}/DATA_CARD.md", "labels": {word: word for word in classes}}
        facts |= {"published": published, "notes": notes, "classes": classes}
        self.CARD = replace(CARD, name=name, title=f"VCEMO-Sim, {title}", **facts)

    def load(self, root: Path | None = None, strict: bool = False) -> Corpus:
        """All clips, those that ship where no folder is given."""
        frame = read_shards(self.CARD, root or DATA / self.CARD.name)
        return build(self.CARD, frame.assign(label=frame["emotion"]), strict)


FELT, MEANT = ("angry", "happy", "sad", "fear"), ("sincere", "ironic")
STRESS = SimulatedSet(  # columns: pair (the two clips of a text), stressed (the word)
    "vcemo_sim_stress",
    "stress: two feeling words, and the emotion is that of the stressed one",
    FELT,
    {"utterances": 864, **dict.fromkeys(FELT, 216)},
    "each text is spoken twice, once with the stress on each of its two feeling words, so the words alone are "
    "right in half of the clips and the stress alone in a quarter; no text is in two parts",
)
IRONY = SimulatedSet(  # columns: pair, wording, voice
    "vcemo_sim_irony",
    "irony: kind or unkind words in a warm or a cold voice",
    MEANT,
    {"utterances": 864, **dict.fromkeys(MEANT, 432)},
    "sincere where words and voice agree (kind and warm, unkind and angry or flat), ironic where they contradict "
    "each other; each text is spoken in a warm and in a cold voice, so words alone and voice alone are right in half "
    "of the clips; no text is in two parts",
)
KNOWLEDGE = SimulatedSet(  # columns: kind, word (it decides), denied, frame
    "vcemo_sim_knowledge",
    "knowledge: feeling words and idioms that training never met",
    FELT,
    {"utterances": 480, **dict.fromkeys(FELT, 120)},
    "the emotion is the one that is affirmed; the feeling words, idioms and frames of negation and contrast of "
    "the test part, and the characters of those words, stand in no text of training, and the voice tells nothing",
)
MIXED = SimulatedSet(  # columns: words and voice (what each tells), share (of the words), soft, votes
    "vcemo_sim_mixed",
    "mixed: two emotions at once, and five simulated annotators",
    FELT,
    {"utterances": 540, "part train": 280, "part val": 80, "part test": 180},
    "words tell one emotion by a share, the voice another by the rest, in a third of the clips the same; the "
    "emotion is what most of five annotators marked, and the planted mixture stands in `soft`",
)
