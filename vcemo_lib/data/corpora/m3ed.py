"""M3ED: dialogues of 56 Chinese TV series, seven emotions."""

from collections.abc import Iterator
from pathlib import Path

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build, official
from .files import read_json, read_text

CARD = CorpusCard(
    name="m3ed",
    title="Multi-modal Multi-scene Multi-label Emotional Dialogue Database",
    language="zh",
    source="https://github.com/AIM3-RUC/RUCM3ED (links to the audio there)",
    licence="none stated; television material",
    forbidden="research only; do not share the audio, its makers do not own it",
    citation="Zhao et al., M3ED: Multi-modal Multi-scene Multi-label Emotional Dialogue Database, ACL 2022",
    layout="annotation.json, splitInfo/movie_list_{train,val,test}.txt, modality_speech/<Speaker>_<utterance>.wav",
    labels=dict(anger="angry", fear="fear", happy="happy", neutral="neutral", sad="sad", surprise="surprise"),
    outside={"disgust": "disgust is none of the six"},
    published={"utterances": 24_449},
    missing=12,
    split=official,
    notes="the parts share no series; about a dozen clips of the published 24,449 are missing in copies",
)  # EmoBox: 24,437

PARTS = ("train", "val", "test")


def load(root: Path, strict: bool = False) -> Corpus:
    """Read `annotation.json`; the label is the one most annotators gave (`final_main_emo`).

    Spaces in the text stand for pauses of the subtitles and are taken out. A speaker is a person of one series.

    Raises:
        CorpusError: a list of a part is missing, or a file that cannot be read.
    """
    part_of = {}
    for part in PARTS:
        path = Path(root) / "splitInfo" / f"movie_list_{part}.txt"
        if not path.is_file():
            raise CorpusError(f"no splitInfo/movie_list_{part}.txt in {root}: take it from the corpus' repository")
        part_of |= {line.strip(): part for line in read_text(path).splitlines() if line.strip()}
    rows = list(_rows(Path(root), read_json(Path(root) / "annotation.json"), part_of))
    return build(CARD, rows, strict)


def _rows(root: Path, annotation: dict, part_of: dict[str, str]) -> Iterator[dict]:
    if not isinstance(annotation, dict) or not all(isinstance(dialogues, dict) for dialogues in annotation.values()):
        raise CorpusError("m3ed: annotation.json is not of the form series, dialogue, content: download it again")
    for series, dialogues in annotation.items():
        if series not in part_of:
            raise CorpusError(f"m3ed: the series {series!r} stands in none of the lists in splitInfo: take them whole")
        for dialogue, content in dialogues.items():
            try:
                yield from _of_dialogue(root / "modality_speech", series, dialogue, content, part_of[series])
            except (KeyError, TypeError, AttributeError) as error:
                raise CorpusError(
                    f"m3ed: the dialogue {dialogue!r} of {series} in annotation.json is not of the form "
                    f"SpeakerInfo and Dialog ({type(error).__name__} {error}): download it again"
                ) from None


def _of_dialogue(clips: Path, series: str, dialogue: str, content: dict, part: str) -> Iterator[dict]:
    for utterance, said in content["Dialog"].items():
        letter, person = said["Speaker"], content["SpeakerInfo"][said["Speaker"]]
        yield {
            "id": utterance,
            "audio": str(clips / f"{letter}_{utterance}.wav"),
            "text": "".join(said["Text"].split()),
            "label": said["EmoAnnotation"]["final_main_emo"],
            "speaker": f"{series}_{person['Name']}",
            "gender": person.get("Gender"),
            "session": series,
            "dialogue": dialogue,
            "split": part,
        }
