"""Another sound in a file than the one that is read: behind it, or beside it."""

import io
import itertools
import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

import soundfile

from .broken_off import CHUNKS, MATROSKA, ROUGHLY, boxes, bytes_at, promised
from .channels import Blocks, another_beside
from .decoding import AudioError, av_container, by_av, by_libsndfile, claimed, existing, source_of
from .flac_checksum import BLOCK

HEADS = {  # by its first four bytes, how a file begins that does not say how many bytes it has
    b"fLaC": rb"fLaC[\x00\x80]\x00\x00\x22",
    b"FLV\1": rb"FLV\x01[\x01\x04\x05]\x00\x00\x00\x09",
    b"TTA1": rb"TTA1\x01\x00",
    b"Crea": rb"Creative Voice File\x1a",
}
SECOND = (
    "another sound, or more of this one, stands beside or behind it in the file and is not read: give each in a file "
    "of its own, or export it again"
)
CHUNK = re.compile(rb"\0?[ -~]{4}")  # how the next one begins
BEHIND = 1 << 21  # bytes in which a second sound begins, a picture of its album before it


def second_sound(audio: bytes | str | Path) -> bool:
    """Whether another sound, which is not read, stands behind the first or beside it.

    Behind it: files were joined byte by byte, a WAV has a second chunk of samples, or its recorder was killed, or
    counted samples as bytes, so that its header tells of the beginning alone. Beside it: a second track, as a video of
    microphone and computer has, or a channel with the other person of a call. Known are the formats of `missing_part`,
    FLV, TTA and VOC; of two Matroska files that are joined both are read, and nothing is told.
    """
    with io.BytesIO(audio) if isinstance(audio, bytes) else open(existing(audio), "rb") as file:
        head = bytes_at(file, 0, 12)
        if _tracks(audio) > 1 or another_beside(partial(_blocks, audio)):
            return True
        if head[:4] == b"OggS":
            return _begins_again(file)
        if head[:4] in HEADS:
            return _found(file, re.compile(HEADS[head[:4]], re.DOTALL))
        if head[:4] == MATROSKA:
            return False  # ffmpeg reads on
        if head[4:8] == b"ftyp":
            return sum(bytes_at(file, start + 4, 4) == b"ftyp" for start, _ in boxes(file)) > 1
        spans = [*itertools.islice(promised(file, head), 2)]
        start, size = spans[0] if spans else (0, 0)
        if size <= 0 or len(spans) > 1:
            return size > 0
        behind = bytes_at(file, start + size, BEHIND)
        if head[:4] in CHUNKS and len(behind) > ROUGHLY * size and _goes_on(behind[-size % CHUNKS[head[:4]].even :]):
            return True
    places = range(8 if head[:4] in CHUNKS else 1)  # by its form a chunk may be filled up, which not all writers do
    return any(next(promised(io.BytesIO(behind[k:]), behind[k : k + 12]), None) for k in places)


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
            reader = by_libsndfile(source, BLOCK)
        except (soundfile.LibsndfileError, OSError):
            reader = by_av(source, "", "")
        yield from reader[2]()


def _begins_again(file: BinaryIO) -> bool:
    """Whether a stream of an Ogg begins behind a page that is no beginning; those that play together begin together."""
    place, under_way = 0, False
    while (page := bytes_at(file, place, 27 + 255))[:4] == b"OggS" and len(page) > 27:
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
