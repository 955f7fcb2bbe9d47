"""Files of any length: a clip is answered as a whole, a recording utterance by utterance while it is read.

Of a recording half a minute is in memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..audio.decoding import LONGEST, AudioError, TooLongError, no_utterance
from ..audio.other_sounds import SECOND
from ..audio.recording import Recording, open_recording
from ..audio.signal import HOLE
from ..audio.speech_segments import PAUSE, segments
from ..audio.whisper_asr import Recogniser
from ..config import SAMPLE_RATE
from .answer import Answer, Listener
from .asked import Problem
from .listening import NO_SPEECH, clip_of_segment, read_clip
from .prediction import predictions, what_is_said

TOGETHER = 16  # clips that Whisper hears together, and after which the first answers are there


def follow(listener: Listener, recording: Recording, recogniser: Recogniser | None = None) -> Iterator[Answer]:
    """An answer about each utterance, as soon as it is found.

    Args:
        recogniser: what listens to the words; None: the model goes without, and where it reads words says so.

    Raises:
        AudioError: the recording is damaged, or broke off; what was answered before stands.
        VadError: the voice detector is not installed.
    """
    longest = listener.bundle.recipe.features.max_seconds
    for finished in segments(recording, longest):
        clips = [clip_of_segment(segment, recording.rate, longest) for segment in finished]
        wordless = None if recogniser else [""] * len(clips)
        clips, texts, source = what_is_said(listener, clips, wordless, recogniser)
        yield from listener.answers(clips, [recording.name] * len(clips), texts, source)
    if part := recording.lacks():  # asked last: a file may be cut while it is read
        raise AudioError(f"{recording.name} broke off, {part}: copy it again")
    if recording.hole():
        raise AudioError(f"{recording.name} is damaged ({HOLE}): copy or export it again")
    if recording.second():
        raise AudioError(f"{recording.name} is read to the end of its first sound: {SECOND}")


def how_followed(longest: float) -> str:
    """How a recording of more than the `longest` seconds that a model reads is answered, in a sentence."""
    return (
        f"longer than the {longest:g} s that the model reads at once, so each utterance is answered by itself: the "
        f"voice detector parts them at pauses of {PAUSE / 1000:g} s, and longer ones at a shorter pause"
    )


@dataclass(frozen=True)
class Opened:
    """A recording that is answered utterance by utterance: its answers follow. `seconds`: by its header, 0 unknown."""

    file: str
    seconds: float


def answer_files(
    listener: Listener,
    files: Sequence[str],
    texts: Sequence[str] | None = None,
    recogniser: Callable[[str], Recogniser] | None = None,
) -> Iterator[Answer | Problem | Opened]:
    """A `Prediction` of each clip; of each longer recording that it is `Opened`, then an `Answer` an utterance.

    Args:
        texts: what is said in each file; None: `recogniser` listens. A recording can only be given "", for no words.
        recogniser: gives Whisper when first needed, for the file named.
    """
    ear = recogniser if listener.bundle.reads_text and texts is None else lambda file: None
    clips: list[tuple[str, str | None]] = []
    for file, text in zip(files, texts or [None] * len(files), strict=True):
        try:
            long = _is_long(listener, file, text)
        except AudioError as error:
            yield Problem(file, str(error))
            continue
        if not long:
            clips.append((file, text))
        if long or len(clips) == TOGETHER:
            yield from _clips(listener, clips, ear)
            clips = []
        if long:
            yield from _recording(listener, file, ear)
    yield from _clips(listener, clips, ear)


def _is_long(listener: Listener, file: str, text: str | None) -> bool:
    """Whether a file holds more than the model reads at once, silence at its ends aside; with a text none may."""
    claimed, longest = open_recording(file).seconds, listener.bundle.recipe.features.max_seconds
    if text and claimed > LONGEST:
        raise AudioError(
            f"{no_utterance(file, claimed)}; of a longer recording leave the text out, so that Whisper hears each "
            "utterance, or give '' to go without words"
        )
    if text or 0 < claimed <= longest or claimed > LONGEST:
        return claimed > LONGEST
    try:
        return len(read_clip(file, longest).wave) > longest * SAMPLE_RATE
    except TooLongError:
        return True


def _clips(
    listener: Listener, clips: list[tuple[str, str | None]], ear: Callable[[str], Recogniser | None]
) -> Iterator[Answer | Problem]:
    if not clips:
        return
    files, texts = zip(*clips, strict=True)
    answers, problems = predictions(listener, files, None if None in texts else texts, ear(files[0]))
    yield from answers
    yield from (Problem(file, why) for file, why in problems.items())


def _recording(
    listener: Listener, file: str, ear: Callable[[str], Recogniser | None]
) -> Iterator[Answer | Problem | Opened]:
    recording, answered = open_recording(file), False
    yield Opened(file, recording.seconds)
    try:
        for answer in follow(listener, recording, ear(file)):
            answered = True
            yield answer
    except AudioError as error:
        yield Problem(file, str(error))
        return
    if not answered:
        yield Problem(file, NO_SPEECH)
