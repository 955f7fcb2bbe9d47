"""A file that broke off is known by what its header promises, and only where a header promises something."""

import io

import numpy as np
import pytest
import soundfile

from vcemo_lib.audio.decoding import lost

TONE = (0.2 * np.sin(np.arange(16_000) / 9)).astype(np.float32)


def sound(kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, TONE, 16_000, format=kind, subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype"), [("WAV", "PCM_16"), ("WAV", "MS_ADPCM"), ("AIFF", "PCM_16"), ("FLAC", "PCM_16")]
)
def test_a_file_that_broke_off_is_known_by_its_header(kind, subtype, tmp_path):
    data = sound(kind, subtype)
    assert lost(data) == 0
    assert lost(data[: len(data) // 2]) == pytest.approx(0 if kind == "FLAC" else 0.5, abs=0.01)  # which is refused
    (tmp_path / "a.wav").write_bytes(data[: len(data) // 4])
    assert lost(tmp_path / "a.wav") == pytest.approx(0 if kind == "FLAC" else 0.75, abs=0.01)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEdata", b"FORM\0\0\0\0AIFFSSND\0\0\0\0", b"x" * 99])
def test_a_header_without_a_size_promises_nothing(data):
    assert lost(data) == 0


def test_a_size_that_nobody_knew_is_no_promise():
    data = sound()
    at = data.index(b"data") + 4
    assert lost(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]) == 0
