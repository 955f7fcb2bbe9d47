"""Any number of files, short and long ones: the answers in their order, and a sentence for each that has none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..audio.decoding import LONGEST, no_utterance
from ..audio.recording import open_recording
from ..audio.signal import AudioError
from ..audio.whisper_asr import Recogniser
from .answer import Answer, Listener
from .asked import Problem
from .listening import NO_SPEECH
from .prediction import predictions
from .recordings import follow, is_followed

TOGETHER = 16  # clips that Whisper hears together, and after which the first answers are there


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
    if not text:
        return is_followed(file, listener.bundle.recipe.features.max_seconds)
    seconds = open_recording(file).seconds
    if seconds > LONGEST:
        raise AudioError(
            f"{no_utterance(file, seconds)}; of a longer recording leave the text out, so that Whisper hears each "
            "utterance, or give '' to go without words"
        )
    return False


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
