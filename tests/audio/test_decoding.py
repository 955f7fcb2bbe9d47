"""Odd channels, names, rates, claims and playlists: the sound is read, or refused in a sentence, and quickly."""

import io
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from vcemo_lib.audio import decoding
from vcemo_lib.audio.decoding import AudioError, samples
from vcemo_lib.audio.recording import open_recording
from vcemo_lib.audio.signal import decode, doubt, n_samples, to_16k

RATE = 16_000
TONE = (0.2 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)
NOISE = np.random.default_rng(0).normal(0, 1e-3, RATE).astype(np.float32)
CLICKS = (np.arange(RATE) % 800 < 8).astype(np.float32)


def wav(*channels: np.ndarray, rate: int = RATE, kind: str = "WAV", subtype: str = "FLOAT") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.stack(channels, axis=1), rate, format=kind, subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize("name", ["take.raw", "TAKE.RAW", os.fsdecode(b"\xff\xfe\xe9.wav"), os.fsdecode(b"\xe9.ogg")])
def test_a_file_is_read_whatever_its_name(name, tmp_path):
    kind, subtype = ("OGG", "VORBIS") if name.endswith("ogg") else ("WAV", "FLOAT")
    (tmp_path / name).write_bytes(wav(TONE, kind=kind, subtype=subtype))
    assert len(decode(tmp_path / name)) == n_samples(tmp_path / name) == RATE


@pytest.mark.parametrize("name", ["a.au", "a.SND", "a.vox", "a.gsm", "a.mp3"])
def test_no_name_makes_a_sound_of_what_is_none(name, tmp_path, capfd):
    path = tmp_path / name
    for data in (b"a text, and no sound\n" * 1000, np.random.default_rng(0).bytes(30_000)):
        path.write_bytes(data)
        for read in (samples, lambda path: list(open_recording(path).blocks())):
            with pytest.raises(AudioError, match="no decoder knows it|is damaged"):
                read(path)
    path.write_bytes(wav(TONE, kind="AU"))
    assert len(decode(path)) == RATE
    assert capfd.readouterr().err == ""  # of its MP3 decoder neither


def test_a_video_s_sound_is_read_whatever_its_name(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mka"), "w", format="matroska") as out:
        track = out.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(TONE[None], format="fltp", layout="mono")
        frame.rate = RATE
        for packet in (*track.encode(frame), *track.encode(None)):
            out.mux(packet)
    odd = tmp_path / os.fsdecode(b"\xff.mka")
    (tmp_path / "a.mka").rename(odd)
    assert abs(len(decode(odd)) - RATE) < 2100


@pytest.mark.parametrize("how", [samples, open_recording])
def test_a_video_without_a_sound_track_is_said_to_have_none(tmp_path, how):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        track = out.add_stream("mpeg4", rate=10)
        track.width = track.height = 32
        for _ in range(10):
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            for packet in track.encode(picture):
                out.mux(packet)
        for packet in track.encode(None):
            out.mux(packet)
    for audio in (tmp_path / "a.mp4", (tmp_path / "a.mp4").read_bytes()):
        with pytest.raises(
            AudioError, match="(a.mp4|bytes of audio) has no sound track, as a video that was .* export"
        ):
            how(audio)


def test_the_program_too_tells_a_video_without_a_sound_track(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho \"Stream map '0:a:0' matches no streams.\" >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(AudioError, match="has no sound track"):
        samples(b"\0" * 99)


@pytest.mark.parametrize("name", ["a" * 300 + ".wav", "a\0.wav", "no/such/folder/a.wav"])
def test_a_name_that_no_file_can_have_is_refused(name, tmp_path):
    with pytest.raises(AudioError, match="check the path"):
        decode(tmp_path / name)


def test_no_name_at_all_is_not_taken_for_the_folder_one_is_in():
    with pytest.raises(AudioError, match="^the name of a sound file is empty: give its path$"):
        decode("")


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_what_is_no_file_is_refused_at_once(kind, tmp_path):
    path = tmp_path / "a.wav"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    else:
        path = Path("/dev/zero")
    for read in (decode, n_samples):
        with pytest.raises(AudioError, match="is a folder" if kind == "folder" else "is no regular file"):
            read(path)


@pytest.mark.parametrize("peak", [1e11, 1e25, 3e37])
def test_samples_that_no_sound_has_are_refused(peak):
    with pytest.raises(AudioError, match=r"samples of up to .*e\+.*export it again"):
        decode(wav((5 * TONE * float(peak)).astype(np.float32)))
    assert np.isfinite(decode(wav(2**31 * 5 * TONE))).all()  # whole numbers of 32 bits, written as they are


@pytest.mark.parametrize("rate", [8_001, 15_999, 44_101, 44_100, 191_981])
def test_the_header_tells_how_many_samples_there_will_be(rate):
    for n in (7_000, 8_191, 40_003):
        data = wav(np.resize(TONE, n), rate=rate, subtype="PCM_16")
        if n / rate > 0.05:
            assert n_samples(data) == len(decode(data))


def test_a_recorder_that_was_killed_left_no_size_and_the_sound_is_read(tmp_path):
    pytest.importorskip("av")
    data = bytearray(wav(TONE, subtype="PCM_16"))
    place = data.find(b"data") + 4
    data[place : place + 4] = bytes(4)
    (tmp_path / "a.wav").write_bytes(data)
    for audio in (bytes(data), tmp_path / "a.wav"):
        np.testing.assert_allclose(decode(audio), TONE, atol=1e-4)
        recording = open_recording(audio)
        assert sum(map(len, recording.blocks())) == n_samples(audio) == RATE and recording.seconds == 1
    for kind, said in (("WAV", "lasts 0.00 s"), ("AU", "cannot read .* .by its header it holds no samples.: give")):
        with pytest.raises(AudioError, match=said):
            decode(wav(np.zeros(0, np.float32), kind=kind, subtype="PCM_16"))


@pytest.mark.parametrize("rate", [44_101, 15_999, 191_999, 22_051])
def test_an_odd_rate_costs_no_more_than_an_even_one(rate):
    wave = np.sin(2 * np.pi * 220 * np.arange(rate) / rate).astype(np.float32)
    begun = time.process_time()
    heard = decode(wav(wave, rate=rate))
    assert time.process_time() - begun < 5
    assert abs(len(heard) - RATE) <= 1
    expected = np.sin(2 * np.pi * 220 * np.arange(len(heard)) / RATE)
    assert np.abs(heard - expected)[500:-500].max() < 1e-2


def test_rates_in_use_are_resampled_as_ever():
    """By torchaudio, whose numbers the recorded features hold; an odd rate beside them gives nearly the same."""
    from torch import from_numpy
    from torchaudio.functional import resample

    wave = np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100).astype(np.float32)
    for rate in (8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000):
        np.testing.assert_array_equal(to_16k(wave, rate), resample(from_numpy(wave), rate, RATE).numpy())


def _flac(claim: int) -> bytes:
    """A second of sound whose header claims so many samples: 36 bits of STREAMINFO."""
    data = bytearray(wav(TONE, kind="FLAC", subtype="PCM_16"))
    data[21] = data[21] & 0xF0 | claim >> 32
    data[22:26] = struct.pack(">I", claim & 0xFFFFFFFF)
    return bytes(data)


def _claims(size: int) -> bytes:
    data = bytearray(wav(TONE, subtype="PCM_16"))
    data[4:8] = data[40:44] = struct.pack("<I", size)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [_flac(2**32), _flac(2**36 - 1), _claims(2**32 - 1), _claims(2**31)],
    ids=["flac of 2^32", "flac of 2^36", "wav of 4 GB", "wav of 2 GB"],
)
def test_a_claim_is_no_reason_to_ask_for_memory(data):
    begun = time.perf_counter()
    try:
        assert len(decode(data)) == RATE
    except AudioError as error:
        assert "lasts" in str(error) or "cannot read" in str(error)
    assert time.perf_counter() - begun < 5


def test_three_hours_are_refused_after_a_minute_of_them(tmp_path):
    """In a process of its own, whose memory is measured: whole, the sound takes 690 MB."""
    seconds = 3 * 3600
    with soundfile.SoundFile(tmp_path / "talk.flac", "w", RATE, 1, "PCM_16") as out:
        for _ in range(seconds // 60):
            out.write(np.tile(TONE, 60))
    code = (
        "import sys, resource, time\nfrom vcemo_lib.audio.decoding import samples\n"
        "samples(sys.argv[2])\nbefore = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\nbegun = time.perf_counter()\n"
        "try:\n    samples(sys.argv[1])\nexcept ValueError as error:\n    print(error)\n"
        "print(time.perf_counter() - begun, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)"
    )
    (tmp_path / "short.wav").write_bytes(wav(TONE))
    words = [sys.executable, "-c", code, str(tmp_path / "talk.flac"), str(tmp_path / "short.wav")]
    said, figures = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    took, megabytes = map(float, figures.split())
    assert said.endswith(f"lasts {seconds}.00 s: an utterance lasts 0.05 to 60 s")
    assert took < 10
    assert megabytes < 100


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile {}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "[playlist]\nFile1={}\n",
    ],
    ids=["concat", "hls", "sdp", "pls"],
)
@pytest.mark.parametrize("given", ["path", "bytes"])
def test_a_list_of_other_files_is_no_sound(text, given, tmp_path):
    (tmp_path / "secret.wav").write_bytes(wav(TONE))
    playlist = tmp_path / "a.wav"
    playlist.write_text(text.format(tmp_path / "secret.wav"))
    with pytest.raises(AudioError, match="cannot read .*give wav, flac"):
        decode(playlist if given == "path" else playlist.read_bytes())


def test_an_hour_of_a_video_s_sound_is_not_decoded_to_its_end(tmp_path, monkeypatch):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "talk.m4a"), "w") as out:
        track = out.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.tile(TONE, 60)[None], format="fltp", layout="mono")
        frame.rate = RATE
        for _ in range(5):
            for packet in track.encode(frame):
                out.mux(packet)
        for packet in track.encode(None):
            out.mux(packet)
    decoded, resampler = [], av.AudioResampler

    class Counting:
        def __init__(self, **options):
            self.own = resampler(**options)

        def resample(self, frame):
            decoded.append(frame)
            return self.own.resample(frame)

    monkeypatch.setattr(av, "AudioResampler", Counting)
    with pytest.raises(AudioError, match="lasts 300.* s: an utterance lasts"):
        decode(tmp_path / "talk.m4a")
    assert sum(frame.samples for frame in decoded) < 62 * RATE


def test_a_clip_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(wav(TONE))

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(decoding, "Forward", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(AudioError, match="cannot read .*Permission denied"):
        samples(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("wave", "kind"),
    [
        (TONE, ""),
        (30 * TONE, ""),  # floating point beyond full scale is not cut
        (np.clip(30 * TONE, -1, 1), "clipped"),
        (0.1 * np.clip(30 * TONE, -1, 1), "clipped"),  # cut, then made quieter
        (0.01 * TONE, "faint"),
    ],
)
def test_clipped_is_what_has_flat_tops(wave, kind):
    assert doubt(wave + 0.01 * NOISE * np.abs(wave).max() * (kind != "clipped")) == kind
