"""CREMA-D: 91 American actors, twelve sentences, six emotions, of which surprise is none; all is in the file name."""

from pathlib import Path

from ..corpus import Corpus
from .card import CorpusCard, build
from .files import clips

CARD = CorpusCard(
    name="cremad",
    title="Crowd-sourced Emotional Multimodal Actors Dataset",
    language="en",
    source="https://github.com/CheyneyComputerScience/CREMA-D (Git LFS)",
    licence="ODbL 1.0, contents DbCL 1.0",
    forbidden="a database made from it must be open under the same licence and name its source",
    citation="Cao et al., CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, IEEE Trans. Affective Computing "
    "2014",
    layout="AudioWAV/<actor>_<sentence>_<emotion>_<level>.wav",
    labels={"ang": "angry", "fea": "fear", "hap": "happy", "neu": "neutral", "sad": "sad"},
    outside={"dis": "disgust is none of the six"},
    published={"utterances": 7442, "speakers": 91, "neu": 1087, **dict.fromkeys("ang dis fea hap sad".split(), 1271)},
    text="fixed",
    notes="the label is the emotion that the actor was asked for, not the one that listeners heard",
)

SILENT = "1076_MTI_SAD_XX"
NAME = r"(?P<id>(?P<speaker>1\d{3})_(?P<sentence>[a-z]{3})_(?P<label>[a-z]{3})_(?P<level>lo|md|hi|xx?))\.wav"


def load(root: Path, strict: bool = False) -> Corpus:
    """Read the file names; a clone made without Git LFS holds pointers in place of clips, which are left out."""
    return build(CARD, [row | {"blemish": _blemish(path, row["id"])} for path, row in clips(root, NAME)], strict)


def _blemish(path: Path, name: str) -> str | None:
    if path.stat().st_size < 200 and path.read_bytes().startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS and no sound: run 'git lfs pull' in the clone"
    return "a silent recording" if name.upper() == SILENT else None
