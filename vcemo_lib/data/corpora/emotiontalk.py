"""EmotionTalk: Mandarin dialogues played by 19 actors, seven emotions; a JSON file and a clip an utterance."""

import re
from pathlib import Path

from ..corpus import Corpus, CorpusError
from .card import CorpusCard, build, official
from .files import folder, read_json

CARD = CorpusCard(
    name="emotiontalk",
    title="EmotionTalk",
    language="zh",
    source="https://huggingface.co/datasets/BAAI/Emotiontalk (access on request)",
    licence="CC BY-NC-SA 4.0",
    forbidden="no commercial use; what is made from it must be shared under the same licence",
    citation="Sun et al., EmotionTalk: An Interactive Chinese Multimodal Emotion Dataset With Rich Annotations, 2025",
    layout="Multimodal/json/G…/…/*.json and Audio/wav/G…/…/*.wav, unpacked from its archives",
    labels=dict(angry="angry", fearful="fear", happy="happy", neutral="neutral", sad="sad", surprised="surprise"),
    outside={"disgusted": "disgust is none of the six"},
    published={"utterances": 19_250, "speakers": 19, "part train": 15_413, "part val": 1_908, "part test": 1_929}
    | dict(angry=3_698, disgusted=1_371, fearful=922, happy=3_592, neutral=6_853, sad=1_153, surprised=1_661),
    split=official,
    notes="the labels differ between sound, text and both together; votes= says which are read",
)

VAL, TEST = {"G00001", "G00012"}, {"G00003", "G00015"}
MARKS = re.compile(r"\[[^\[\]]*\]")  # [over/] … [/over], [laughing]: marks of the transcribers, not words


def load(root: Path, strict: bool = False, votes: str = "Multimodal") -> Corpus:
    """Read the JSON files.

    Args:
        votes: whose label counts: `Multimodal`, of those who heard and saw, or `Audio`, of those who only heard.
            The published counts are the former's.

    Raises:
        CorpusError: no such votes, or a file that cannot be read.
    """
    if votes not in ("Multimodal", "Audio"):
        raise CorpusError(f"emotiontalk has no votes {votes!r}: choose Multimodal or Audio")
    json_root, wav_root = folder(folder(root, votes), "json"), folder(folder(root, "Audio"), "wav")
    files = sorted(json_root.rglob("[!.]*.json"))
    rows = [_row(path, wav_root / path.relative_to(json_root).with_suffix(".wav")) for path in files]
    return build(CARD, rows, strict)


def _row(path: Path, wav: Path) -> dict:
    annotation = read_json(path)
    if missing := {"emotion_result", "content"} - set(annotation):
        raise CorpusError(f"{path} lacks {', '.join(sorted(missing))}: is it a label file of EmotionTalk?")
    group, dialogue = path.stem.split("_")[0], "_".join(path.stem.split("_")[:2])
    return {
        "id": path.stem,
        "audio": str(wav),
        "text": MARKS.sub("", annotation["content"]).strip(),
        "label": annotation["emotion_result"],
        "speaker": str(annotation.get("speaker_id", group)).strip(),
        "session": group,
        "dialogue": dialogue,
        "split": "val" if group in VAL else "test" if group in TEST else "train",
    }
