"""Sounds and texts that fill a folder."""

import io
from pathlib import Path

import numpy as np
import soundfile


def tone(path: Path | None = None, rate: int = 16_000, seconds: float = 0.2, pitch: float = 220, **options) -> bytes:
    """A sound, written to `path` if one is given, and as bytes."""
    out = io.BytesIO()
    wave = 0.2 * np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate)
    soundfile.write(out, wave, rate, **{"format": "WAV", "subtype": "PCM_16", **options})
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(out.getvalue())
    return out.getvalue()


def put(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def m4a(path: Path, rate: int = 44_100, layout: str = "stereo", seconds: float = 0.5, pitch: float = 220) -> None:
    """A tone as AAC in an MPEG-4 file, as telephones record."""
    import av

    wave = (0.2 * np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate)).astype(np.float32)
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(
            np.stack([wave] * (2 if layout == "stereo" else 1)), format="fltp", layout=layout
        )
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)


FORMATS = {
    "wav16.wav": dict(subtype="PCM_16", rate=8_000),
    "wav24.wav": dict(subtype="PCM_24", rate=44_100),
    "wav32.wav": dict(subtype="PCM_32", rate=48_000),
    "float.wav": dict(subtype="FLOAT", rate=22_050),
    "a.flac": dict(format="FLAC", rate=24_000),
    "a.mp3": dict(format="MP3", subtype="MPEG_LAYER_III", rate=32_000),
    "a.ogg": dict(format="OGG", subtype="VORBIS", rate=16_000),
    "a.opus": dict(format="OGG", subtype="OPUS", rate=48_000),
}
