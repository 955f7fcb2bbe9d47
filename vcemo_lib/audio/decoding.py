"""From a sound file to one channel, in the time and the memory that its seconds of sound take, whatever it claims."""

import io
import itertools
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

from ..config import SAMPLE_RATE
from ..errors import VcemoError
from .channels import Blocks, mono
from .mp3_head import says_its_length
from .sndfile import Forward, OpenedBytes

SHORTEST, LONGEST = 0.05, 60.0  # seconds; outside of these a clip is no single utterance
LOWEST, HIGHEST = 8_000, 192_000  # Hz: sampling rates that are read
BELIEVED = ".raw", ".au", ".gsm", ".snd", ".vox", ".mp3"  # endings that libsndfile believes whatever is in the file
BLOCK = 6_000_000  # samples of all channels that are decoded at once: more than a minute of stereo at 48 kHz
# What ffmpeg may take a file for: sound and video. A playlist would play other files, an SDP text would open a port.
FORMATS = (
    "3g2,3gp,aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,gsm,m4a,matroska,mj2,mov,mp3,mp4,mpeg,mpegts,ogg,rm,"
    "tta,voc,w64,wav,webm,wv"
)
HEADLESS = "aac", "ac3", "amr", "dts", "eac3", "mp3"  # say no length, which ffmpeg guesses by the bits of the beginning
SOUNDLESS = "{} has no sound track, as a video that was recorded or exported without sound: export it with sound"
ONLY = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
Reader = tuple[int, float, Callable[[], Blocks]]  # rate, seconds by the header or 0, and blocks, each time anew


class AudioError(VcemoError):
    """Audio that cannot be used; the message says what was found and what to do."""


class NoLengthError(OSError):
    """An MP3 that does not say how long it is, whose end libsndfile guesses."""


class TooLongError(AudioError):
    """Audio that lasts longer than one utterance."""


def samples(audio: bytes | str | Path) -> tuple[np.ndarray, int]:
    """The sound of a file, or of the bytes of one, as (T,) float32 at the rate of the file, and that rate.

    wav, flac, ogg/opus and mp3 are read by libsndfile; m4a, and the sound of videos, by ffmpeg (the package av, or the
    program). Channels are joined by `mono`. No more than 60 s are decoded.

    Raises:
        AudioError: missing, empty, unreadable, or longer than 60 s.
    """
    name, source = named(audio), source_of(audio)
    try:
        return _utterance(by_libsndfile(source), name)
    except (soundfile.LibsndfileError, OSError) as error:
        said, guessing = trouble(name, error), isinstance(error, NoLengthError) and not reads_on()
    try:
        return _utterance(by_libsndfile(source, guessing=True) if guessing else by_av(source, name, said), name)
    except ImportError:
        return _utterance(_by_program(source, name, said), name)
    except OSError:
        raise AudioError(f"{said}: give wav, flac, ogg/opus, mp3 or m4a") from None


def _utterance(reader: Reader, name: str) -> tuple[np.ndarray, int]:
    rate, seconds, blocks = reader
    check_rate(rate, lowest=1)
    return mono(lambda: _not_no_utterance(blocks(), rate, name, seconds)), rate


def source_of(audio: bytes | str | Path) -> OpenedBytes | str:
    """What decoders open: bytes as a file, or the path of a file that is there, else AudioError."""
    return OpenedBytes(audio) if isinstance(audio, bytes) else existing(audio)


def named(audio: bytes | str | Path) -> str:
    """What messages call a sound."""
    return f"{len(audio)} bytes of audio" if isinstance(audio, bytes) else str(audio)


def claimed(audio: bytes | str | Path) -> tuple[int, int] | None:
    """Samples and rate by the header of a file; None where libsndfile cannot read it."""
    try:
        with opened(source_of(audio)) as file:
            return file.frames, file.samplerate
    except (AudioError, soundfile.LibsndfileError, OSError):
        return None


def existing(path: str | Path) -> str:
    """The path of a file with something in it, else AudioError."""
    if not str(path):
        raise AudioError("the name of a sound file is empty: give its path")
    none = f"no such audio file: {path}"
    try:
        if not Path(path).exists():
            raise AudioError(f"{none}: {_way_to(str(path))}")
        if Path(path).is_dir():
            raise AudioError(f"{none} is a folder: check the path, and give a sound, or a folder of some")
        if not Path(path).is_file():  # a pipe, a socket or a device: reading one may never end
            raise AudioError(f"{none} is no regular file: check the path, and give one file of sound")
        if Path(path).stat().st_size == 0:
            raise AudioError(f"audio file of 0 bytes: {path}: copy it again or drop the row")
    except OSError as error:  # such as a name of more than 255 bytes
        raise AudioError(f"no audio file can be at {path} ({error.strerror}): check the path") from None
    return str(path)


def _way_to(name: str) -> str:
    """What to do about a name at which there is nothing."""
    if name == "-":
        return "standard input is not read, write the sound to a file and give its path"
    return "nothing is fetched, give the path of a file on this machine" if "://" in name else "check the path"


def trouble(name: str, error: Exception) -> str:
    """What is said of a sound that libsndfile does not read; its own message misleads ("does not exist")."""
    foreign = isinstance(error, soundfile.LibsndfileError) and error.code != 2  # 2: the system's refusal
    return f"cannot read {name} ({'no decoder knows it, or it is damaged or broke off' if foreign else error})"


def reads_on() -> bool:
    """Whether ffmpeg is here, as the package av or as the program, which reads on where libsndfile ends."""
    return find_spec("av") is not None or shutil.which("ffmpeg") is not None


@contextmanager
def opened(source: io.BytesIO | str, guessing: bool = False) -> Iterator[Forward]:
    """A sound file as libsndfile has it, by its content where its name would mislead.

    libsndfile takes names for UTF-8, for a file named ".raw" it wants to be told what is in it, and whatever is named
    ".au", ".gsm", ".snd" or ".vox" is telephone sound to it, a text too.

    Args:
        guessing: whether an MP3 that says no length may end where libsndfile guesses that its end is.

    Raises:
        LibsndfileError, OSError: it reads no such file, or the header has no number of samples, as a killed recorder,
            a FLAC in a pipe and an MP3 that was cut or streamed leave it: libsndfile stumbles at the end, or ends where
            it guesses that the end is; ffmpeg reads on.
    """
    if in_memory := isinstance(source, io.BytesIO):
        source.seek(0)
    misleads = not in_memory and (source.lower().endswith(BELIEVED) or any("\ud800" <= c <= "\udfff" for c in source))
    with open(source, "rb") if misleads else nullcontext(source) as file:
        with Forward(file.fileno() if misleads else file, closefd=not misleads) as sound:
            if not 0 < sound.frames < 2**63 - 1:  # the largest stands for an unknown one
                raise OSError("by its header it holds no samples")
            if sound.format == "MP3" and not guessing and not says_its_length(source):
                raise NoLengthError("it does not say how long it is")
            yield sound


def by_libsndfile(source: io.BytesIO | str, samples: int = BLOCK, guessing: bool = False) -> Reader:
    """A reader of a sound that libsndfile opens; a block has so many samples of all channels. Raises as `opened`."""
    with opened(source, guessing) as file:
        return file.samplerate, file.frames / file.samplerate, lambda: libsndfile_blocks(source, samples, guessing)


def libsndfile_blocks(source: io.BytesIO | str, samples: int, guessing: bool = False) -> Blocks:
    """A sound that libsndfile reads, so many samples of all channels at once."""
    with opened(source, guessing) as file:
        size = min(max(samples // file.channels, 1), file.frames)
        while len(block := file.read(size, "float32", always_2d=True)):
            yield block


def by_av(source: io.BytesIO | str, name: str, said: str) -> Reader:
    """A reader of the first sound track, by PyAV, which brings ffmpeg's libraries.

    Raises:
        ImportError: PyAV is not installed.
        AudioError: it finds no sound; while blocks are read OSError.
    """
    import av

    try:
        with av_container(av, source) as container:
            if container.streams and not container.streams.audio:
                raise AudioError(SOUNDLESS.format(name))
            guessed = container.format.name in HEADLESS
            seconds = 0 if guessed else (container.duration or 0) / av.time_base
            return container.streams.audio[0].rate, seconds, lambda: _frames(av, source)
    except (av.FFmpegError, AttributeError, IndexError, ValueError, OSError) as error:  # no format, track, codec, frame
        if isinstance(error, AudioError):
            raise
        raise AudioError(f"{said}: give wav, flac, ogg/opus, mp3 or m4a") from None


def _frames(av, source: io.BytesIO | str) -> Blocks:
    """The first sound track, a frame of its codec at once."""
    try:
        with av_container(av, source) as container:
            track, floats = container.streams.audio[0], av.AudioResampler(format="fltp")
            for frame in itertools.chain(container.decode(track), [None]):
                yield from (piece.to_ndarray().T for piece in floats.resample(frame))
    except (av.FFmpegError, AttributeError, IndexError, ValueError) as error:
        raise OSError(str(error)) from None


@contextmanager
def av_container(av, source: io.BytesIO | str):
    """A file as ffmpeg's libraries have it, of the formats that are read."""
    with nullcontext(source) if isinstance(source, io.BytesIO) else open(source, "rb") as file:
        file.seek(0)
        with av.open(file, options=ONLY) as container:
            yield container


def _by_program(source: io.BytesIO | str, name: str, said: str) -> Reader:
    """The first sound track at 16 kHz, by the program ffmpeg. It must seek: bytes become a file."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(f"{said}: give wav, flac, ogg/opus or mp3; for m4a install ffmpeg or the package av")
    with tempfile.NamedTemporaryFile() as copy:
        if isinstance(source, io.BytesIO):
            copy.write(source.getvalue())
            copy.flush()
        path = copy.name if isinstance(source, io.BytesIO) else source
        only = [word for option, value in ONLY.items() for word in (f"-{option}", value)]
        # "file:" makes it a path, never another protocol
        options = f"-map 0:a:0 -ac 1 -ar {SAMPLE_RATE} -t {LONGEST + 1} -f f32le -".split()
        command = [program, "-nostdin", "-v", "error", *only, "-i", f"file:{path}", *options]
        done = subprocess.run(command, capture_output=True, check=False)
    if b"matches no streams" in done.stderr:
        raise AudioError(SOUNDLESS.format(name))
    if done.returncode or not done.stdout:
        raise AudioError(f"{said}: give wav, flac, ogg/opus, mp3 or m4a")
    return SAMPLE_RATE, 0.0, lambda: iter([np.frombuffer(done.stdout, "<f4")[:, None]])


def _not_no_utterance(blocks: Blocks, rate: int, name: str, seconds: float) -> Blocks:
    """The blocks, or AudioError once there are more than 60 s of them; `seconds` is what the file claims."""
    read = 0
    for block in blocks:
        read += len(block)
        if read > LONGEST * rate:
            raise no_utterance(name, seconds if seconds > LONGEST else math.inf)
        yield block


def no_utterance(name: str, seconds: float) -> AudioError:
    """The error of a sound that is no single utterance: too long (infinite: nobody knows how long), or too short."""
    told = round(seconds, 6) if SHORTEST <= round(seconds, 2) <= LONGEST else f"{seconds:.2f}"
    told = told if seconds < math.inf else f"more than {LONGEST:.0f}"
    kind = TooLongError if seconds > LONGEST else AudioError
    return kind(f"{name} lasts {told} s: an utterance lasts {SHORTEST} to {LONGEST:.0f} s")


def check_rate(rate: int, lowest: int = LOWEST) -> None:
    """Raise AudioError for a sampling rate that is not read."""
    if not lowest <= rate <= HIGHEST:
        cure = "resample it" if rate >= LOWEST / 2 else "that is no rate of speech, look whether the header is right"
        raise AudioError(f"a sampling rate of {rate} Hz: expected {LOWEST:,} to {HIGHEST:,}: {cure}")
