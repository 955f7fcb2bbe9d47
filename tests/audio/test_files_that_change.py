"""A file that changes while it is read is no other's sound: nothing of it is kept under the name of what it was."""

import shutil

import numpy as np
import pytest
import soundfile

from vcemo_lib.audio import decoding
from vcemo_lib.audio.decoding import AudioError, samples
from vcemo_lib.audio.recording import open_recording
from vcemo_lib.config import FeatureConfig
from vcemo_lib.data import sound, transcripts
from vcemo_lib.data.corpus import Corpus
from vcemo_lib.data.sound import Sound
from vcemo_lib.data.transcripts import transcribe_corpus
from vcemo_lib.paths import cache_dir

RATE = 16_000
NOISE = 0.1 * np.random.default_rng(0).normal(size=4 * RATE)


@pytest.fixture
def changing(monkeypatch):
    """Has a file changed when its sound is asked for the k-th time."""

    def at(k: int, change):
        asked, blocks = [], decoding.libsndfile_blocks

        def reads(*given):
            asked.append(given)
            if len(asked) == k:
                change()
            return blocks(*given)

        monkeypatch.setattr(decoding, "libsndfile_blocks", reads)

    return at


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_recording_that_is_cut_after_its_header_was_read_broke_off(tmp_path, changing):
    path = tmp_path / "a.wav"
    soundfile.write(path, NOISE, RATE)
    changing(1, lambda: cut(path))
    opened = open_recording(path)
    assert opened.lacks() == ""
    assert sum(map(len, opened.blocks())) < len(NOISE)
    assert opened.lacks() == "50% of the sound that its header promises is missing"
    path.unlink()
    assert opened.lacks() == ""


def test_other_channels_at_the_second_reading_are_noticed(tmp_path, changing):
    path, other = tmp_path / "a.wav", tmp_path / "b.wav"
    soundfile.write(other, NOISE, RATE)
    for read in (samples, lambda path: list(open_recording(path).blocks())):
        soundfile.write(path, np.stack([0 * NOISE, NOISE], 1), RATE)
        changing(2, lambda: shutil.copy(other, path))
        if read is samples:  # the other decoder reads what lies there now
            np.testing.assert_allclose(read(path)[0], samples(other)[0], atol=1e-6)
        else:
            with pytest.raises(AudioError, match="a.wav is damaged .its channels changed while it was read.: copy"):
                read(path)


@pytest.fixture
def few(corpus, tmp_path):
    """Three clips as files."""
    frame = corpus.frame.head(3).copy()
    for row in range(3):
        (tmp_path / f"{row}.ogg").write_bytes(frame["audio"].iloc[row])
    return Corpus("few", frame.assign(audio=[str(tmp_path / f"{row}.ogg") for row in range(3)]))


@pytest.fixture
def exchanged(few, monkeypatch):
    """The second clip becomes the first just before it is decoded."""

    def decode(audio, read=sound.decode):
        if audio.endswith("1.ogg"):
            shutil.copy(few.frame["audio"].iloc[0], audio)
        return read(audio)

    monkeypatch.setattr(sound, "decode", decode)
    monkeypatch.setattr("vcemo_lib.data.corpus.decode", decode)


@pytest.mark.usefixtures("exchanged")
def test_no_features_are_kept_for_what_it_was(few, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    with pytest.raises(
        AudioError, match=r"few: row 2 \(id .*1.ogg changed while it was read: let it be written to its"
    ):
        _ = Sound(few, FeatureConfig()).recordings
    assert not list(cache_dir().rglob("values.npy"))
    assert len(Sound(few, FeatureConfig()).recordings) == 3  # read again, it is the clip that lies there now


@pytest.mark.usefixtures("exchanged", "no_other_whisper")
def test_no_transcript_is_kept_for_what_it_was(few, babbler):
    heard = transcribe_corpus(few, babbler)
    assert heard.new == 2 and "changed while it was read" in heard.problems[few.ids[1]]
    assert len(transcripts.Store(transcripts.recorded(babbler.settings)).answers) == 2
