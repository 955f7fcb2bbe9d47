"""The checksum of a FLAC: an MD5 of its samples, which stands in its header and which decoders do not look at."""

import hashlib
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import soundfile

from .decoding import AudioError, opened, source_of

ALTERED = "its samples are not those that were written (its checksum differs)"
MD5 = slice(26, 42)  # of a file: mark, head of the first block, and in it the MD5 behind 18 bytes (RFC 9639, §8.2)
BYTES = {"PCM_S8": 1, "PCM_16": 2, "PCM_24": 3}  # of a sample, by libsndfile's name
BLOCK = 480_000  # samples of all channels that are decoded at once: ten seconds of one at 48 kHz


def is_altered(audio: bytes | str | Path) -> bool:
    """Whether a FLAC holds other samples than its header promises; False of other formats, and where it promises none.

    The MD5 is of the samples of all channels in turn, whole numbers from the smallest byte on.
    """
    try:
        source = source_of(audio)
        with nullcontext(source) if isinstance(audio, bytes) else open(source, "rb") as file:
            head = file.read(MD5.stop)
        if not head.startswith(b"fLaC") or not any(head[MD5]):
            return False
        with opened(source) as file:
            return _md5(file) != head[MD5]
    except (AudioError, soundfile.LibsndfileError, OSError, KeyError):
        return False


def _md5(file: soundfile.SoundFile) -> bytes:
    """The MD5 of the samples that are decoded; empty where the decoder gives up, as behind a frame that is damaged."""
    width, found = BYTES[file.subtype], hashlib.md5(usedforsecurity=False)
    try:
        while len(block := file.read(BLOCK // file.channels, "int32", always_2d=True)):
            octets = np.ascontiguousarray(block, "<i4").view(np.uint8).reshape(-1, 4)  # the upper ones hold the sample
            found.update(octets[:, 4 - width :].tobytes())
    except soundfile.LibsndfileError:
        return b""
    return found.digest()
