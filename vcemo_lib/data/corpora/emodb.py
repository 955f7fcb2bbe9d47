"""EmoDB, the Berlin corpus: ten German actors, ten sentences, seven emotions; all is in the file name."""

from pathlib import Path

from ..corpus import Corpus
from .card import CorpusCard, build
from .files import clips

CARD = CorpusCard(
    name="emodb",
    title="Berlin Database of Emotional Speech",
    language="de",
    source="http://emodb.bilderbar.info",
    licence="free for research (its exact words are not confirmed)",
    forbidden="do not share or sell it",
    citation="Burkhardt et al., A Database of German Emotional Speech, Interspeech 2005",
    layout="wav/<speaker><sentence><emotion letter><take>.wav, such as wav/03a01Wa.wav",
    labels={"w": "angry", "a": "fear", "f": "happy", "n": "neutral", "t": "sad"},
    outside={"l": "boredom is none of the six", "e": "disgust is none of the six"},
    published={"utterances": 535, "speakers": 10, "w": 127, "l": 81, "e": 46, "a": 69, "f": 71, "t": 62, "n": 79},
    text="fixed",
    notes="surprise was not recorded",
)

MALE = {"03", "10", "11", "12", "15"}
NAME = r"(?P<id>(?P<speaker>\d\d)(?P<sentence>[ab]\d\d)(?P<label>[a-z])(?P<take>[a-z]?))\.wav"


def load(root: Path, strict: bool = False) -> Corpus:
    """Read the file names. The sentences are known by number only: their words do not come with the clips."""
    rows = [{"gender": "male" if row["speaker"] in MALE else "female"} | row for _, row in clips(root, NAME)]
    return build(CARD, rows, strict)
