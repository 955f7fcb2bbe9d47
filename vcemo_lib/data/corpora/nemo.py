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

COLUMNS = dict(file_id="id", raw_text="text", emotion="label", speaker_id="speaker", gender="gender", age="age_group")


def load(root: Path, strict: bool = False) -> Corpus:
    """Read `data.tsv`; its speaker names begin with spaces, which are taken off.

    Raises:
        CorpusError: there is no data.tsv, or it cannot be read.
    """
    table = Path(root) / "data.tsv"
    if not table.is_file():
        raise CorpusError(f"no data.tsv in {root}: pass the folder of the nEMO repository that holds it and samples/")
    rows = [{name: cell.strip() for name, cell in row.items()} for row in read_table(table, COLUMNS, sep="\t")]
    for row in rows:
        row["audio"] = str(Path(root) / "samples" / Path(row["id"]).name)
        row["id"] = row["id"].removesuffix(".wav")
    return build(CARD, rows, strict)
