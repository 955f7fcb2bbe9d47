"""From a sound file to one channel, in the time and the memory that its seconds of sound take, whatever it claims."""

import io
import itertools
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import soundfile

from ..config import SAMPLE_RATE
from ..errors import VcemoError
from .channels import Blocks, mono

SHORTEST, LONGEST = 0.05, 60.0  # seconds; outside of these a clip is no single utterance
LOWEST, HIGHEST = 8_000, 192_000  # Hz: sampling rates that are read
BLOCK = 6_000_000  # samples of all channels that are decoded at once: more than a minute of stereo at 48 kHz
# What ffmpeg may take a file for: sound and video. A playlist would play other files, an SDP text would open a port.
FORMATS = (
    "3g2,3gp,aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,gsm,m4a,matroska,mj2,mov,mp3,mp4,mpeg,mpegts,ogg,rm,"
    "tta,voc,w64,wav,webm,wv"
)
SOUNDLESS = "{} has no sound track, as a video that was recorded or exported without sound: export it with sound"
ONLY = {"protocol_whitelist": "file", "format_whitelist": FORMATS}


class AudioError(VcemoError):
    """Audio that cannot be used; the message says what was found and what to do."""


class TooLongError(AudioError):
    """Audio that lasts longer than one utterance."""


def samples(audio: bytes | str | Path) -> tuple[np.ndarray, int]:
    """The sound of a file, or of the bytes of one, as (T,) float32 at the rate of the file, and that rate.

    wav, flac, ogg/opus and mp3 are read by libsndfile; m4a, and the sound of videos, by ffmpeg (the package av, or the
    program). Channels are joined by `mono`. No more than 60 s are decoded.

    Raises:
        AudioError: missing, empty, unreadable, or longer than 60 s.
    """
    name = named(audio)
    source = OpenedBytes(audio) if isinstance(audio, bytes) else existing(audio)
    try:
        with opened(source) as file:
            rate, frames = file.samplerate, file.frames
        check_rate(rate, lowest=1)
        return mono(lambda: _not_no_utterance(libsndfile_blocks(source), rate, name, frames / rate)), rate
    except (soundfile.LibsndfileError, OSError) as error:
        return _by_ffmpeg(source, name, trouble(name, error))


class OpenedBytes(io.BytesIO):
    """Bytes in which a damaged header may send libsndfile to a place before the first."""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file, and -1 for a place that there is not."""
        try:
            return super().seek(offset, whence)
        except ValueError:
            return -1


def named(audio: bytes | str | Path) -> str:
    """What messages call a sound."""
    return f"{len(audio)} bytes of audio" if isinstance(audio, bytes) else str(audio)


def claimed(audio: bytes | str | Path) -> tuple[int, int] | None:
    """Samples and rate by the header of a file; None where libsndfile cannot read it."""
    try:
        with opened(OpenedBytes(audio) if isinstance(audio, bytes) else existing(audio)) as file:
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


@contextmanager
def opened(source: io.BytesIO | str) -> Iterator[soundfile.SoundFile]:
    """A sound file as libsndfile has it, by its content where its name would mislead.

    libsndfile takes names for UTF-8, and for a file named ".raw" it wants to be told what is in it.

    Raises:
        LibsndfileError, OSError: it reads no such file, or finds no samples: a recorder that was killed leaves 0 in the
            header, and ffmpeg reads on.
    """
    if in_memory := isinstance(source, io.BytesIO):
        source.seek(0)
    misleads = not in_memory and (source.lower().endswith(".raw") or any("\ud800" <= c <= "\udfff" for c in source))
    with open(source, "rb") if misleads else nullcontext(source) as file:
        with soundfile.SoundFile(file.fileno() if misleads else file, closefd=not misleads) as sound:
            if not sound.frames:
                raise OSError("by its header it holds no samples")
            yield sound


def libsndfile_blocks(source: io.BytesIO | str, samples: int = BLOCK) -> Blocks:
    """A sound that libsndfile reads, so many samples of all channels at once."""
    with opened(source) as file:
        size = max(samples // file.channels, 1)
        while len(block := file.read(size, "float32", always_2d=True)):
            yield block
            if len(block) < size:  # some formats cannot seek, and a further read would
                return


def _by_ffmpeg(source: io.BytesIO | str, name: str, said: str) -> tuple[np.ndarray, int]:
    """The first sound track as (T,) float32 and its rate, by PyAV, which brings ffmpeg's libraries, or the program."""
    try:
        import av
    except ImportError:
        return _by_program(source, name, said), SAMPLE_RATE
    try:
        rate, seconds = ffmpeg_header(av, source, name)
        check_rate(rate, lowest=1)
        return mono(lambda: _not_no_utterance(ffmpeg_blocks(av, source), rate, name, seconds)), rate
    except (av.FFmpegError, AttributeError, IndexError, ValueError, OSError) as error:  # no format, track, codec, frame
        if isinstance(error, AudioError):
            raise
        raise AudioError(f"{said}: give wav, flac, ogg/opus, mp3 or m4a") from None


def ffmpeg_header(av, source: io.BytesIO | str, name: str) -> tuple[int, float]:
    """The rate of the first sound track and the seconds that the file claims, 0 where it claims none."""
    with av_container(av, source) as container:
        if container.streams and not container.streams.audio:
            raise AudioError(SOUNDLESS.format(name))
        return container.streams.audio[0].rate, (container.duration or 0) / av.time_base


def ffmpeg_blocks(av, source: io.BytesIO | str) -> Blocks:
    """The first sound track, a frame of its codec at once."""
    with av_container(av, source) as container:
        track, floats = container.streams.audio[0], av.AudioResampler(format="fltp")
        for frame in itertools.chain(container.decode(track), [None]):
            yield from (piece.to_ndarray().T for piece in floats.resample(frame))


@contextmanager
def av_container(av, source: io.BytesIO | str):
    """A file as ffmpeg's libraries have it, of the formats that are read."""
    with nullcontext(source) if isinstance(source, io.BytesIO) else open(source, "rb") as file:
        file.seek(0)
        with av.open(file, options=ONLY) as container:
            yield container


def _by_program(source: io.BytesIO | str, name: str, said: str) -> np.ndarray:
    """The first sound track as (T,) float32 at 16 kHz, by the program ffmpeg. It must seek: bytes become a file."""
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
    wave = np.frombuffer(done.stdout, "<f4").copy()
    if len(wave) > LONGEST * SAMPLE_RATE:
        raise no_utterance(name, len(wave) / SAMPLE_RATE)
    return wave


def _not_no_utterance(blocks: Blocks, rate: int, name: str, seconds: float) -> Blocks:
    """The blocks, or AudioError once there are more than 60 s of them; `seconds` is what the file claims."""
    read = 0
    for block in blocks:
        read += len(block)
        if read > LONGEST * rate:
            raise no_utterance(name, max(seconds, read / rate))
        yield block


def no_utterance(name: str, seconds: float) -> AudioError:
    """The error of a sound that is no single utterance: too long, or too short."""
    told = round(seconds, 6) if SHORTEST <= round(seconds, 2) <= LONGEST else f"{seconds:.2f}"
    kind = TooLongError if seconds > LONGEST else AudioError
    return kind(f"{name} lasts {told} s: an utterance lasts {SHORTEST} to {LONGEST:.0f} s")


def check_rate(rate: int, lowest: int = LOWEST) -> None:
    """Raise AudioError for a sampling rate that is not read."""
    if not lowest <= rate <= HIGHEST:
        cure = "resample it" if rate >= LOWEST / 2 else "that is no rate of speech, look whether the header is right"
        raise AudioError(f"a sampling rate of {rate} Hz: expected {LOWEST:,} to {HIGHEST:,}: {cure}")
