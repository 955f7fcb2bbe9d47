"""CPED: dialogues of 40 Chinese TV series as text, thirteen emotions. Its sound is not published with it."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build, official
from .download import Download
from .files import read_table

OTHER = "no single one of the six"
CARD = CorpusCard(
    name="cped",
    title="Chinese Personalized and Emotional Dialogue Dataset",
    language="zh",
    source="https://github.com/scutcyr/CPED",
    licence="Apache-2.0",
    forbidden="nothing beyond its licence: keep the notice; the dialogues are those of the television series",
    citation="Chen et al., CPED: A Large-Scale Chinese Personalized and Emotional Dialogue Dataset, arXiv 2205.14727",
    layout="train_split.csv, valid_split.csv, test_split.csv, or some of them",
    labels=dict(anger="angry", fear="fear", happy="happy", neutral="neutral", sadness="sad", astonished="surprise"),
    outside={
        **dict.fromkeys(("depress", "worried", "grateful", "relaxed", "disgust"), "none of the six"),
        "negative-other": OTHER,
        "positive-other": OTHER,
    },
    published={"utterances": 132_762},
    split=official,
    has_audio=False,
    downloads=(
        Download(
            "https://raw.githubusercontent.com/scutcyr/CPED/fc7eeae200098c4865d624e88d31958d80e489a3/data/CPED/"
            "valid_split.csv",
            1_672_923,
            "sha256:f434a04d21640bb38c849f3e9598c2b7b2fbdb49be6a7365b2ae016019bd389b",
        ),
    ),
)

COLUMNS = dict(Utterance_ID="id", Utterance="text", Emotion="label", Speaker="speaker")
COLUMNS |= dict(TV_ID="session", Dialogue_ID="dialogue", Gender="gender")
PARTS = {"train": ("train_split.csv", 94_187), "val": ("valid_split.csv", 11_137), "test": ("test_split.csv", 27_438)}


def load(root: Path, strict: bool = False) -> Corpus:
    """Read the tables that are there; only with all three is their division used as the split.

    Raises:
        CorpusError: none of the tables is there, or with `strict` a copy that differs from what was published.
    """
    files = {part: Path(root) / name for part, (name, _) in PARTS.items() if (Path(root) / name).is_file()}
    if not files:
        names = ", ".join(name for name, _ in PARTS.values())
        raise CorpusError(f"no {names} in {root}: pass the folder that holds them")
    whole = len(files) == len(PARTS)
    rows = [row for part, path in files.items() for row in _part(path, part, strict, whole)]
    return build(CARD, rows, strict and whole)


def _part(path: Path, part: str, strict: bool, whole: bool) -> list[dict]:
    rows = read_table(path, COLUMNS)
    if strict and len(rows) != PARTS[part][1]:
        raise CorpusError(
            f"cped: {path.name} has {len(rows):,} utterances instead of {PARTS[part][1]:,}: download it "
            "again, or load it with strict=False"
        )
    of_part = {"audio": None} | ({"split": part} if whole else {})
    return [row | {"speaker": f"{row['session']}_{row['speaker']}"} | of_part for row in rows]
