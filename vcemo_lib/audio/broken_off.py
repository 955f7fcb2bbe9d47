"""Whether a sound file lacks its end, by what its own header promises, or holds a second sound."""

import io
import itertools
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import soundfile

from .channels import Blocks, another_beside
from .decoding import (
    AudioError,
    NoLengthError,
    av_container,
    by_av,
    by_libsndfile,
    claimed,
    existing,
    opened,
    reads_on,
    source_of,
)
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
CHUNK = re.compile(rb"\0?[ -~]{4}")  # how the next one begins
ROUGHLY = 0.005  # some writers count their header too, or the byte that makes a length even
STREAMED = {4: 0x7FFF0000, 8: 1 << 62}  # a size of so many bytes from here on was not known when it was written
AT_ONCE = 1 << 19  # samples of all channels that are looked at together
MOST = 10_000  # chunks that are looked at: a file of zeros has one every eight bytes
HEADS = {  # by its first four bytes, how a file begins that does not say how many bytes it has
    b"fLaC": rb"fLaC[\x00\x80]\x00\x00\x22",
    b"FLV\1": rb"FLV\x01[\x01\x04\x05]\x00\x00\x00\x09",
    b"TTA1": rb"TTA1\x01\x00",
    b"Crea": rb"Creative Voice File\x1a",
}
MATROSKA = b"\x1aE\xdf\xa3"
SECOND = (
    "another sound, or more of this one, stands beside or behind it in the file and is not read: give each in a file "
    "of its own, or export it again"
)
TAIL = 1 << 17  # bytes in which a page of Ogg ends
BEHIND = 1 << 21  # bytes in which a second sound begins, a picture of its album before it


def missing_part(audio: bytes | str | Path) -> str:
    """In words what a sound file lacks by its own header; "" where nothing is known to.

    Known are WAV, RF64, W64, AIFF, CAF, AU, Matroska (WebM), Ogg, MP4 (M4A), FLAC, and MP3 where its writer left a
    length (Xing, Info or VBRI).
    """
    with io.BytesIO(audio) if isinstance(audio, bytes) else open(existing(audio), "rb") as file:
        total = file.seek(0, io.SEEK_END)
        head = _at(file, 0, 12)
        if head[:4] == b"OggS":
            return "" if _ogg_ends(_at(file, max(total - TAIL, 0), TAIL)) else "the end that its format has is missing"
        if head[:4] == b"fLaC":
            return "" if _flac_ends(audio) else "the end that its header promises is missing"
        for start, size in _promised(file, head):
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


def second_sound(audio: bytes | str | Path) -> bool:
    """Whether another sound, which is not read, stands behind the first or beside it.

    Behind it: files were joined byte by byte, a WAV has a second chunk of samples, or its recorder was killed, or
    counted samples as bytes, so that its header tells of the beginning alone. Beside it: a second track, as a video of
    microphone and computer has, or a channel with the other person of a call. Known are the formats of `missing_part`,
    FLV, TTA and VOC; of two Matroska files that are joined both are read, and nothing is told.
    """
    with io.BytesIO(audio) if isinstance(audio, bytes) else open(existing(audio), "rb") as file:
        head = _at(file, 0, 12)
        if _tracks(audio) > 1 or another_beside(partial(_blocks, audio)):
            return True
        if head[:4] == b"OggS":
            return _begins_again(file)
        if head[:4] in HEADS:
            return _found(file, re.compile(HEADS[head[:4]], re.DOTALL))
        if head[:4] == MATROSKA:
            return False  # ffmpeg reads on
        if head[4:8] == b"ftyp":
            return sum(_at(file, start + 4, 4) == b"ftyp" for start, _ in _boxes(file)) > 1
        spans = [*itertools.islice(_promised(file, head), 2)]
        start, size = spans[0] if spans else (0, 0)
        if size <= 0 or len(spans) > 1:
            return size > 0
        behind = _at(file, start + size, BEHIND)
        if head[:4] in CHUNKS and len(behind) > ROUGHLY * size and _goes_on(behind[-size % CHUNKS[head[:4]].even :]):
            return True
    places = range(8 if head[:4] in CHUNKS else 1)  # by its form a chunk may be filled up, which not all writers do
    return any(next(_promised(io.BytesIO(behind[k:]), behind[k : k + 12]), None) for k in places)


def _goes_on(behind: bytes) -> bool:
    """Whether samples, and neither a chunk nor one byte again and again, stand behind those that a header counts."""
    return len(set(behind)) > 1 and not CHUNK.match(behind)


def _tracks(audio: bytes | str | Path) -> int:
    """How many sound tracks a file has that ffmpeg reads; 1 where libsndfile reads it, or nobody can look."""
    if claimed(audio) is not None:
        return 1
    try:
        import av
    except ImportError:
        return 1
    try:
        with av_container(av, io.BytesIO(audio) if isinstance(audio, bytes) else str(audio)) as container:
            return len(container.streams.audio)
    except (av.FFmpegError, ValueError, OSError):
        return 1


def _blocks(audio: bytes | str | Path) -> Blocks:
    """The sound as far as it is read; no block where nobody can read it."""
    source = source_of(audio)
    with suppress(soundfile.LibsndfileError, OSError, AudioError, ImportError):
        try:
            reader = by_libsndfile(source, AT_ONCE)
        except (soundfile.LibsndfileError, OSError):
            reader = by_av(source, "", "")
        yield from reader[2]()


def _begins_again(file: BinaryIO) -> bool:
    """Whether a stream of an Ogg begins behind a page that is no beginning; those that play together begin together."""
    place, under_way = 0, False
    while (page := _at(file, place, 27 + 255))[:4] == b"OggS" and len(page) > 27:
        begins = bool(page[5] & 2)
        if begins and under_way:
            return True
        under_way = under_way or not begins
        place += 27 + page[26] + sum(page[27 : 27 + page[26]])
    return False


def _found(file: BinaryIO, mark: re.Pattern) -> bool:
    """Whether a mark of at most 32 bytes stands behind the beginning of a file."""
    file.seek(1)
    kept = b""
    while block := file.read(1 << 20):
        if mark.search(kept + block):
            return True
        kept = block[-32:]
    return False


def _at(file: BinaryIO, place: int, size: int) -> bytes:
    if place > file.seek(0, io.SEEK_END):  # a damaged header may promise more than any file can have
        return b""
    file.seek(place)
    return file.read(size)


def _promised(file: BinaryIO, head: bytes) -> Iterator[tuple[int, int]]:
    """Where parts of the file begin, and how many bytes each has by its header."""
    if head[:4] in CHUNKS:
        yield from _chunk(file, CHUNKS[head[:4]])
    elif head[:4] == b".snd":  # AU: where the samples begin, and how many bytes they have
        start, size = struct.unpack(">II", head[4:].ljust(8, b"\0"))
        yield start, _known(size, 4)
    elif head[:4] == MATROSKA:
        yield from _segment(file)
    elif head[4:8] == b"ftyp":
        yield from _boxes(file)
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
        head = _at(file, place, form.name + width)
        if len(head) < form.name + width:
            return
        size = struct.unpack(form.size, head[form.name :])[0] - form.counted
        place += len(head)
        if head[:4] == b"ds64":
            wide = struct.unpack("<Q", _at(file, place + 8, 8).ljust(8, b"\0"))[0]
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
        coded = _at(file, place + 4, 8).ljust(8, b"\0")
        width = 9 - coded[0].bit_length()
        if width > 8:
            return
        largest = (1 << 7 * width) - 1  # says that the size was not known
        size = int.from_bytes(coded[:width], "big") & largest
        start, place = place + 4 + width, place + 4 + width + size
    yield start, 0 if size == largest else size


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
