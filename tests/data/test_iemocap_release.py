"""The release of IEMOCAP has the counts that it must have, or is refused."""

import re

import numpy as np
import pytest

from vcemo_lib.data.corpora.iemocap import CODES, DIALOGUES, SESSIONS, TURNS, load
from vcemo_lib.data.corpus import CorpusError


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """10,039 turns with the release's counts of codes, sessions and dialogues; the clips are empty."""
    root = tmp_path_factory.mktemp("counts")
    left = {code: CODES[code] for code in CODES if code not in SESSIONS}
    for k in range(5):
        codes = [code for code in SESSIONS for _ in range(SESSIONS[code][k])]
        for code in left:
            n = min(left[code], TURNS[k] - len(codes))
            codes += [code] * n
            left[code] -= n
        evaluations = root / f"Session{k + 1}" / "dialog" / "EmoEvaluation"
        for folder in (evaluations, evaluations.parent / "transcriptions"):
            folder.mkdir(parents=True)
        for d, part in enumerate(np.array_split(codes, DIALOGUES[k])):
            name = f"Ses0{k + 1}{'FM'[d % 2]}_impro{d:02d}"
            turns = [(f"{name}_{'FM'[n % 2]}{n // 2:03d}", code) for n, code in enumerate(part)]
            text = "".join(
                f"[1.0 - 2.0]\t{turn}\t{code}\t[2.5, 2.5, 2.5]\nC-E1:\tOther;\t()\n\n" for turn, code in turns
            )
            (evaluations / f"{name}.txt").write_text("% head\n\n" + text)
            (evaluations.parent / "transcriptions" / f"{name}.txt").write_text(
                "".join(f"{turn} [1.0-2.0]: yes\n" for turn, _ in turns)
            )
            clips = root / f"Session{k + 1}" / "sentences" / "wav" / name
            clips.mkdir(parents=True)
            for turn, _ in turns:
                (clips / f"{turn}.wav").touch()
    return root


def test_the_release_has_5531_utterances_of_four_emotions(release):
    four, without = load(release).for_task(4), load(release, merge_excited=False).for_task(4)
    assert (len(four), len(without)) == (5531, 4490)
    assert four.frame["session"].value_counts().sort_index().tolist() == [1085, 1023, 1151, 1031, 1241]
    assert without.frame["session"].value_counts().sort_index().tolist() == [942, 813, 1000, 793, 942]
    assert four.frame["speaker"].nunique() == 10
    assert not four.simulated
    assert four.language == "en"


@pytest.mark.parametrize("harm", ["clip", "code", "dialogue", "transcript"])
def test_a_release_that_lacks_something_is_refused_unless_one_says_so(release, harm):
    session = release / "Session3"
    path = {
        "clip": next(session.glob("sentences/wav/*/*.wav")),
        "code": next(session.glob("dialog/EmoEvaluation/*.txt")),
        "dialogue": next(session.glob("dialog/EmoEvaluation/*.txt")),
        "transcript": next(session.glob("dialog/transcriptions/*.txt")),
    }[harm]
    before = path.read_bytes()
    try:
        if harm == "code":
            path.write_bytes(re.sub(rb"\t[a-z]{3}\t", b"\tdis\t", before, count=1))
        else:
            path.unlink()
        with pytest.raises(CorpusError, match="not the whole release"):
            load(release)
        if harm == "clip":
            assert load(release, strict=False).dropped["clip not in sentences/wav"] == 1
    finally:
        path.write_bytes(before)
