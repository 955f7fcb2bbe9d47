"""The microphone of chapter 16: what the browser hands over is a sound that the library reads."""

import io

import av
import numpy as np
from pytest import approx

from vcemo_lib.audio.signal import decode
from vcemo_lib.config import SAMPLE_RATE
from vcemo_lib.inference.microphone import Microphone


def webm(seconds: float) -> bytes:
    """A tone as a browser records it: Opus in WebM, 48 kHz."""
    wave = (0.3 * np.sin(2 * np.pi * 220 * np.arange(int(48_000 * seconds)) / 48_000)).astype(np.float32)[None]
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave, format="flt", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_each_recording_arrives_as_bytes_and_is_read():
    microphone, heard = Microphone(), []
    microphone.observe(lambda change: heard.append(len(decode(change["new"])) / SAMPLE_RATE), names="sound")
    for seconds in (1.0, 2.0):
        microphone.set_state({"sound": memoryview(webm(seconds))})  # what a message of the browser comes as
    assert isinstance(microphone.sound, bytes)
    assert heard == approx([1.0, 2.0], abs=0.05)


def test_the_browsers_half_is_there_and_writes_the_same_trait():
    assert 'model.set("sound"' in str(Microphone()._esm)
