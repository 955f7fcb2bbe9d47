"""ESD: ten Mandarin and ten English speakers, 350 sentences each, all spoken in five emotions."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build
from .files import clips, read_text

EMOTIONS = ("neutral", "angry", "happy", "sad", "surprise")
CARD = CorpusCard(
    name="esd",
    title="Emotional Speech Dataset, the Mandarin half",
    language="zh",
    source="https://github.com/HLTSingapore/Emotional-Speech-Data (by a form)",
    licence="research only, by agreement",
    forbidden="no commercial use and no sharing; the MIT licence of its page covers the page, not the audio",
    citation="Zhou et al., Emotional Voice Conversion: Theory, Databases and ESD, Speech Communication 2022",
    layout="<0001…0020>/<Angry|Happy|Neutral|Sad|Surprise>/[train|evaluation|test/]<speaker>_<NNNNNN>.wav and "
    "<speaker>/<speaker>.txt",
    labels={emotion: emotion for emotion in EMOTIONS},
    published={"utterances": 17_500, "speakers": 10, **dict.fromkeys(EMOTIONS, 3_500)},
    text="fixed",
    notes="its own parts share all speakers, so the split by speaker is the one to use; language='en' reads the other "
    "half",
)

WOMEN = {"0001", "0002", "0003", "0007", "0009"}
PARTS = {"train": "train", "evaluation": "val", "test": "test"}
NAME = (
    r"(?P<speaker>\d{4})/(?P<label>[a-z]+)/(?:(?P<split>train|evaluation|test)/)?"
    r"(?P<id>\d{4}_(?P<number>\d{6}))\.wav"
)


def load(root: Path, strict: bool = False, language: str = "zh") -> Corpus:
    """Read the half in a language, `zh` (speakers 0001–0010) or `en`; the words come from the speaker's text file.

    Raises:
        CorpusError: no such language, or no clip of it.
    """
    if language not in ("zh", "en"):
        raise CorpusError(f"esd has no language {language!r}: choose zh or en")
    rows = [
        row | {"split": PARTS.get((row["split"] or "").lower())}
        for _, row in clips(root, NAME)
        if (int(row["speaker"]) <= 10) == (language == "zh")
    ]
    words = {}
    for path, _ in clips(root, r"(?P<speaker>\d{4})/(?P=speaker)\.txt"):
        words |= sentences(path)
    for row in rows:
        row["text"] = words.get(row["id"], "")
        row["gender"] = ("female" if row["speaker"] in WOMEN else "male") if language == "zh" else None
    if any(row["split"] is None for row in rows):  # a flat copy: the parts are not known
        for row in rows:
            del row["split"]
    return build(CARD, rows, strict, language=language)


def sentences(path: Path) -> dict[str, str]:
    """Utterance id → words, of one speaker's text file.

    The files are in several encodings, and some lines lack their tabs: id first, emotion last, words between.
    """
    texts = {}
    for line in read_text(path).splitlines():
        fields = line.split("\t") if line.count("\t") >= 2 else line.split()
        if len(fields) >= 3:
            texts[fields[0].strip()] = " ".join(fields[1:-1]).strip()
    return texts
