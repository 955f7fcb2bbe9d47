"""VCEMO-Sim, the simulated corpus that ships: it proves the code and says nothing about the paper's data."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...paths import DATA, IS_CHECKOUT
from ..corpus import Corpus, CorpusError
from ..labels import EMOTIONS
from .card import CorpusCard, official

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
    """All shards that are there, in order; how many utterances there are is the corpus' own length."""
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
