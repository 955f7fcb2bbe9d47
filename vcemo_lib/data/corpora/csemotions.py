"""CSEMOTIONS: ten Mandarin speakers, seven emotions, studio sound; Hugging Face parquet."""

from collections.abc import Iterator
from pathlib import Path

from ...paths import cache_dir
from ...storage import write_bytes
from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build

CARD = CorpusCard(
    name="csemotions",
    title="CSEMOTIONS",
    language="zh",
    source="https://huggingface.co/datasets/AIDC-AI/CSEMOTIONS",
    licence="Apache-2.0 is declared, but its makers say elsewhere that data of ESD are in it, which are for research "
    "only",
    forbidden="treat it as research only, and never train on ESD and test on it or the other way round",
    citation="Tian et al., Marco-Voice Technical Report, 2025",
    layout="train-0000X-of-00008.parquet, here or in data/, columns audio, text, emotion, speaker",
    labels=dict(angry="angry", fearful="fear", happy="happy", neutral="neutral", sad="sad", surprise="surprise"),
    outside={"playfulness": "none of the six"},
    published={"utterances": 4_160, "speakers": 10}
    | dict(angry=769, fearful=623, happy=603, neutral=490, playfulness=621, sad=546, surprise=508),
    notes="its card contradicts itself (6 or 10 speakers, 16 or 24 bit); the files hold 10 speakers",
    hub="AIDC-AI/CSEMOTIONS",
)

COLUMNS = ["audio", "text", "emotion", "speaker"]


def load(root: Path, strict: bool = False) -> Corpus:
    """Read the parquet files one by one; the clips, 3 GB together, are written once as files in the cache."""
    files = sorted([*Path(root).glob("train-*.parquet"), *Path(root).glob("data/train-*.parquet")])
    rows = [row for path in files for row in _rows(path)]
    return build(CARD, rows, strict)


def _rows(path: Path) -> Iterator[dict]:
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} is not a whole parquet file ({error}): download it again") from None
    if missing := set(COLUMNS) - set(table.schema_arrow.names):
        raise CorpusError(f"{path} lacks the column(s) {', '.join(sorted(missing))}: is it of CSEMOTIONS?")
    read = (row for batch in table.iter_batches(64, columns=COLUMNS) for row in batch.to_pylist())
    for number, row in enumerate(read):
        name = f"{row['speaker']}-{path.name.split('-')[1]}-{number:04d}"
        yield {
            "id": name,
            "audio": str(_laid_out(name, row["audio"]["bytes"])),
            "text": row["text"],
            "label": row["emotion"],
            "speaker": row["speaker"],
            "gender": "female" if row["speaker"].startswith("female") else "male",
        }


def _laid_out(name: str, data: bytes) -> Path:
    """The clip as a file in the cache; one that is there already, and whole, is not written again."""
    path = cache_dir() / "corpora" / CARD.name / f"{name}.wav"
    if not path.is_file() or path.read_bytes() != data:
        write_bytes(path, data)
    return path
