"""Bytes of pictures and sounds as a notebook stores them: small, and the same on every run."""

import io
import warnings

from ...errors import CourseError

MAX_DPI = 100
MAX_SOUND_BYTES = 20 * 1024
MP3 = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}


def png_bytes(figure, dpi: int = 90) -> bytes:
    """Draw a matplotlib figure as PNG.

    Args: figure, a `matplotlib.figure.Figure`; dpi, at most 100, else `CourseError`.
    Returns: PNG bytes without the `Software` field, which would change with the matplotlib version,
    reduced to 256 colours when that makes the file smaller.
    """
    if dpi > MAX_DPI:
        raise CourseError(f"A figure was asked for at {dpi} dpi; notebooks take at most {MAX_DPI}.")
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", dpi=dpi, bbox_inches="tight", facecolor="white", metadata={"Software": None})
    picture = Image.open(raw).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    picture.save(small, format="PNG", optimize=True)
    return min(raw.getvalue(), small.getvalue(), key=len)


def mp3_bytes(wave, rate: int) -> bytes:
    """Encode a clip as mono MP3 of at most 20 KB.

    Args: wave, (T,) floats in [-1, 1], louder clips are scaled down; rate, samples a second.
    Returns: the MP3 with the best quality that fits.
    Errors: `CourseError` for a clip that is not one channel, is empty, holds NaN, or is too long to fit.
    """
    import numpy as np
    import soundfile

    samples = np.asarray(wave, dtype=np.float32)
    if samples.ndim != 1 or samples.size == 0:
        raise CourseError(f"play() was given an array of shape {samples.shape}; it expects (T,).")
    if not np.isfinite(samples).all():
        raise CourseError("play() was given a clip with NaN or infinite samples; look where it was computed.")
    samples = samples / max(1.0, float(np.abs(samples).max()))
    for compression in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99):
        encoded = io.BytesIO()
        with warnings.catch_warnings(action="ignore"):
            soundfile.write(encoded, samples, rate, compression_level=compression, **MP3)
        if len(encoded.getvalue()) <= MAX_SOUND_BYTES:
            return encoded.getvalue()
    limit = f"{MAX_SOUND_BYTES // 1024} KB of MP3"
    raise CourseError(f"A clip of {len(samples) / rate:.1f} s does not fit into {limit}; play a shorter part of it.")
