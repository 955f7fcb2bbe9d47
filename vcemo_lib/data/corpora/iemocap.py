"""IEMOCAP in the layout of the official release: labels, transcripts, word times, and the counts it must have.

The release is licensed (request form at sail.usc.edu/iemocap), for academic use, and may not be passed on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...paths import is_file
from ..corpus import Corpus, CorpusError
from ..speaker_splits import speaker_disjoint
from ..splits import Split
from .card import CorpusCard
from .files import read_json, read_text

if TYPE_CHECKING:
    import pandas as pd

STAND_IN = "STAND_IN.json"  # `iemocap_layout.write` leaves it: the folder is no release
FRAME = 0.01  # seconds; frames of the forced alignment

EMOTION = dict(ang="angry", hap="happy", exc="happy", sad="sad", neu="neutral", sur="surprise", fea="fear")
OUTSIDE = {"fru": "frustrated", "dis": "disgusted", "oth": "another emotion", "xxx": "the annotators did not agree"}

# What the release holds: turns of each code, dialogues and turns of each session, and each session's four emotions.
CODES = dict(ang=1103, hap=595, exc=1041, sad=1084, neu=1708, fru=1849, sur=107, fea=40, dis=2, oth=3, xxx=2507)
DIALOGUES = (28, 30, 32, 30, 31)
TURNS = (1819, 1811, 2136, 2103, 2170)
SESSIONS = {
    "neu": (384, 362, 320, 258, 384),
    "ang": (229, 137, 240, 327, 170),
    "sad": (194, 197, 305, 143, 245),
    "hap": (135, 117, 135, 65, 143),
    "exc": (143, 210, 151, 238, 299),
}


def sessions(corpus: Corpus, seed: int = 0) -> Split:
    """Leave one session out in turn (`session_folds`); as a single split, no speaker in two parts."""
    return speaker_disjoint(corpus, seed)


CARD = CorpusCard(
    name="iemocap",
    title="IEMOCAP, dyadic acted and improvised dialogues",
    language="en",
    source="sail.usc.edu/iemocap, by request form",
    licence="academic use by request form, no redistribution",
    forbidden="to pass it on, or to use it outside academic research",
    citation="Busso et al., IEMOCAP: interactive emotional dyadic motion capture database, LRE 42, 2008",
    layout="IEMOCAP_full_release with Session1 … Session5, each with dialog/ and sentences/",
    labels=EMOTION,
    outside=OUTSIDE,
    published={"utterances": sum(CODES.values()), "speakers": 10, **CODES},
    split=sessions,
    notes="excited counts as happy (5,531 utterances of four emotions); merge_excited=False leaves it out (4,490)",
)

NUMBER = r"(-?[\d.]+|nan|)"
LABEL = re.compile(rf"\[([\d.]+) - ([\d.]+)\]\t(\S+)\t([a-z]{{3}})\t\[{NUMBER}, ?{NUMBER}, ?{NUMBER}\]\s*$")
TURN = re.compile(r"(Ses0([1-5])[FM]_((?:impro|script)\d\d\w*))_([FM])\d{3}$")
SPOKEN = re.compile(r"(Ses\S+) \[[\d.]+-[\d.]+\]:(.*)$")
ALIGNED = re.compile(r"\s*(\d+)\s+(\d+)\s+-?\d+\s+(\S+)\s*$")
TAG = re.compile(r"\[[A-Z_ ]+\]")  # [LAUGHTER], [BREATHING]: a recogniser would not write them
NO_WORD = re.compile(r"<.*>$|\+\+.*\+\+$")  # <s>, <sil>, ++NOISE++


def load(root: Path, merge_excited: bool = True, strict: bool | None = None) -> Corpus:
    """Read a release, or a stand-in in its layout.

    Columns beside the usual ones: session (1–5), dialogue, style (improvised or scripted), code (as the release
    has it), valence, activation, dominance, words and word_times (seconds, from the forced alignment; empty where a
    turn has none). The speaker is the session and the letter of the turn: the dialogue's letter only tells who wore
    the markers.

    Args:
        merge_excited: whether excited counts as happy (5,531 utterances of four emotions) or is left out (4,490; A8).
        strict: assert the counts of the release; None = unless the folder says that it is a stand-in.

    Raises:
        CorpusError: no session, a line that cannot be read, or, if strict, counts other than the release's.
    """
    import pandas as pd

    root = Path(root)
    folders = [(n, root / f"Session{n}") for n in range(1, 6) if (root / f"Session{n}").is_dir()]
    if not folders:
        raise CorpusError(f"no Session1 … Session5 in {root}: pass the folder IEMOCAP_full_release")
    turns = pd.DataFrame([turn for n, folder in folders for turn in session_turns(n, folder)])
    about = read_json(root / STAND_IN) if (root / STAND_IN).is_file() else {}
    if not about if strict is None else strict:
        check_counts(turns)
    return _corpus(turns, merge_excited, about)


def session_turns(number: int, folder: Path) -> Iterator[dict]:
    """Every labelled turn of one session, whatever its code.

    Raises:
        CorpusError: a turn of another session, or a file that cannot be read.
    """
    for path in sorted((folder / "dialog" / "EmoEvaluation").glob("[!.]*.txt")):  # macOS leaves "._" shadows
        spoken = transcript(folder / "dialog" / "transcriptions" / path.name)
        for turn in labels(path):
            match = TURN.match(turn["id"])
            if not match or int(match[2]) != number:
                raise CorpusError(f"{path}: {turn['id']!r} is no turn of session {number}: restore the file")
            sentences = folder / "sentences"
            words, times = alignment(sentences / "ForcedAlignment" / match[1] / f"{turn['id']}.wdseg")
            yield turn | {
                "session": number,
                "dialogue": match[1],
                "speaker": f"Ses0{number}{match[4]}",
                "gender": {"F": "female", "M": "male"}[match[4]],
                "style": "improvised" if match[3].startswith("impro") else "scripted",
                "audio": str(sentences / "wav" / match[1] / f"{turn['id']}.wav"),
                "text": spoken.get(turn["id"]),
                "words": words,
                "word_times": times,
            }


def labels(path: Path) -> Iterator[dict]:
    """The first line of each block of a label file: id, code and mean ratings.

    The evaluators' own lines (`C-…`, `A-…`, numbers of which can be missing) are not needed.

    Raises:
        CorpusError: a line of another form, or a code that there is not.
    """
    for number, line in enumerate(_lines(path), start=1):
        if not line.startswith("["):
            continue
        match = LABEL.match(line)
        if not match or match[4] not in (*EMOTION, *OUTSIDE):
            raise CorpusError(
                f"{path}, line {number}: {line!r} is no label line: expected [start - end], id, code and "
                "three ratings, parted by tabs: restore the file from the release"
            )
        ratings = [float(value) if value else math.nan for value in match.groups()[4:]]
        rated = dict(zip(("valence", "activation", "dominance"), ratings, strict=True))
        yield {"id": match[3], "code": match[4]} | rated


def transcript(path: Path) -> dict[str, str]:
    """Turn id → text, without tags such as [LAUGHTER]. Side comments (`M: …`) are no turns and are skipped."""
    if not path.is_file():
        return {}
    matches = map(SPOKEN.match, _lines(path))
    return {line[1]: " ".join(TAG.sub(" ", line[2]).split()) for line in matches if line}


def alignment(path: Path) -> tuple[list[str], list[list[float]]]:
    """Words of a .wdseg file, lower case, and their start and end in seconds; empty lists where there is no file."""
    if not path.is_file():
        return [], []
    matches = [line for line in map(ALIGNED.match, _lines(path)) if line]
    matches = [line for line in matches if not NO_WORD.match(line[3])]
    words = [re.sub(r"\(\d+\)$", "", line[3]).lower() for line in matches]  # "the(2)": a second pronunciation
    # the last frame belongs to the word
    return words, [[round(int(line[1]) * FRAME, 2), round((int(line[2]) + 1) * FRAME, 2)] for line in matches]


def check_counts(turns: pd.DataFrame) -> None:
    """Raise CorpusError, with each difference, where turns are not those of the whole release."""
    pairs = [(f"{code} turns", count, (turns["code"] == code).sum()) for code, count in CODES.items()]
    for k in range(1, 6):
        here = turns[turns["session"] == k]
        pairs.append((f"dialogues in session {k}", DIALOGUES[k - 1], here["dialogue"].nunique()))
        pairs.append((f"turns in session {k}", TURNS[k - 1], len(here)))
        pairs += [(f"{code} in session {k}", n[k - 1], (here["code"] == code).sum()) for code, n in SESSIONS.items()]
    pairs.append(("turns without a clip", 0, (~turns["audio"].map(is_file)).sum()))
    pairs.append(("turns without a text", 0, turns["text"].isna().sum()))
    wrong = [f"{what}: {counted} instead of {expected}" for what, expected, counted in pairs if counted != expected]
    if wrong:
        raise CorpusError(
            f"this is not the whole release of IEMOCAP ({len(wrong)} counts differ; {'; '.join(wrong[:4])}): "
            "complete it, or load it with strict=False and do not compare the results with others"
        )


def _corpus(turns: pd.DataFrame, merge_excited: bool, about: dict) -> Corpus:
    outside = turns["code"].isin([*OUTSIDE, *(() if merge_excited else ("exc",))])
    reason = turns["code"].where(outside).mask(~outside & ~turns["audio"].map(is_file), "clip not in sentences/wav")
    frame = turns[reason.isna()].assign(text_asr=None, emotion=turns["code"].map(EMOTION))
    frame = frame.sort_values("id", ignore_index=True)
    facts = {name: about.get(name, getattr(CARD, name)) for name in ("name", "language", "licence", "citation")}
    return Corpus(frame=frame, **facts, simulated=bool(about), dropped=reason.dropna().value_counts().to_dict())


def _lines(path: Path) -> list[str]:
    """The lines of a file of the release, which is English: what is not UTF-8 is Latin-1, never GB 18030."""
    return read_text(path, ("utf-8",)).splitlines()
