"""nEMO: Polish acted speech in six emotions (official layout: `data.tsv` and `samples/`)."""

from pathlib import Path

import pandas as pd

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build
from .files import read_table

CARD = CorpusCard(
    name="nemo",
    title="nEMO: Dataset of Emotional Speech in Polish",
    language="pl",
    source="https://github.com/amu-cai/nEMO, also on Hugging Face",
    licence="CC BY-NC-SA 4.0",
    forbidden="no commercial use; what is made from it must be shared under the same licence",
    citation="Christop, nEMO: Dataset of Emotional Speech in Polish, LREC-COLING 2024",
    layout="data.tsv and samples/<speaker>_<emotion>_<sentence>.wav",
    labels={
        "anger": "angry",
        "fear": "fear",
        "happiness": "happy",
        "neutral": "neutral",
        "sadness": "sad",
        "surprised": "surprise",
    },
    published={
        "utterances": 4_481,
        "speakers": 9,
        "neutral": 809,
        "sadness": 769,
        "happiness": 749,
        "anger": 749,
        "fear": 736,
        "surprised": 669,
    },
    text="fixed",
)

COLUMNS = ("file_id", "emotion", "raw_text", "speaker_id", "gender", "age")


def load(root: Path, strict: bool = False) -> Corpus:
    """Read `data.tsv`; its speaker names begin with spaces, which are taken off."""
    table = Path(root) / "data.tsv"
    if not table.is_file():
        raise CorpusError(f"no data.tsv in {root}: pass the folder of the nEMO repository that holds it and samples/")
    rows = read_table(table, COLUMNS, sep="\t").apply(lambda column: column.str.strip())
    path = rows["file_id"].map(lambda name: str(Path(root) / "samples" / Path(name).name))
    return build(
        CARD,
        pd.DataFrame(
            {
                "id": rows["file_id"].str.removesuffix(".wav"),
                "audio": path,
                "text": rows["raw_text"],
                "label": rows["emotion"],
                "speaker": rows["speaker_id"],
                "gender": rows["gender"],
                "age_group": rows["age"],
            }
        ),
        strict,
    )
