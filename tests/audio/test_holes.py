"""A FLAC or Ogg whose checksums refuse a part of it is read without that part: that is said."""

import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile

from vcemo_lib.audio import recording
from vcemo_lib.audio.decoding import AudioError
from vcemo_lib.audio.flac_checksum import ALTERED, is_altered
from vcemo_lib.audio.recording import open_recording
from vcemo_lib.audio.signal import HOLE, has_hole, n_samples, read
from vcemo_lib.data.corpus import survey
from vcemo_lib.inference.listening import read_clip

NOISE = (0.2 * np.random.default_rng(0).standard_normal(160_000)).astype(np.float32)
KINDS = [("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS")]


def sound(form: str, subtype: str) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, NOISE, 16_000, format=form, subtype=subtype)
    return out.getvalue()


def damaged(form: str, subtype: str) -> bytes:
    """With 64 bytes of nothing in its middle."""
    whole = sound(form, subtype)
    middle = len(whole) // 2
    return whole[:middle] + bytes(64) + whole[middle + 64 :]


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_a_part_that_its_checksum_refuses_is_a_doubt(kind, corpus):
    assert len(read(damaged(*kind))[0]) < len(NOISE)
    assert HOLE in read_clip(damaged(*kind), 12.0).doubts
    assert HOLE not in read_clip(sound(*kind), 12.0).doubts
    two = corpus.select(corpus.ids[:2])
    frame = two.frame.assign(audio=[damaged(*kind), sound(*kind)])
    assert survey(type(two)("two", frame))["doubt"].tolist() == [HOLE, ""]


def test_behind_the_damage_of_a_flac_nothing_is_read_and_that_is_said():
    with pytest.raises(AudioError, match="is damaged .*: copy or export it again"):
        list(open_recording(damaged("FLAC", "PCM_16")).blocks())


@pytest.mark.parametrize("kind", KINDS[1:], ids="-".join)
def test_of_a_recording_it_is_said_after_what_was_read(kind):
    whole, bad = open_recording(sound(*kind)), open_recording(damaged(*kind))
    assert sum(map(len, whole.blocks())) == sum(map(len, whole.blocks())) == len(NOISE)
    assert not whole.hole()
    assert 0 < sum(map(len, bad.blocks())) < len(NOISE)
    assert bad.hole()


@pytest.mark.parametrize("kind", KINDS[1:], ids="-".join)
def test_of_a_recording_of_many_blocks_it_is_said_too(kind, monkeypatch):
    monkeypatch.setattr(recording, "BLOCK", 16_000)
    whole = list(open_recording(sound(*kind)).blocks())
    assert len(whole) > 5
    np.testing.assert_array_equal(np.concatenate(whole), read(sound(*kind))[0])
    bad = open_recording(damaged(*kind))
    assert len(list(bad.blocks())) > 5
    assert bad.hole()


def test_whole_clips_of_the_shipped_corpus_have_none(corpus):
    audio = corpus.frame["audio"][:200]
    assert not any(has_hole(clip, len(read(clip)[0])) for clip in audio)


def flac(subtype: str, channels: int = 1) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, NOISE.reshape(-1, channels), 16_000, format="FLAC", subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_whole_flac_keeps_its_checksum(subtype, channels, tmp_path):
    whole = flac(subtype, channels)
    assert not is_altered(whole)
    (tmp_path / "a.flac").write_bytes(whole)
    assert not is_altered(tmp_path / "a.flac")
    assert not {HOLE, ALTERED} & set(read_clip(whole, 12).doubts)


def test_one_bit_of_a_flac_is_other_samples_and_is_said(tmp_path):
    whole = flac("PCM_16")
    told = []
    for place in np.linspace(1_000, len(whole) - 1_000, 12).astype(int):
        bad = bytearray(whole)
        bad[place] ^= 4
        told.append(read_clip(bytes(bad), 12).doubts[0])
    assert set(told) == {HOLE, ALTERED}
    (tmp_path / "a.flac").write_bytes(bytes(bad))
    frame = pd.DataFrame({"id": ["a"], "audio": [str(tmp_path / "a.flac")]})
    assert survey(SimpleNamespace(frame=frame))["doubt"].tolist() == [told[-1]]


def test_a_flac_without_a_checksum_and_another_format_promise_nothing():
    whole = flac("PCM_16")
    assert not is_altered(whole[:26] + bytes(16) + whole[42:])
    assert not is_altered(sound("OGG", "VORBIS"))
    assert not is_altered(b"fLaC")


def test_a_flac_written_into_a_pipe_has_no_length_and_no_hole():
    pytest.importorskip("av")
    whole = bytearray(sound("FLAC", "PCM_16"))
    whole[21:26] = bytes([whole[21] & 0xF0, 0, 0, 0, 0])  # STREAMINFO: 36 bits for the number of samples, 0 for none
    piped = bytes(whole)
    assert len(read(piped)[0]) == n_samples(piped) == len(NOISE)
    assert HOLE not in read_clip(piped, 12.0).doubts
    one = open_recording(piped)
    assert sum(map(len, one.blocks())) == len(NOISE)
    assert one.seconds < 60 and one.lacks() == ""
