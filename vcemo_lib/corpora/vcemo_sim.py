"""VCEMO-Sim, the simulated corpus that ships: it proves the code and says nothing about the paper's data."""

from pathlib import Path

import pandas as pd

from ..corpus import Corpus, CorpusError
from ..paths import DATA

UTTERANCES = 7_477


def load(root: Path = DATA / "vcemo_sim") -> Corpus:
    """All shards that are there, in order; how many utterances there are is the corpus' own length."""
    shards = sorted(Path(root).glob("shard-*.parquet"))
    if not shards:
        raise CorpusError(f"no shard-*.parquet in {root}: restore data/vcemo_sim from the repository, "
                          "or make it with tools/sim")
    frame = pd.concat([pd.read_parquet(shard) for shard in shards], ignore_index=True)
    return Corpus("vcemo_sim", frame, simulated=True, licence="see data/vcemo_sim/DATA_CARD.md",
                  citation="VCEMO-Sim, simulated speech made for this course")
