"""nEMO, a real corpus, where it is at hand."""

import pytest

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import CorpusError, survey
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.data.speaker_splits import speaker_disjoint
from vcemo_lib.paths import ROOT

NEMO = ROOT.parent / "shared" / "data" / "nemo"
here = pytest.mark.skipif(not (NEMO / "data.tsv").is_file(), reason="nEMO is not in ../shared/data/nemo")


@pytest.fixture(scope="module")
def nemo():
    return load_corpus("nemo", NEMO)


@here
def test_what_nemo_holds(nemo):
    assert len(nemo) == 598
    assert nemo.dropped == {}
    assert set(nemo.frame["speaker"]) == {"EB0", "KS0", "SM0", "WR0"}
    assert (nemo.counts() > 80).all()
    assert tuple(nemo.counts().index) == EMOTIONS
    assert nemo.language == "pl"
    assert not nemo.text_is_informative
    assert not nemo.simulated
    assert nemo.frame["text_asr"].isna().all()
    assert nemo.frame["text"].str.len().min() > 5


@here
def test_its_clips_open_and_its_speakers_can_be_parted(nemo):
    seconds = survey(nemo.select(nemo.ids[::40]))["seconds"]
    assert seconds.between(0.5, 10).all()
    split = speaker_disjoint(nemo)
    assert len(split.train) > 250
    assert min(len(split.val), len(split.test)) > 100


def test_clips_that_are_not_there_are_counted(tmp_path):
    header = "file_id\temotion\traw_text\tspeaker_id\tgender\tage\n"
    rows = [f"A_{e}_1.wav\t{e}\tDzień dobry.\tA\tfemale\t30\n" for e in ("anger", "sadness", "surprised")]
    (tmp_path / "data.tsv").write_text(header + "".join(rows), encoding="utf-8")
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "A_sadness_1.wav").write_bytes(b"x")
    corpus = load_corpus("nemo", tmp_path)
    assert corpus.ids == ("A_sadness_1",)
    assert corpus.frame["emotion"].tolist() == ["sad"]
    assert corpus.dropped == {"its clip is not in this copy": 2}


@here
def test_a_limit_keeps_every_emotion(nemo):
    counts = load_corpus("nemo", NEMO, limit=120).counts()
    assert counts.sum() == pytest.approx(120, abs=6)
    assert counts.min() >= 10


def test_a_folder_that_is_not_nemo_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="no data.tsv"):
        load_corpus("nemo", tmp_path)
