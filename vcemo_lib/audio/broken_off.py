"""Whether a sound file lacks its end, by what its own header promises."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import soundfile

from .decoding import NoLengthError, existing, opened, reads_on, source_of
from .mp3_head import announced


class Chunks(NamedTuple):
    """A format made of chunks: each begins with a name and a size, and one of them holds the samples."""

    first: int  # where the first begins
    name: int  # bytes of a name
    size: str  # how the size is written
    samples: bytes  # name of the one with the samples
    counted: int = 0  # bytes before the content that the size counts too
    even: int = 1  # a chunk begins at a multiple of so many bytes after the one before


CHUNKS = {  # WAV, WAV and W64 of any length, AIFF, Apple's CAF
    b"RIFF": Chunks(12, 4, "<I", b"data", even=2),
    b"RF64": Chunks(12, 4, "<I", b"data", even=2),
    b"riff": Chunks(40, 16, "<Q", b"data", counted=24, even=8),
    b"FORM": Chunks(12, 4, ">I", b"SSND", even=2),
    b"caff": Chunks(8, 4, ">Q", b"data"),
}
ROUGHLY = 0.005  # some writers count their header too, or the byte that makes a length even
STREAMED = {4: 0x7FFF0000, 8: 1 << 62}  # a size of so many bytes from here on was not known when it was written
MOST = 10_000  # chunks that are looked at: a file of zeros has one every eight bytes
MATROSKA = b"\x1aE\xdf\xa3"
TAIL = 1 << 17  # bytes in which a page of Ogg ends


def missing_part(audio: bytes | str | Path) -> str:
    """In words what a sound file lacks by its own header; "" where nothing is known to.

    Known are WAV, RF64, W64, AIFF, CAF, AU, Matroska (WebM), Ogg, MP4 (M4A), FLAC, and MP3 where its writer left a
    length (Xing, Info or VBRI).
    """
    with io.BytesIO(audio) if isinstance(audio, bytes) else open(existing(audio), "rb") as file:
        total = file.seek(0, io.SEEK_END)
        head = bytes_at(file, 0, 12)
        if head[:4] == b"OggS":
            return (
                ""
                if _ogg_ends(bytes_at(file, max(total - TAIL, 0), TAIL))
                else "the end that its format has is missing"
            )
        if head[:4] == b"fLaC":
            return "" if _flac_ends(audio) else "the end that its header promises is missing"
        for start, size in promised(file, head):
            share = 1 - (total - start) / size if size > 0 else 0
            if share > ROUGHLY:
                return f"{share:.0%} of the sound that its header promises is missing"
    return "its end may be missing, for it says no length and ffmpeg is not here" if _is_guessed(audio) else ""


def _is_guessed(audio: bytes | str | Path) -> bool:
    """Whether libsndfile guesses where a sound ends, and nobody is here who reads on."""
    try:
        with opened(source_of(audio)):
            return False
    except NoLengthError:
        return not reads_on()
    except (soundfile.LibsndfileError, OSError):
        return False


def bytes_at(file: BinaryIO, place: int, size: int) -> bytes:
    """So many bytes from a place of a file on; fewer, or none, where it ends before."""
    if place > file.seek(0, io.SEEK_END):  # a damaged header may promise more than any file can have
        return b""
    file.seek(place)
    return file.read(size)


def promised(file: BinaryIO, head: bytes) -> Iterator[tuple[int, int]]:
    """Where parts of the file begin, and how many bytes each has by its header."""
    if head[:4] in CHUNKS:
        yield from _chunk(file, CHUNKS[head[:4]])
    elif head[:4] == b".snd":  # AU: where the samples begin, and how many bytes they have
        start, size = struct.unpack(">II", head[4:].ljust(8, b"\0"))
        yield start, _known(size, 4)
    elif head[:4] == MATROSKA:
        yield from _segment(file)
    elif head[4:8] == b"ftyp":
        yield from boxes(file)
    elif head[:3] == b"ID3" or head[:1] == b"\xff":
        frames = announced(file)
        if frames.size:
            yield frames.start, frames.size


def _known(size: int, width: int) -> int:
    return 0 if size >= STREAMED[width] else size


def _chunk(file: BinaryIO, form: Chunks) -> Iterator[tuple[int, int]]:
    """The samples of a format of chunks: one chunk, by mistake more; in RF64 one before them holds their size."""
    place, width, wide = form.first, struct.calcsize(form.size), 0
    for _ in range(MOST):
        head = bytes_at(file, place, form.name + width)
        if len(head) < form.name + width:
            return
        size = struct.unpack(form.size, head[form.name :])[0] - form.counted
        place += len(head)
        if head[:4] == b"ds64":
            wide = struct.unpack("<Q", bytes_at(file, place + 8, 8).ljust(8, b"\0"))[0]
        if head[:4] == form.samples:
            size = wide or _known(size, width)
            yield place, size
            if size <= 0:
                return
        place += max(size, 0) + -size % form.even


def _segment(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """All of a Matroska file behind its first element; sizes have as many bytes as zeros lead in the first, and one."""
    place = 0
    for _ in range(2):  # the head, and the segment, each named by four bytes
        coded = bytes_at(file, place + 4, 8).ljust(8, b"\0")
        width = 9 - coded[0].bit_length()
        if width > 8:
            return
        largest = (1 << 7 * width) - 1  # says that the size was not known
        size = int.from_bytes(coded[:width], "big") & largest
        start, place = place + 4 + width, place + 4 + width + size
    yield start, 0 if size == largest else size


def boxes(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Each outermost box of an MP4; size 1: it stands in the eight bytes after the name, 0: to the end of the file."""
    start = 0
    while len(head := bytes_at(file, start, 16)) >= 8:
        size = struct.unpack(">I", head[:4])[0]
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
        if size < 8:
            return
        yield start, size
        start += size


def _ogg_ends(tail: bytes) -> bool:
    """Whether the last page of an Ogg is whole, and is marked as the last of its stream."""
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return False
    lengths = tail[at + 27 : at + 27 + tail[at + 26]]
    whole = len(lengths) == tail[at + 26] and len(tail) >= at + 27 + len(lengths) + sum(lengths)
    return whole and bool(tail[at + 5] & 4)


def _flac_ends(audio: bytes | str | Path) -> bool:
    """Whether a FLAC has the last sample of its header: one cut between two of its frames is read without an error."""
    try:
        with opened(source_of(audio)) as sound:
            return sound.seek(sound.frames - 1) >= 0
    except soundfile.LibsndfileError:
        return False
    except OSError:  # it promises no number of samples
        return True
