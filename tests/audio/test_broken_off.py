"""A file that broke off is known by what its header promises, and only where a header promises something."""

import io
import struct

import numpy as np
import pytest
import soundfile

from vcemo_lib.audio import broken_off
from vcemo_lib.audio.broken_off import missing_part
from vcemo_lib.audio.decoding import AudioError, samples
from vcemo_lib.audio.other_sounds import second_sound
from vcemo_lib.audio.signal import read

TONE = (0.2 * np.random.default_rng(0).standard_normal(48_000)).astype(np.float32)
KINDS = {
    "wav": ("WAV", "PCM_16"),
    "adpcm": ("WAV", "MS_ADPCM"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "w64": ("W64", "PCM_16"),
    "rf64": ("RF64", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
}
ID3 = b"ID3\x04\x00\x00" + bytes([0, 0, 2, 5]) + bytes(2 * 128 + 5)  # its length in sevens of bits


def sound(kind: str) -> bytes:
    out = io.BytesIO()
    form, subtype = KINDS.get(kind, ("FLAC", "PCM_16"))
    soundfile.write(out, TONE, 16_000, format=form, subtype=subtype)
    return out.getvalue()


def matroska(known: bool = True) -> bytes:
    """Head and segment as a browser's recorder writes them, with the size of the segment or without."""
    content = bytes(5_000)
    size = (1 << 56 | len(content)).to_bytes(8, "big") if known else b"\x01" + 7 * b"\xff"
    return b"\x1aE\xdf\xa3\x84webm" + b"\x18S\x80g" + size + content


def mp4(brand: bytes = b"ftypM4A ", wide: bool = False) -> bytes:
    """Boxes as a telephone writes them: a kind, an index, the sound."""
    content = bytes(5_000)
    head = struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 16 + len(content))
    last = head if wide else struct.pack(">I", 8 + len(content)) + b"mdat"
    return struct.pack(">I", 12) + brand + struct.pack(">I", 108) + b"moov" + bytes(100) + last + content


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_broke_off_is_known_by_its_header(kind, tmp_path):
    data = sound(kind)
    assert missing_part(data) == ""
    for kept in (2, 4, 100):
        part = data[: len(data) - len(data) // kept]
        said = missing_part(part)
        if kind in ("ogg", "opus"):
            assert said == "the end that its format has is missing"
        else:
            assert int(said.partition("%")[0]) == pytest.approx(100 / kept, abs=2)
        (tmp_path / "a.wav").write_bytes(part)
        assert missing_part(tmp_path / "a.wav") == said


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_sound_behind_the_first_is_known(kind, tmp_path):
    """Only the first of two files that were joined byte by byte is read."""
    data = sound(kind)
    assert not second_sound(data) and not second_sound(data + bytes(200)) and not second_sound(data[:-50])
    assert second_sound(data + sound(kind))
    if kind != "w64":  # which libsndfile reads to the end of the file, the second's header too
        assert len(samples(data + sound(kind))[0]) == len(samples(data)[0])
    if kind == "mp3":
        assert not second_sound(ID3 + data + b"TAG" + bytes(125)) and second_sound(ID3 + data + ID3 + data)
        assert not second_sound(data + ID3)
    if kind == "wav":
        assert not second_sound(data + b"ID3 " + struct.pack("<I", len(ID3)) + ID3)
    for odd in (b"", b"O", b"OggS", b"RIFF", b"RIFF" + bytes(4) + b"WAVEdata", b"\xff" * 99, ID3[:9]):
        (tmp_path / "a.wav").write_bytes(odd or b"\0")
        assert not second_sound(odd) and not second_sound(tmp_path / "a.wav")


@pytest.mark.parametrize("kind", ["ogg", "opus", "flac"])
def test_a_file_joined_with_itself_or_with_a_longer_one_is_known(kind, tmp_path):
    """The streams of an Ogg then have one number; a FLAC says nowhere how many bytes it has."""
    data = sound(kind)
    assert not second_sound(data)
    assert second_sound(data + data) and second_sound(data + sound(kind))
    assert len(samples(data + data)[0]) == len(samples(data)[0])
    (tmp_path / "a.wav").write_bytes(data + data)
    assert second_sound(tmp_path / "a.wav")


def test_streams_of_an_ogg_that_play_together_are_one_sound():
    def page(flags: int, stream: int) -> bytes:
        return b"OggS\0" + bytes([flags]) + bytes(8) + struct.pack("<II", stream, 0) + bytes(4) + b"\1\5" + b"hello"

    together = page(2, 1) + page(2, 2) + page(0, 1) + page(4, 2) + page(4, 1)
    assert not second_sound(together) and second_sound(together + page(2, 3))


def test_a_flac_behind_more_than_a_block_is_known():
    data = sound("flac")
    for place in (1 << 20) - 3, (1 << 20) + 2, 3 << 20:
        assert second_sound(data + bytes(place - len(data)) + data)


@pytest.mark.parametrize("kind", ["wav", "rf64", "aiff", "w64"])
def test_a_second_chunk_of_samples_is_a_second_sound(kind):
    data, form = sound(kind), KINDS[kind][0]
    name = {"AIFF": b"SSND", "W64": b"data"}.get(form, b"data")
    chunk = data[data.index(name) :]
    assert second_sound(data + chunk)
    if kind == "wav":
        assert len(samples(data + chunk)[0]) == len(TONE)
        assert missing_part(data + chunk[:-20_000]).startswith("21% of the sound")


@pytest.mark.parametrize("counted", [1 / 2, 1 / 20])
def test_a_sound_that_goes_on_behind_what_its_header_counts_is_known(counted):
    """As a recorder leaves it that counts samples in place of bytes, or was killed before it wrote the size again."""
    data = bytearray(sound("wav"))
    size = int.from_bytes(data[40:44], "little")
    data[40:44] = (int(size * counted) // 2 * 2).to_bytes(4, "little")
    assert second_sound(bytes(data)) and len(samples(bytes(data))[0]) == int(size * counted) // 2
    assert not second_sound(sound("wav") + b"TAG" + bytes(125)) and not second_sound(sound("wav") + bytes(5_000))


@pytest.mark.parametrize("form", ["WAV", "RF64", "W64", "AIFF", "CAF"])
@pytest.mark.parametrize("samples", range(8000, 8008))
def test_a_second_sound_is_known_whatever_the_length_of_the_first(form, samples):
    written = io.BytesIO()
    soundfile.write(written, np.full(samples, 0.1), 16_000, format=form, subtype="PCM_24")
    data = written.getvalue()
    assert not second_sound(data) and second_sound(data + data)


def test_a_chunk_that_is_longer_than_any_file_ends_the_search(tmp_path):
    head = bytearray(sound("w64"))
    head[56:64] = struct.pack("<Q", 2**64 - 1)  # the size of the chunk before the samples
    assert not second_sound(bytes(head)) and missing_part(bytes(head)) == ""
    (tmp_path / "a.w64").write_bytes(head)  # the system refuses to go to such a place of a file
    assert not second_sound(tmp_path / "a.w64") and missing_part(tmp_path / "a.w64") == ""


@pytest.mark.parametrize("wide", [False, True])
def test_a_second_head_of_an_mp4_is_a_second_sound(wide):
    assert not second_sound(mp4(wide=wide)) and second_sound(mp4(wide=wide) + mp4())


@pytest.mark.parametrize(
    "head", [b"FLV\1\4\0\0\0\x09", b"TTA1\1\0\1\0", b"Creative Voice File\x1a\x1a\0"], ids=["flv", "tta", "voc"]
)
def test_a_head_that_comes_again_is_a_second_sound(head):
    assert not second_sound(head + bytes(99)) and second_sound(2 * (head + bytes(99)))


def tracks(form: str, *sounds: np.ndarray) -> bytes:
    """A file of several sound tracks, which PyAV writes."""
    av, out = pytest.importorskip("av"), io.BytesIO()
    with av.open(out, "w", format=form) as file:
        made = [file.add_stream("pcm_s16le", rate=16_000, layout="mono") for _ in sounds]
        for track, wave in zip(made, sounds, strict=True):
            frame = av.AudioFrame.from_ndarray((wave * 32_767).astype(np.int16)[None], "s16", "mono")
            frame.sample_rate = 16_000
            file.mux([*track.encode(frame), *track.encode(None)])
    return out.getvalue()


@pytest.mark.parametrize("form", ["matroska", "avi"])
def test_what_is_read_on_into_the_next_is_no_second_sound(form):
    data = tracks(form, TONE)
    assert len(samples(data + data)[0]) == 2 * len(samples(data)[0])
    assert not second_sound(data + data)


@pytest.mark.parametrize("form", ["matroska", "avi", "mov"])
def test_a_second_track_is_a_second_sound_and_said_where_the_first_is_silent(form, tmp_path):
    assert not second_sound(tracks(form, TONE)) and second_sound(tracks(form, TONE, TONE))
    (tmp_path / "a.mov").write_bytes(tracks(form, 0 * TONE, TONE))
    with pytest.raises(AudioError, match="is silent.*another sound, or more of this one, stands beside or behind it"):
        read(tmp_path / "a.mov")
    with pytest.raises(AudioError, match="or drop the row$"):
        read(tracks(form, 0 * TONE))


def test_an_mp3_is_known_behind_its_tags():
    data = ID3 + sound("mp3")
    assert missing_part(data + b"TAG" + bytes(125)) == ""
    assert missing_part(data[: len(data) // 2]).endswith("% of the sound that its header promises is missing")


@pytest.mark.parametrize("wide", [False, True])
def test_an_mp4_is_known_by_its_boxes(wide):
    data = mp4(wide=wide)
    assert missing_part(data) == ""
    assert missing_part(data[:-2_500]).startswith("50% of the sound")


def test_a_matroska_is_known_by_its_segment_where_that_has_a_size():
    assert missing_part(matroska()) == ""
    assert missing_part(matroska()[:-2_500]).startswith("50% of the sound")
    assert missing_part(matroska(known=False)[:-2_500]) == ""


def test_a_stream_whose_last_page_is_whole_but_not_the_last_broke_off():
    data = sound("ogg")
    whole_pages = data[: data.rindex(b"OggS")]
    assert missing_part(whole_pages) == "the end that its format has is missing"


def test_half_a_flac_is_refused_as_one_that_broke_off():
    data = sound("flac")
    assert missing_part(data) == ""
    with pytest.raises(AudioError, match="damaged or broke off"):
        samples(data[: len(data) // 2])


def test_a_flac_cut_between_two_of_its_frames_broke_off(tmp_path):
    """What is left is whole frames, which libsndfile reads as if no more had been meant."""
    data = sound("flac")
    part = data[: data.rindex(b"\xff\xf8")]
    (tmp_path / "a.wav").write_bytes(part)
    assert 0 < len(samples(part)[0]) < len(TONE)
    assert missing_part(part) == missing_part(tmp_path / "a.wav") == "the end that its header promises is missing"


def test_a_flac_that_does_not_say_how_long_it_is_promises_nothing():
    data = bytearray(sound("flac"))
    data[21:26] = bytes([data[21] & 0xF0, 0, 0, 0, 0])  # 36 bits of STREAMINFO: the number of samples
    assert missing_part(bytes(data)) == ""


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF", b"RIFF\0\0\0\0WAVEdata", b"FORM\0\0\0\0AIFFSSND\0\0\0\0", b"x" * 99, b"ID3", ID3, ID3 + b"\xff"]
    + [b".snd", b"caff", b"riff" + bytes(60), b"RF64", b"\x1aE\xdf\xa3", b"\x1aE\xdf\xa3" + bytes(9)]
    + [b"\xff\xfb" + bytes(30) + b"Xing", b"\xff\xfb" + bytes(30) + b"Info" + bytes(40), b"\0\0\0\0ftypM4A "],
)
def test_a_header_without_a_size_promises_nothing(data):
    assert missing_part(data) == ""


def test_a_file_of_empty_chunks_is_left_soon(monkeypatch):
    monkeypatch.setattr(broken_off, "MOST", 5)
    few, many = (b"RIFF\0\0\0\0WAVE" + n * bytes(8) + b"data\x99\x99\0\0" for n in (3, 5))
    assert missing_part(few).startswith("100% of the sound")
    assert missing_part(many) == ""


def test_a_size_that_nobody_knew_is_no_promise():
    data = sound("wav")
    at = data.index(b"data") + 4
    assert missing_part(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]) == ""
