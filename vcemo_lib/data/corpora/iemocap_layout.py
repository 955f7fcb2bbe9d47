"""Any corpus with word or character times, written out in the layout of IEMOCAP's release, its odd lines included.

The release may not be passed on, so what reads it is tried and shown on such a stand-in. The stand-in says what it
is (`STAND_IN.json`), and every result measured on it says so too.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import soundfile

from ...audio.signal import decode
from ...config import SAMPLE_RATE
from ..corpus import Corpus, CorpusError
from .iemocap import FRAME, STAND_IN

CODE = {"angry": "ang", "fear": "fea", "neutral": "neu", "sad": "sad", "surprise": "sur"}  # happy: hap and exc in turn
DIALOGUE_TURNS = 20  # about as many turns stand in one dialogue
HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"


def write(corpus: Corpus, root: Path) -> Path:
    """Write a corpus as five sessions of one woman and one man each; return the folder.

    The women's voices are dealt out to the five women's names and the men's to the men's, so one name stands for
    several voices, but no voice is heard in two sessions. One utterance in fifteen loses its label (`xxx`, `fru`), as
    where annotators do not agree.

    Args:
        corpus: with the columns gender (female, male) and char_times.
        root: a folder that does not exist yet, or is empty.

    Raises:
        CorpusError: a column is missing, or the folder is not empty.
    """
    root = Path(root)
    if absent := {"gender", "char_times"} - set(corpus.frame):
        raise CorpusError(
            f"{corpus.name} has no column {', '.join(sorted(absent))}: the layout needs genders and times"
        )
    if root.exists() and any(root.iterdir()):
        raise CorpusError(f"{root} is not empty: give a new folder, nothing is overwritten")
    for (session, dialogue), turns in _turns(corpus.frame).groupby(["session", "dialogue"]):
        _write_dialogue(root / f"Session{session}", dialogue, turns)
    about = {
        "name": "iemocap_stand_in",
        "language": corpus.language,
        "licence": corpus.licence,
        "citation": f"{corpus.citation or corpus.name}, in the layout of IEMOCAP; no utterance of IEMOCAP is in it",
    }
    (root / STAND_IN).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return root


def _turns(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a turn with its session, dialogue, letter, new id and code."""
    letter = frame["gender"].map({"female": "F", "male": "M"})
    voice = frame["speaker"].map(_deal(frame["speaker"][letter == "F"]) | _deal(frame["speaker"][letter == "M"]))
    session = voice % 5 + 1
    dialogue_number = frame.groupby(session).cumcount() // DIALOGUE_TURNS
    kind = dialogue_number.map(lambda k: f"impro{k // 2 + 1:02d}" if k % 2 == 0 else f"script{k // 2 + 1:02d}_1")
    dialogue = "Ses0" + session.astype(str) + dialogue_number.map(lambda k: "FM"[k // 2 % 2]) + "_" + kind
    number = frame.groupby([dialogue, letter]).cumcount().map("{:03d}".format)
    return frame.assign(session=session, dialogue=dialogue, turn=dialogue + "_" + letter + number, code=_codes(frame))


def _deal(speakers: pd.Series) -> dict[str, int]:
    return {voice: k for k, voice in enumerate(sorted(speakers.unique()))}


def _codes(frame: pd.DataFrame) -> pd.Series:
    happy = (frame["emotion"] == "happy").cumsum() % 2
    code = frame["emotion"].map(CODE).fillna(happy.map({0: "exc", 1: "hap"}))
    row = pd.Series(range(len(frame)), index=frame.index)
    return code.mask(row % 30 == 14, "xxx").mask(row % 30 == 29, "fru")


def _write_dialogue(session: Path, dialogue: str, turns: pd.DataFrame) -> None:
    clips, aligned = (session / "sentences" / kind / dialogue for kind in ("wav", "ForcedAlignment"))
    start, label_blocks, spoken = 5.0, [], []
    for row in turns.itertuples():
        wave = decode(row.audio)
        end = start + len(wave) / SAMPLE_RATE
        label_blocks.append(_label_block(row, start, end))
        spoken.append(f"{row.turn} [{start:08.4f}-{end:08.4f}]: {row.text}\n")
        clips.mkdir(parents=True, exist_ok=True)
        soundfile.write(clips / f"{row.turn}.wav", wave, SAMPLE_RATE, subtype="PCM_16")
        _write(aligned / f"{row.turn}.wdseg", "".join(_alignment_lines(row)))
        start = end + 0.5
    evaluations = session / "dialog" / "EmoEvaluation"
    _write(evaluations / f"{dialogue}.txt", HEADER + "\n".join(label_blocks))
    # between the turns a side comment and a turn that has neither label nor sound
    spoken[1:1] = ["M: (to himself)\n", f"{dialogue}_MXX0 [001.0000-002.0000]: [BREATHING]\n"]
    _write(session / "dialog" / "transcriptions" / f"{dialogue}.txt", "".join(spoken))
    for shadow in (evaluations / f"._{dialogue}.txt", clips / f"._{turns['turn'].iloc[0]}.wav"):
        shadow.write_bytes(b"\x00\x05\x16\x07 not a text")
    _write(evaluations / "Categorical" / f"{dialogue}_e1_cat.txt", f"{turns['turn'].iloc[0]} :Neutral state; ()\n")


def _label_block(row, start: float, end: float) -> str:
    """The label line, then an evaluator's category and ratings; now and then a rating is missing."""
    act = "" if row.Index % 7 == 0 else "2"
    lines = (
        f"[{start:.4f} - {end:.4f}]\t{row.turn}\t{row.code}\t[2.5000, 2.5000, 2.5000]",
        "C-E1:\tNeutral;\t()",
        "C-E2:\tOther;\t(not sure)",
        "A-E1:\tval 3; act 2; dom  2;\t()",
        f"A-F1:\tval 3; act {act}; dom  ;\t()",
    )
    return "\n".join(lines) + "\n"


def _alignment_lines(row) -> Iterator[str]:
    """Start frame, last frame, score and word of each character: a Chinese text parts no words by spaces."""
    letters = [c for c in row.text if c.isalnum()]
    ends = [(round(start / FRAME), round(end / FRAME) - 1) for start, end in row.char_times]
    frames = [(first, max(first, last)) for first, last in ends]
    yield "\t SFrm  EFrm    SegAScr Word\n"
    yield f"\t{0:5d} {max(frames[0][0] - 1, 0):5d} {-100:10d} <s>\n"
    for letter, (first, last) in zip(letters, frames, strict=True):
        yield f"\t{first:5d} {last:5d} {-2000:10d} {letter}(2)\n"
        yield f"\t{last + 1:5d} {last + 1:5d} {-50:10d} <sil>\n"
    yield f"\t{frames[-1][1] + 2:5d} {frames[-1][1] + 9:5d} {-300:10d} ++NOISE++\n"
    yield " Total score:     -123456\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
