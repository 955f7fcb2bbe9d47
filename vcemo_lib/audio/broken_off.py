"""Whether a sound file lacks its end, as a copy does that broke off: by what its own header promises."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .decoding import existing

CHUNKS = {b"RIFF": ("<I", b"data"), b"FORM": (">I", b"SSND")}  # WAV and AIFF: byte order, name of the one with samples
ROUGHLY = 0.005  # some writers count their header too, or the byte that makes a length even
STREAMED = 0x7FFF0000  # a size from here on was not known when the header was written
HEAD, TAIL = 1 << 16, 1 << 17  # bytes in which an MP3 says its length after its tags, and in which a page of Ogg ends


def missing_part(audio: bytes | str | Path) -> str:
    """In words what a WAV, AIFF, MP3, Ogg or MP4 (M4A) lacks by its own header; "" where nothing is known to.

    An MP3 promises a length where its writer left one (Xing, Info or VBRI); a cut FLAC is refused when it is read.
    """
    with io.BytesIO(audio) if isinstance(audio, bytes) else open(existing(audio), "rb") as file:
        total = file.seek(0, io.SEEK_END)
        head = _at(file, 0, 12)
        if head[:4] == b"OggS":
            return "" if _ogg_ends(_at(file, max(total - TAIL, 0), TAIL)) else "the end that its format has is missing"
        for start, size in _promised(file, head):
            share = 1 - (total - start) / size if size > 0 else 0
            if share > ROUGHLY:
                return f"{share:.0%} of the sound that its header promises is missing"
    return ""


def _at(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def _promised(file: BinaryIO, head: bytes) -> Iterator[tuple[int, int]]:
    """Where parts of the file begin, and how many bytes each has by its header."""
    if head[:4] in CHUNKS:
        yield from _chunk(file, *CHUNKS[head[:4]])
    elif head[4:8] == b"ftyp":
        yield from _boxes(file)
    elif head[:3] == b"ID3" or head[:1] == b"\xff":
        yield from _mp3(file, head)


def _chunk(file: BinaryIO, order: str, samples: bytes) -> Iterator[tuple[int, int]]:
    """The samples of a WAV or AIFF."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        name, size = head[:4], struct.unpack(order, head[4:])[0]
        if name == samples:
            yield file.tell(), 0 if size >= STREAMED else size
            return
        file.seek(size + size % 2, io.SEEK_CUR)


def _boxes(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Each outermost box of an MP4; size 1: it stands in the eight bytes after the name, 0: to the end of the file."""
    start = 0
    while len(head := _at(file, start, 16)) >= 8:
        size = struct.unpack(">I", head[:4])[0]
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
        if size < 8:
            return
        yield start, size
        start += size


def _mp3(file: BinaryIO, head: bytes) -> Iterator[tuple[int, int]]:
    """All frames of an MP3, whose first may say how many bytes they have."""
    tag = sum(byte << 7 * (3 - k) for k, byte in enumerate(head[6:10])) + 10 if head[:3] == b"ID3" else 0
    first = _at(file, tag, HEAD)
    frame = max(first.find(b"\xff"), 0)
    for mark, needed, place in ((b"Xing", 2, 8), (b"Info", 2, 8), (b"VBRI", 0, 10)):
        at = first.find(mark, frame, frame + 64)
        if at < 0 or len(first) < at + 16:
            continue
        flags = struct.unpack(">I", first[at + 4 : at + 8])[0]
        if needed and not flags & needed:
            continue
        place += 4 * (needed and flags & 1)  # the number of frames stands before
        yield tag + frame, struct.unpack(">I", first[at + place : at + place + 4])[0]
        return


def _ogg_ends(tail: bytes) -> bool:
    """Whether the last page of an Ogg is whole, and is marked as the last of its stream."""
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return False
    lengths = tail[at + 27 : at + 27 + tail[at + 26]]
    whole = len(lengths) == tail[at + 26] and len(tail) >= at + 27 + len(lengths) + sum(lengths)
    return whole and bool(tail[at + 5] & 4)
