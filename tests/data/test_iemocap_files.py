"""The files of IEMOCAP: every odd line of its labels, transcripts and alignments."""

import numpy as np
import pytest

from vcemo_lib.data.corpora.iemocap import alignment, labels, transcript
from vcemo_lib.data.corpus import CorpusError

LABEL_FILE = """% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]
C-E2:\tNeutral;\t()
C-F1:\tNeutral; Other;\t(quiet)
A-E3:\tval 3; act 2; dom  2;\t()
A-F1:\tval 3; act ; dom  ;\t()

[10.0100 - 11.3925]\tSes01F_impro01_M000\txxx\t[2.5000, , nan]
C-E2:\tOther;\t()
"""


def test_a_label_file_is_its_first_lines(tmp_path):
    path = tmp_path / "Ses01F_impro01.txt"
    path.write_text(LABEL_FILE)
    first, second = labels(path)
    assert first == {"id": "Ses01F_impro01_F000", "code": "neu", "valence": 2.5, "activation": 2.5, "dominance": 2.5}
    assert second["code"] == "xxx"
    assert np.isnan(second["activation"])
    assert np.isnan(second["dominance"])


@pytest.mark.parametrize("line", [
    "[6.29 - 8.23] Ses01F_impro01_F000 neu [2.5, 2.5, 2.5]", "[6.29 - 8.23]\tSes01F_impro01_F000\tjoy\t[2.5, 2.5, 2.5]",
    "[6.29 - 8.23]\tSes01F_impro01_F000\tneu\t[2.5, 2.5]",
])  # fmt: skip
def test_a_label_line_that_cannot_be_read_is_named_not_skipped(tmp_path, line):
    path = tmp_path / "labels.txt"
    path.write_text(f"% head\n\n{line}\n")
    with pytest.raises(CorpusError, match=r"labels\.txt, line 3: .* is no label line"):
        list(labels(path))


def test_a_transcript_skips_side_comments_and_strips_tags(tmp_path):
    path = tmp_path / "Ses05F_script03_1.txt"
    path.write_text(
        "Ses05F_script03_1_F033 [241.6700-243.4048]: [LAUGHTER] Well,  it is: late. [BREATHING]\n"
        "M: (aside) no\nF:\n\nSes05F_script03_1_MXX0 [001.0-002.0]: hm\n"
        "Ses05F_script03_1_M000 [243.5000-245.0000]:\n"
    )
    assert transcript(path) == {
        "Ses05F_script03_1_F033": "Well, it is: late.",
        "Ses05F_script03_1_M000": "",
        "Ses05F_script03_1_MXX0": "hm",
    }


WDSEG = """\t SFrm  EFrm    SegAScr Word
\t    0    21     -70870 <s>
\t   22    47    -131450 EXCUSE
\t   48    71    -109670 ME(2)
\t   72    90     -80000 <sil>
\t   91   110     -80000 ++BREATH++
\t  111   140     -90000 DON'T
\t  141   150     -10000 </s>
 Total score:     -491990
"""


def test_an_alignment_keeps_words_and_their_last_frame(tmp_path):
    (tmp_path / "a.wdseg").write_text(WDSEG)
    words, times = alignment(tmp_path / "a.wdseg")
    assert words == ["excuse", "me", "don't"]
    assert times == [[0.22, 0.48], [0.48, 0.72], [1.11, 1.41]]
    assert alignment(tmp_path / "none.wdseg") == ([], [])
