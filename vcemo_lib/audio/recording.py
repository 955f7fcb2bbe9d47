"""A recording of any length, as blocks of one channel: read from disk as it is needed, never as a whole."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ..paths import is_file
from .broken_off import missing_part
from .channels import Blocks, one_channel
from .decoding import AudioError, NoLengthError, Reader, by_av, by_libsndfile, check_rate, named, source_of, trouble
from .flac_checksum import BLOCK
from .other_sounds import second_sound
from .signal import has_hole, require_sound


@dataclass(frozen=True)
class Recording:
    """Sound of any length."""

    name: str  # what messages call it
    rate: int  # samples a second
    seconds: float  # how long its header says that it is; 0 where nothing says it
    blocks: Callable[[], Iterator[np.ndarray]]  # gives (n,) float32, one after the other; each call begins anew
    lacks: Callable[[], str] = str  # says in words what is missing at its end by its header now; "": nothing is known
    second: Callable[[], bool] = bool  # says whether another sound stands beside or behind it, which is not read
    hole: Callable[[], bool] = bool  # says, once its blocks were read, whether a damaged part was left out


def open_recording(audio: bytes | str | Path) -> Recording:
    """A file, or the bytes of one, of any length. Only its header is read, until `blocks` are asked for.

    Raises:
        AudioError: missing, empty or unreadable; while blocks are read also: damaged, or not finite.
    """
    name, read = named(audio), []
    rate, seconds, blocks = _reader(source_of(audio), name)
    check_rate(rate)
    return Recording(
        name,
        rate,
        seconds,
        lambda: _sound(_undamaged(one_channel(blocks), name, read), name),
        lambda: missing_part(audio) if _is_there(audio) else "",
        lambda: _is_there(audio) and second_sound(audio),
        lambda: _is_there(audio) and has_hole(audio, sum(read)),
    )


def _is_there(audio: bytes | str | Path) -> bool:
    """Whether it is there still; a file that was taken away while it was read is read to its end."""
    return isinstance(audio, bytes) or is_file(audio)


def from_blocks(blocks: Iterable[np.ndarray], rate: int, name: str = "the stream") -> Recording:
    """Sound that arrives, as from a microphone: (n,) blocks at `rate` Hz, of any sizes. It can be read once.

    Raises:
        AudioError: a rate that is not read; while blocks are read also: one that is no (n,) array, or not finite.
    """
    check_rate(rate)
    if not isinstance(blocks, Iterable) or isinstance(blocks, np.ndarray | str):
        raise AudioError(f"{name} is a {type(blocks).__name__}: give a list or an iterator of (n,) arrays")
    return Recording(name, rate, 0.0, lambda: _sound(map(_one_row, blocks), name))


def full_scale(wave: np.ndarray) -> np.ndarray:
    """Samples of any kind of number as float32 of full scale 1.

    >>> full_scale(np.array([-32768, 16384], np.int16))
    array([-1. ,  0.5], dtype=float32)

    Raises:
        AudioError: no numbers, or those of 64 bits, whose full scale nobody uses.
    """
    wave = np.asarray(wave)
    if np.issubdtype(wave.dtype, np.floating):
        return wave.astype(np.float32)
    if not np.issubdtype(wave.dtype, np.signedinteger) or wave.itemsize > 4:
        raise AudioError(
            f"samples of type {wave.dtype}: give floating point of full scale 1, or signed integers of 8, 16 or 32 bits"
        )
    return (wave / -float(np.iinfo(wave.dtype).min)).astype(np.float32)


def _reader(source: io.BytesIO | str, name: str) -> Reader:
    try:
        return by_libsndfile(source, BLOCK)
    except (soundfile.LibsndfileError, OSError) as error:
        said, endless = trouble(name, error), isinstance(error, NoLengthError)
    try:
        return by_av(source, name, said)
    except ImportError:
        if endless:
            return by_libsndfile(source, BLOCK, guessing=True)
        raise AudioError(f"{said}: give wav, flac, ogg/opus or mp3, or run 'pip install av'") from None


def _undamaged(blocks: Blocks, name: str, read: list[int]) -> Blocks:
    """The blocks, whose lengths are noted in `read`, and one sentence where they break off."""
    read.clear()
    try:
        for block in blocks:
            read.append(len(block))
            yield block
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioError(f"{name} is damaged ({error}): copy or export it again") from None


def _one_row(block) -> np.ndarray:
    """A block as it comes in; of a tensor its values alone."""
    try:
        samples = np.asarray(block.detach().cpu() if hasattr(block, "detach") else block)
    except (ValueError, TypeError, RuntimeError):  # such as an array and its rate
        samples = None
    if samples is None or samples.ndim != 1:
        several = " of several things" * (samples is None)
        kind = f"has shape {samples.shape}" if np.ndim(samples) else f"is a {type(block).__name__}{several}"
        raise AudioError(f"a block of the stream {kind}: give (n,) arrays, one channel")
    return full_scale(samples)


def _sound(blocks: Iterator[np.ndarray], name: str) -> Iterator[np.ndarray]:
    """The blocks, or AudioError where a sample is none that a sound has."""
    for block in blocks:
        require_sound(block, name)
        yield block
