"""What the first frame of an MP3 says of the whole, as LAME (Xing, Info) and Fraunhofer (VBRI) write it."""

import io
import struct
from typing import BinaryIO, NamedTuple

LOOKED = 1 << 16  # bytes behind the tags in which the first frame begins


class Announced(NamedTuple):
    """A length; 0 for what is not said."""

    start: int  # where the frames begin
    frames: int  # only by Xing and Info: libsndfile knows no VBRI
    size: int  # bytes


def announced(file: BinaryIO) -> Announced:
    """The length that an MP3 has by its first frame."""
    file.seek(0)
    head = file.read(10).ljust(10, b"\0")
    tag = sum(byte << 7 * (3 - k) for k, byte in enumerate(head[6:10])) + 10 if head[:3] == b"ID3" else 0
    file.seek(tag)
    first = file.read(LOOKED)
    start = max(first.find(b"\xff"), 0)
    for mark in (b"Xing", b"Info", b"VBRI"):
        at = first.find(mark, start, start + 64)
        if at < 0 or len(first) < at + 16:
            continue
        flags, *numbers = struct.unpack(">III", first[at + 4 : at + 16])
        if mark == b"VBRI":  # the bytes stand at a place of their own, no flags
            return Announced(tag + start, 0, struct.unpack(">I", first[at + 10 : at + 14])[0])
        frames = numbers.pop(0) if flags & 1 else 0
        return Announced(tag + start, frames, numbers[0] if flags & 2 else 0)
    return Announced(tag + start, 0, 0)


def says_its_length(source: io.BytesIO | str) -> bool:
    """Whether libsndfile knows where an MP3 ends; else it guesses by the bits of the first frames, and stops there."""
    with io.BytesIO(source.getvalue()) if isinstance(source, io.BytesIO) else open(source, "rb") as file:
        return announced(file).frames > 0
