"""BRIGHTER, the Chinese part: short texts of the net, each marked for six emotions, several of which may be true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..corpus import UNNAMED, Corpus, CorpusError
from .card import CorpusCard, build, official
from .files import read_table

if TYPE_CHECKING:
    import pandas as pd

MARKS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
PARTS = {"train": ("train.csv", 2_642), "val": ("dev.csv", 200), "test": ("test.csv", 2_642)}
NONE, SEVERAL = "none", "several"

CARD = CorpusCard(
    name="brighter",
    title="BRIGHTER, the Chinese texts (SemEval-2025 task 11, track A)",
    language="zh",
    source="https://github.com/emotion-analysis-project/SemEval2025-Task11, also on Hugging Face",
    licence="CC BY 4.0",
    forbidden="to leave its authors unnamed where it is passed on",
    citation="Muhammad et al., BRIGHTER: BRIdging the Gap in Human-Annotated Textual Emotion Recognition Datasets for "
    "28 Languages, ACL 2025",
    layout="train.csv, dev.csv and test.csv with the columns id, text, " + ", ".join(MARKS),
    labels={name: name for name in MARKS},
    outside={NONE: "marked with no emotion", SEVERAL: "marked with several emotions"},
    published={
        "utterances": 5_484,
        **{f"part {part}": n for part, (_, n) in PARTS.items()},
        **dict(anger=1_254, disgust=80, fear=62, joy=1_025, sadness=426, surprise=102),
        NONE: 1_224,
        SEVERAL: 1_311,
    },
    split=official,
    has_audio=False,
    notes="of 5,484 texts 2,949 have one emotion, which is their class; 1,224 have none and 1,311 two to four and are "
    "left out; brighter.table reads all of them with their six marks",
    classes=MARKS,
)


def load(root: Path, strict: bool = False) -> Corpus:
    """The texts with exactly one emotion, in the official parts; the six marks are columns of 0 and 1."""
    frame = table(root)
    label = frame[list(MARKS)].idxmax(axis=1).where(frame["marks"] == 1, SEVERAL).mask(frame["marks"] == 0, NONE)
    return build(CARD, frame.assign(label=label, audio=None, speaker=UNNAMED), strict)


def table(root: Path) -> pd.DataFrame:
    """Every text, whatever its marks: id, text, split, the six marks (0 or 1), and `marks`, how many are 1.

    Raises:
        CorpusError: a file is missing, or a mark is not 0 or 1.
    """
    import pandas as pd

    paths = {part: Path(root) / name for part, (name, _) in PARTS.items()}
    if missing := [path.name for path in paths.values() if not path.is_file()]:
        raise CorpusError(f"no {', '.join(missing)} in {root}: pass the folder that holds train.csv, dev.csv, test.csv")
    columns, frames = {name: name for name in ("id", "text", *MARKS)}, []
    for part, path in paths.items():
        frame = pd.DataFrame(read_table(path, columns), columns=[*columns])
        odd = frame["id"][~frame[list(MARKS)].isin(["0", "1"]).all(axis=1)]
        if len(odd):
            raise CorpusError(f"{path}: the text {odd.iloc[0]!r} has a mark that is not 0 or 1: copy it again")
        frames.append(frame.astype(dict.fromkeys(MARKS, int)).assign(split=part))
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(marks=frame[list(MARKS)].sum(axis=1))
