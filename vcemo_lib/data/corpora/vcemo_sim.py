"""VCEMO-Sim, the simulated corpus that ships: it proves the code and says nothing about the paper's data.

Its smaller sets are planted so that one question has an answer each; all their columns are kept as they are.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...paths import DATA, IS_CHECKOUT
from ..corpus import Corpus, CorpusError
from ..labels import EMOTIONS
from .card import CorpusCard, build, official

if TYPE_CHECKING:
    import pandas as pd

CARD = CorpusCard(
    name="vcemo_sim",
    title="VCEMO-Sim, simulated speech made for this course",
    language="zh",
    source="ships with the course",
    licence="see data/vcemo_sim/DATA_CARD.md",
    forbidden="do not present it as evidence about the paper or about people",
    citation="VCEMO-Sim, simulated speech made for this course",
    layout="shard-*.parquet",
    labels={emotion: emotion for emotion in EMOTIONS},
    published=dict(utterances=7_477, angry=1_570, fear=75, happy=2_168, neutral=3_140, sad=374, surprise=150),
    split=official,
    simulated=True,
)


def load(root: Path = DATA / "vcemo_sim", strict: bool = False) -> Corpus:
    """All shards that are there, in order; how many utterances there are is the corpus' own length.

    Raises:
        CorpusError: no shard is there, or with `strict` another number of utterances than was published.
    """
    if not IS_CHECKOUT and not any(Path(root).glob("shard-*.parquet")):
        raise CorpusError(
            "VCEMO-Sim lies in a clone of the course, and not in an installed wheel: give its folder data/vcemo_sim as "
            "--corpus-root, or a corpus of your own ('vcemo corpus add')"
        )
    frame = read_shards(CARD, root)
    corpus = Corpus("vcemo_sim", frame, simulated=True, licence=CARD.licence, citation=CARD.citation)
    if strict and {"utterances": len(corpus), **corpus.counts()} != dict(CARD.published):
        raise CorpusError(
            f"vcemo_sim: this copy has {len(corpus):,} of {CARD.published['utterances']:,} utterances: "
            "restore data/vcemo_sim from the repository, or load it with strict=False"
        )
    return corpus


def read_shards(card: CorpusCard, root: Path) -> pd.DataFrame:
    """All shards of a part of VCEMO-Sim as one table; CorpusError where there is none."""
    shards = sorted(Path(root).glob(card.layout))
    if not shards:
        raise CorpusError(
            f"no {card.layout} in {root}: restore data/{card.name} from the repository, or make it with tools/vcemo_sim"
        )
    return _read(tuple((shard, shard.stat().st_mtime_ns, shard.stat().st_size) for shard in shards)).copy()


@lru_cache(maxsize=4)
def _read(shards: tuple[tuple[Path, int, int], ...]) -> pd.DataFrame:
    """Files with their time and size, so that a changed one is read anew: a page of tables asks for them often."""
    import pandas as pd
    import pyarrow

    frame = pd.concat([pd.read_parquet(shard) for shard, *_ in shards], ignore_index=True)
    pyarrow.default_memory_pool().release_unused()  # 50 MB that reading took and nothing here asks for again
    return frame


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
