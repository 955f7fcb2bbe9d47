"""IEMOCAP's layout: every odd line of the release, the counts it must have, and word times that reach CME."""

import json
import re
import shutil

import numpy as np
import pytest
import torch

from vcemo_lib.data.corpora import iemocap, iemocap_layout
from vcemo_lib.data.corpora.card import label_table
from vcemo_lib.data.corpora.iemocap import CODES, DIALOGUES, SESSIONS, TURNS, alignment, labels, load, transcript
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.labels import FOUR
from vcemo_lib.data.splits import session_folds
from vcemo_lib.models.registry import build_model
from vcemo_lib.text.alignment import has_times, timed_letters, word_spans


@pytest.fixture(scope="module")
def root(corpus, tmp_path_factory):
    return iemocap_layout.write(corpus, tmp_path_factory.mktemp("iemocap") / "release")


@pytest.fixture(scope="module")
def stand_in(root):
    return load(root)


def test_everything_that_was_written_is_read_back(corpus, stand_in):
    ours = stand_in.frame.sort_values("text")
    theirs = corpus.frame[corpus.frame["text"].isin(ours["text"])].sort_values("text")
    assert len(stand_in) + sum(stand_in.dropped.values()) == len(corpus)
    assert stand_in.dropped == {"xxx": 2, "fru": 2}
    assert ours["text"].tolist() == theirs["text"].tolist()
    assert ours["emotion"].tolist() == theirs["emotion"].tolist()
    assert ours["gender"].tolist() == theirs["gender"].tolist()
    for ours_id, theirs_id in list(zip(ours["id"], theirs["id"], strict=True))[::12]:
        np.testing.assert_allclose(stand_in.wave(ours_id), corpus.wave(theirs_id), atol=1 / 2**14)
    assert set(ours["code"]) <= set(CODES)
    assert ours.loc[ours["emotion"] == "happy", "code"].nunique() == 2
    assert ours["text_asr"].isna().all()
    assert ours["valence"].eq(2.5).all()
    assert not ours["style"].eq("scripted").all()


def test_a_stand_in_says_so_and_is_never_taken_for_the_release(root, stand_in):
    assert stand_in.name == "iemocap_stand_in"
    assert stand_in.simulated
    assert stand_in.language == "zh"
    with pytest.raises(CorpusError, match="not the whole release of IEMOCAP.*ang turns: .* instead of 1103"):
        load(root, strict=True)


def test_a_voice_is_in_one_session_and_the_speaker_is_the_turns_letter(corpus, stand_in):
    frame = stand_in.frame.merge(corpus.frame[["text", "speaker"]], on="text", suffixes=("", "_voice"))
    assert (frame.groupby("speaker_voice")["session"].nunique() == 1).all()
    assert stand_in.frame["speaker"].nunique() == 10
    for row in stand_in.frame.itertuples():
        assert row.speaker == f"Ses0{row.session}{row.id[-4]}"
        assert row.id.startswith(row.dialogue + "_")
        assert row.gender == {"F": "female", "M": "male"}[row.speaker[-1]]
    other = stand_in.frame["dialogue"].str[5] != stand_in.frame["speaker"].str[-1]
    assert other.any()
    assert not other.all()  # the dialogue's letter is another thing


def test_excited_is_happy_or_left_out(root, stand_in):
    apart = load(root, merge_excited=False)
    n = (stand_in.frame["code"] == "exc").sum()
    assert len(apart) == len(stand_in) - n
    assert apart.dropped["exc"] == n > 0
    assert set(apart.frame["code"]) >= {"hap"}


def test_the_label_table_shows_codes_and_reasons(root, stand_in):
    table = label_table(iemocap.CARD, stand_in).set_index("label")
    assert table["read as"].to_dict() == {
        "ang": "angry",
        "exc": "happy",
        "fea": "fear",
        "hap": "happy",
        "neu": "neutral",
        "sad": "sad",
        "sur": "surprise",
        "fru": "left out: frustrated",
        "xxx": "left out: the annotators did not agree",
    }
    assert table["utterances"].sum() == len(stand_in) + 4
    assert (table["utterances"] > 0).all()
    apart = label_table(iemocap.CARD, load(root, merge_excited=False)).set_index("label")
    assert apart["read as"]["exc"] == "left out: as you asked"


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


def test_a_turn_of_another_session_is_refused(root, tmp_path):
    copy = shutil.copytree(root, tmp_path / "mixed")
    shutil.rmtree(copy / "Session1")
    (copy / "Session2").rename(copy / "Session1")
    with pytest.raises(CorpusError, match="is no turn of session 1"):
        load(copy)


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


def test_timed_english_words_reach_the_tokens_that_a_model_reads(stand_in):
    frame = stand_in.frame.head(2).assign(
        words=[["excuse", "me", "don't"], []], word_times=[[[0.22, 0.48], [0.48, 0.72], [1.11, 1.41]], []]
    )
    assert has_times(frame)
    assert not has_times(frame.drop(columns="words"))
    (heard, times), (nothing, none) = timed_letters(frame)
    assert heard == "excusemedont"
    assert times.shape == (12, 2)
    assert nothing == ""
    assert none.shape == (0, 2)
    spans = word_spans(["Excuse", "me", "do", "n't", "!"], heard, times)
    assert spans[:2].tolist() == [[22, 48], [48, 72]]
    assert spans[2, 0] == 111
    assert 111 < spans[2, 1] < 141 == spans[3, 1]
    assert word_spans(["hello"], nothing, none).tolist() == [[0, 0]]


def test_word_times_of_the_layout_are_those_of_the_corpus(corpus, stand_in):
    row = stand_in.frame.iloc[0]
    theirs = corpus.frame[corpus.frame["text"] == row["text"]].iloc[0]
    np.testing.assert_allclose(np.array(row["word_times"]), np.stack(theirs["char_times"]), atol=0.011)


def test_cme_hears_the_words_through_these_times(stand_in, small, cache):
    few = stand_in.for_task(4).select(stand_in.for_task(4).ids[:4])
    store = FeatureStore(few, small.but(text="text").features)
    batch = store.batch(few.ids, FOUR)
    assert store.has_times
    assert (batch.spans[..., 1] > batch.spans[..., 0])[batch.words_mask].all()
    model = build_model(small.but(system="cme", n_classes=4).model).eval()
    louder = store.batch(few.ids, FOUR)
    louder.mel = louder.mel * 2
    assert not torch.allclose(model(batch).logits, model(louder).logits)


@pytest.mark.parametrize("inner", [True, False])
def test_a_fold_leaves_a_session_and_its_two_speakers_out(stand_in, inner):
    folds = session_folds(stand_in, inner=inner)
    assert len(folds) == 5
    assert all(fold.promises == ("session", "speaker") for fold in folds)
    assert sorted(i for fold in folds for i in fold.test) == sorted(stand_in.ids)


# ---- the counts of the release, on files that hold nothing but what is counted


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


def test_folders_that_are_no_release_and_no_new_place_are_refused(root, corpus, tmp_path):
    with pytest.raises(CorpusError, match="no Session1 … Session5"):
        load(tmp_path)
    with pytest.raises(CorpusError, match="is not empty"):
        iemocap_layout.write(corpus, root)
    with pytest.raises(CorpusError, match="no column char_times"):
        iemocap_layout.write(type(corpus)("bare", corpus.frame.drop(columns="char_times")), tmp_path / "new")
    assert json.loads((root / iemocap.STAND_IN).read_text())["name"] == "iemocap_stand_in"
