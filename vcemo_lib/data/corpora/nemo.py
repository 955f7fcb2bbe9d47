"""nEMO: Polish acted speech in six emotions (official layout: `data.tsv` and `samples/`)."""

from pathlib import Path

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
    labels=dict(anger="angry", fear="fear", happiness="happy", neutral="neutral", sadness="sad", surprised="surprise"),
    published={"utterances": 4_481, "speakers": 9}
    | dict(neutral=809, sadness=769, happiness=749, anger=749, fear=736, surprised=669),
    text="fixed",
)

COLUMNS = ("file_id", "emotion", "raw_text", "speaker_id", "gender", "age")


def load(root: Path, strict: bool = False) -> Corpus:
    """Read `data.tsv`; its speaker names begin with spaces, which are taken off."""
    table = Path(root) / "data.tsv"
    if not table.is_file():
        raise CorpusError(f"no data.tsv in {root}: pass the folder of the nEMO repository that holds it and samples/")
    return build(CARD, [_row(row, Path(root) / "samples") for row in read_table(table, COLUMNS, sep="\t")], strict)


def _row(cells: dict[str, str], samples: Path) -> dict:
    row = {column: cell.strip() for column, cell in cells.items()}
    return {
        "id": row["file_id"].removesuffix(".wav"),
        "audio": str(samples / Path(row["file_id"]).name),
        "text": row["raw_text"],
        "label": row["emotion"],
        "speaker": row["speaker_id"],
        "gender": row["gender"],
        "age_group": row["age"],
    }
