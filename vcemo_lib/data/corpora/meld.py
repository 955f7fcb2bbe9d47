"""MELD: dialogues of the series Friends, seven emotions; the sound is in short videos."""

from collections.abc import Iterator
from pathlib import Path

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build, official
from .files import read_table

CARD = CorpusCard(
    name="meld",
    title="Multimodal EmotionLines Dataset",
    language="en",
    source="https://github.com/declare-lab/MELD",
    licence="GPL-3.0 for the repository; television material",
    forbidden="research only; do not share the videos",
    citation="Poria et al., MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations, ACL 2019",
    layout="{train,dev,test}_sent_emo.csv and the unpacked train_splits/, dev_splits_complete/, "
    "output_repeated_splits_test/ with dia<D>_utt<U>.mp4",
    labels=dict(anger="angry", fear="fear", joy="happy", neutral="neutral", sadness="sad", surprise="surprise"),
    outside={"disgust": "disgust is none of the six"},
    published={"utterances": 13_708, "part train": 9_989, "part val": 1_109, "part test": 2_610},
    split=official,
    notes="the main characters speak in all three parts; sound and words of several people often overlap",
)

# part: the table, and where its clips lie
PARTS = {
    "train": ("train_sent_emo.csv", "train_splits"),
    "val": ("dev_sent_emo.csv", "dev_splits_complete"),
    "test": ("test_sent_emo.csv", "output_repeated_splits_test"),
}
COLUMNS = dict(Utterance="text", Speaker="speaker", Emotion="label", Dialogue_ID="dialogue", Utterance_ID="number")
BROKEN = {"train_dia125_utt3": "a broken video", "val_dia110_utt7": "its video was never published"}


def load(root: Path, strict: bool = False) -> Corpus:
    """Read the three tables; clips may also be .wav, .flac or .m4a that were cut out of the videos before."""
    return build(CARD, [row for part in PARTS for row in _part(Path(root), part)], strict)


def _part(root: Path, part: str) -> Iterator[dict]:
    table, clips = PARTS[part]
    paths = _first(root, table), _first(root, clips)
    if None in paths:
        raise CorpusError(
            f"meld: no {table if paths[0] is None else clips} under {root}: unpack MELD.Raw.tar.gz "
            "and the archives in it there"
        )
    for row in read_table(paths[0], COLUMNS):
        name = f"dia{row['dialogue']}_utt{row.pop('number')}"
        yield row | {
            "id": f"{part}_{name}",
            "audio": str(_clip(paths[1], name)),
            "text": mended(row["text"]),
            "dialogue": f"{part}_{row['dialogue']}",
            "split": part,
            "blemish": BROKEN.get(f"{part}_{name}"),
        }


def _first(root: Path, name: str) -> Path | None:
    return next((path for path in sorted(root.rglob(name)) if not path.name.startswith("._")), None)


def _clip(folder: Path, name: str) -> Path:
    endings = (".wav", ".flac", ".m4a", ".mp4")
    return next((path for ending in endings if (path := folder / (name + ending)).is_file()), folder / f"{name}.mp4")


def mended(text: str) -> str:
    r"""Windows-1252 quotes and dashes that were read as control characters, written as what they are.

    >>> mended("you\x92re")
    'you’re'
    """
    return "".join(bytes([ord(c)]).decode("cp1252", errors="ignore") if "\x80" <= c <= "\x9f" else c for c in text)
