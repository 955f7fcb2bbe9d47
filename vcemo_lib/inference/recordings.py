"""A recording of any length, answered utterance by utterance while it is read; in memory is half a minute of it."""

from collections.abc import Iterator

from ..audio.decoding import LONGEST, AudioError, TooLongError
from ..audio.recording import Recording, open_recording
from ..audio.speech_segments import PAUSE, segments
from ..audio.whisper_asr import Recogniser
from ..config import SAMPLE_RATE
from .answer import Answer, Listener
from .listening import clip_of_segment, read_clip
from .prediction import heard


def follow(listener: Listener, recording: Recording, recogniser: Recogniser | None = None) -> Iterator[Answer]:
    """An answer about each utterance, as soon as it is found.

    Args:
        recogniser: what listens to the words; None: the model goes without, and where it reads words says so.

    Raises:
        AudioError: the recording is damaged, or broke off; what was answered before stands.
        VadError: the voice detector is not installed.
    """
    longest, reads_text = listener.bundle.recipe.features.max_seconds, listener.bundle.reads_text
    for finished in segments(recording, longest):
        clips = [clip_of_segment(segment, recording.rate, longest) for segment in finished]
        listens = reads_text and recogniser is not None
        clips, texts = heard(recogniser, clips) if listens else (clips, [""] * len(clips))
        source = ("heard" if listens else "given") if reads_text else ""
        yield from listener.answers(clips, [recording.name] * len(clips), texts, source)
    if recording.lacks:
        raise AudioError(f"{recording.name} broke off, {recording.lacks}: copy it again")


def is_followed(file: str, longest: float) -> bool:
    """Whether a file holds more than the `longest` seconds that a model reads at once, silence at its ends aside.

    Raises:
        AudioError: it cannot be read.
    """
    claimed = open_recording(file).seconds
    if 0 < claimed <= longest or claimed > LONGEST:
        return claimed > LONGEST
    try:
        return len(read_clip(file, longest).wave) > longest * SAMPLE_RATE
    except TooLongError:
        return True


def how_followed(longest: float) -> str:
    """How a recording of more than the `longest` seconds that a model reads is answered, in a sentence."""
    return (
        f"longer than the {longest:g} s that the model reads at once, so each utterance is answered by itself: the "
        f"voice detector parts them at pauses of {PAUSE / 1000:g} s, and longer ones at a shorter pause"
    )
