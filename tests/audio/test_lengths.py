"""How long a sound is, where its file does not say it: it is read to its end, or a doubt is told."""

import io
import sys

import numpy as np
import pytest
import soundfile

from vcemo_lib.audio.broken_off import missing_part
from vcemo_lib.audio.decoding import AudioError, reads_on, samples
from vcemo_lib.audio.recording import open_recording
from vcemo_lib.audio.signal import decode

RATE = 16_000
NOISE = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)


def recorded(wave: np.ndarray, kind: str = "WAV", subtype: str = "PCM_16", **options) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, wave, RATE, format=kind, subtype=subtype, **options)
    return out.getvalue()


def headless(kind: str) -> bytes:
    """Four seconds of silence and seven of noise, whose file does not say how long it is."""
    wave = np.concatenate([np.zeros(4 * RATE, np.float32), np.tile(NOISE, 7)])
    if kind == "aac":
        av = pytest.importorskip("av")
        out = io.BytesIO()
        with av.open(out, "w", format="adts") as container:
            track = container.add_stream("aac", rate=RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            frame.rate = RATE
            for packet in (*track.encode(frame), *track.encode(None)):
                container.mux(packet)
        return out.getvalue()
    wave = wave if kind == "quiet.mp3" else wave[::-1]
    data = recorded(wave, "MP3", subtype="MPEG_LAYER_III", bitrate_mode="VARIABLE", compression_level=0.0)
    return data[data.index(data[:2], 4) :]  # without the first frame, which says it


@pytest.mark.parametrize("how", ["path", "bytes"])
@pytest.mark.parametrize("kind", ["quiet.mp3", "loud.mp3", "aac"])
def test_a_sound_that_does_not_say_how_long_it_is_is_read_to_its_end(kind, how, tmp_path):
    pytest.importorskip("av")
    (tmp_path / f"a.{kind}").write_bytes(data := headless(kind))
    given = data if how == "bytes" else tmp_path / f"a.{kind}"
    assert len(decode(given)) / RATE == pytest.approx(11, abs=0.3)
    recording = open_recording(given)
    assert recording.seconds == 0 and sum(map(len, recording.blocks())) / RATE == pytest.approx(11, abs=0.3)


def test_without_ffmpeg_an_mp3_of_no_length_is_read_as_far_as_it_is_guessed_and_doubted(monkeypatch):
    data = headless("loud.mp3")
    assert missing_part(data) == "" or not reads_on()
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr("shutil.which", lambda program: None)
    assert len(decode(data)) > RATE and "its end may be missing" in missing_part(data)
    assert sum(map(len, open_recording(data).blocks())) > RATE


def test_how_long_a_sound_is_beyond_a_minute_is_said_only_where_it_is_known():
    minutes = np.tile(NOISE, 90)
    with pytest.raises(AudioError, match="lasts 90.00 s"):
        samples(recorded(minutes))
    endless = bytearray(recorded(minutes, "FLAC"))
    endless[21:26] = bytes([endless[21] & 0xF0, 0, 0, 0, 0])
    pytest.importorskip("av")
    with pytest.raises(AudioError, match="lasts more than 60 s"):
        samples(bytes(endless))
