"""nEMO, a real corpus, where it is at hand."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import CorpusError, survey
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.data.speaker_splits import speaker_disjoint
from vcemo_lib.data.splits import split_8_1_1
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


@here
def test_the_example_of_the_readme_about_a_real_voice_is_right(nemo, cache, tmp_path):
    """It is run as it stands, but for the folders; clip and answer are of the test part."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    train, predict = re.search(r"```\nvcemo (train runs/nemo .*)\nvcemo (predict .*)\n```", readme).groups()
    told = re.search(r"called \*(\w+)\*, with a chance of (0\.\d\d)", readme).groups()
    for command in (train, predict):
        words = [word.replace("FOLDER", str(NEMO)).replace("runs", str(tmp_path)) for word in shlex.split(command)]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    clip = re.search(r"(\w+)\.wav", predict)[1]
    assert clip in split_8_1_1(nemo).test
    assert nemo.frame.set_index("id").loc[clip, "emotion"] == told[0]
    chance = re.search(rf"{told[0]} (\d\.\d\d)", done.output.partition("chances")[2])[1]
    assert abs(float(chance) - float(told[1])) < 0.05  # another processor adds in another order
    assert done.output.count("doubtful") == 2
    assert "silenced" not in done.output  # sound is all there is
