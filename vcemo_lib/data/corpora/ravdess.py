"""RAVDESS, the speech part: 24 North American actors, two sentences, eight emotions; all is in the file name."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build
from .download import Download
from .files import clips

CARD = CorpusCard(
    name="ravdess",
    title="Ryerson Audio-Visual Database of Emotional Speech and Song, speech",
    language="en",
    source="https://zenodo.org/records/1188976 (Audio_Speech_Actors_01-24.zip)",
    licence="CC BY-NC-SA 4.0",
    forbidden="no commercial use; what is made from it must be shared under the same licence",
    citation="Livingstone & Russo, The Ryerson Audio-Visual Database of Emotional Speech and Song, PLoS ONE 2018",
    layout="Actor_XX/MM-VC-EE-II-SS-RR-AA.wav",
    labels={"01": "neutral", "03": "happy", "04": "sad", "05": "angry", "06": "fear", "08": "surprise"},
    outside={"02": "calm is near neutral, but another instruction to the actor", "07": "disgust is none of the six"},
    published={"utterances": 1440, "speakers": 24, "01": 96, **{f"0{n}": 192 for n in range(2, 9)}},
    text="fixed",
    downloads=(
        Download(
            "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
            208_468_073,
            "md5:bc696df654c87fed845eb13823edef8a",
        ),
    ),
)

SENTENCES = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
NAME = r"(?P<id>03-01-(?P<label>\d\d)-(?P<intensity>\d\d)-(?P<sentence>\d\d)-(?P<take>\d\d)-(?P<speaker>\d\d))\.wav"


def load(root: Path, strict: bool = False) -> Corpus:
    """Read the file names of speech (channel 01, sound only 03); song and video beside them are not looked at."""
    rows = {}
    for path, row in clips(root, NAME):
        row = {"gender": "male" if int(row["speaker"]) % 2 else "female"} | row
        row["text"] = _sentence(path, row["sentence"])
        rows.setdefault(row["id"], row)  # archives unpacked beside each other hold the same clip twice
    return build(CARD, [*rows.values()], strict)


def _sentence(path: Path, number: str) -> str:
    if number not in SENTENCES:
        raise CorpusError(
            f"ravdess: {path.name} is said to be sentence {number} (the fifth number), and there are only "
            f"{' and '.join(SENTENCES)}: correct the name or take the file away"
        )
    return SENTENCES[number]
