"""Deeply: Korean lines of three sentiments, each read in a voice of three sentiments, so that words and voice cross."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from ..speaker_splits import speaker_disjoint
from ..splits import Split
from .card import CorpusCard, build
from .files import read_json

SENTIMENT = {-1: "negative", 0: "neutral", 1: "positive"}
DISTANCE = {0: 0.4, 1: 2.0, 2: 4.0}  # metres
DEVICE = {0: "iPhone X", 1: "Galaxy S7"}
SEX = {0: "female", 1: "male"}
NOISE = {0: "none", 1: "indoor", 2: "outdoor", 3: "indoor and outdoor"}

# What the label of a task is made of, and how many of the 1,697 clips of OpenSLR 97 have it.
NINE = [f"{said} + {spoken}" for said in SENTIMENT.values() for spoken in SENTIMENT.values()]
TASKS = {
    "voice": {"negative": 588, "neutral": 541, "positive": 568},
    "text": {"negative": 407, "neutral": 810, "positive": 480},
    "both": dict(zip(NINE, (141, 130, 136, 284, 255, 271, 163, 156, 161), strict=True)),
    "agreement": {"agree": 557, "differ": 1_140},
}


def by_script(corpus: Corpus, seed: int = 0) -> Split:
    """No line of the script in two parts: each is read three times in each room."""
    return speaker_disjoint(corpus, seed, "script")


def _card(task: str) -> CorpusCard:
    """The card of one task."""
    classes = tuple(TASKS[task])
    return CorpusCard(
        name="deeply",
        title="Deeply Korean Read Speech Corpus, the public sample",
        language="ko",
        source="https://www.openslr.org/97, https://github.com/deeplyinc/Korean-Read-Speech-Corpus",
        licence="CC BY-NC-ND 4.0",
        forbidden="no commercial use, and nothing made from it may be shared: train on it, pass no changed clip on",
        citation="Deeply Inc., Deeply Korean Read Speech Corpus, OpenSLR 97",
        layout="dataset/Korean_Read_Speech_Corpus_sample.json and dataset/<room>/<id>.wav",
        labels={name: name for name in classes},
        published={"utterances": 1_697, "speakers": 2, **TASKS[task]},
        split=by_script,
        text="fixed" if task == "voice" else "own",
        notes="--option task=voice, the sentiment of the voice, is the default; task=text, of the wording; task=both, "
        "all nine crossings, wording + voice; task=agreement, whether they are the same. Three rooms, two speakers",
        classes=classes,
    )


CARD = _card("voice")


def load(root: Path, strict: bool = False, task: str = "voice") -> Corpus:
    """Read the JSON file. Columns beside the usual: script, voice_sentiment, text_sentiment, room, distance, device.

    Also session (the pair that read together), gender, age, noise. A clip that the file names and that is not there is
    counted and left out. The full corpus, which is sold, has this layout too and other counts.

    Args:
        task: whose classes are read: `voice`, `text`, `both` or `agreement`.

    Raises:
        CorpusError: no such task, or a file that is not as Deeply has it.
    """
    if task not in TASKS:
        raise CorpusError(f"deeply has no task {task!r}: choose {', '.join(TASKS)}")
    table = _table(Path(root))
    rooms = read_json(table)
    try:
        rows = [_row(table.parent, room, name, it, task) for room, clips in rooms.items() for name, it in clips.items()]
    except (AttributeError, KeyError, TypeError) as error:
        raise CorpusError(f"{table} is not as Deeply has it ({type(error).__name__}: {error}): copy it again") from None
    return build(_card(task), rows, strict)


def _table(root: Path) -> Path:
    name = "Korean_Read_Speech_Corpus*.json"
    tables = [*sorted(root.glob(name)), *sorted((root / "dataset").glob(name))]
    if not tables:
        raise CorpusError(f"no dataset/Korean_Read_Speech_Corpus_sample.json in {root}: pass the folder with dataset/")
    return tables[0]


def _row(folder: Path, room: str, name: str, it: dict, task: str) -> dict:
    said, spoken = SENTIMENT[it["text_sentiment"]], SENTIMENT[it["voice_sentiment"]]
    label = {"voice": spoken, "text": said, "both": f"{said} + {spoken}"}
    label["agreement"] = "agree" if said == spoken else "differ"
    return {
        "id": name,
        "audio": str(folder / room / f"{name}.wav"),
        "text": it["text"],
        "label": label[task],
        "speaker": f"{it['subjectID']}{it['speaker']}",
        "session": it["subjectID"],
        "script": it["text_code"],
        "text_sentiment": said,
        "voice_sentiment": spoken,
        "room": room,
        "distance": DISTANCE[it["distance"]],
        "device": DEVICE[it["device"]],
        "noise": NOISE[it["noise"]],
        "gender": SEX[it["sex"]],
        "age": it["age"],
    }
