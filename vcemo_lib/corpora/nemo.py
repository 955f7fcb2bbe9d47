"""nEMO: Polish acted speech in six emotions (official layout: `data.tsv` and `samples/`)."""

from pathlib import Path

import pandas as pd

from ..corpus import Corpus, CorpusError
from ..labels import SYNONYMS


def load(root: Path) -> Corpus:
    """Read `data.tsv`; rows whose clip is not under `samples/` are counted in `dropped`.

    The ninety sentences are the same for every emotion, so the text carries none.
    """
    table = Path(root) / "data.tsv"
    if not table.is_file():
        raise CorpusError(f"no data.tsv in {root}: pass the folder of the nEMO repository that holds it and samples/")
    rows = pd.read_csv(table, sep="\t", dtype=str).apply(lambda column: column.str.strip())
    path = rows["file_id"].map(lambda name: Path(root) / "samples" / Path(name).name)
    here = path.map(Path.is_file)
    frame = pd.DataFrame({
        "id": rows["file_id"].str.removesuffix(".wav"), "audio": path.map(str), "text": rows["raw_text"],
        "text_asr": None, "emotion": rows["emotion"].str.lower().map(SYNONYMS), "speaker": rows["speaker_id"],
        "gender": rows["gender"], "age_group": rows["age"]})[here].sort_values("id", ignore_index=True)
    return Corpus("nemo", frame, language="pl", text_is_informative=False, licence="CC BY-NC-SA 4.0",
                  citation="Christop, nEMO: Dataset of Emotional Speech in Polish, LREC-COLING 2024",
                  dropped={"clip not in samples/": int((~here).sum())} if (~here).any() else {})
