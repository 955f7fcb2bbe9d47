"""Whisper: from waveforms to the `text_asr` column (Paper §3.1; A36, A37).

Two back-ends run the same weights: `whisper` (openai-whisper) and `faster` (faster-whisper, an extra). Decoding is
greedy and every setting is fixed and recorded, so that the same sound gives the same text.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import jiwer
import numpy as np
import torch

from ..config import BACKENDS
from ..letters import letters, simplified
from ..provenance import versions
from .whisper_language import WINDOW, OtherLanguages
from .whisper_loops import LOOP, looped, seeded, without_loop
from .whisper_weights import AsrError, checkpoint, faster, folder, identity, openai

PROMPT = {"zh": "以下是普通话的句子。"}  # asks for simplified characters and punctuation
# No sampling, and nothing carried from clip to clip: with it, the times of the last words may run in a loop.
FIXED = dict(temperature=0.0, condition_on_previous_text=False)
SOME = 20  # clips whose language faster-whisper is asked for, since it reads them once more for that
NO_SPEECH, UNLIKELY = 0.6, -1.0  # above and below these Whisper itself takes a clip as silence


@dataclass(frozen=True)
class Settings:
    """What decides a transcript beside the sound and `FIXED`. `weights`: name and hash."""

    backend: str
    weights: str
    language: str = "zh"
    prompt: str = PROMPT["zh"]
    compute: str = "float32"


class Recogniser:
    """One set of weights, ready to listen.

    Args:
        model: what the back-end calls its model.
        settings: how it is asked; `settings.language` chooses the prompt and the script.
    """

    def __init__(self, model, settings: Settings):
        self.model, self.settings = model, settings
        self._simplify = simplified if settings.language == "zh" else str
        self.loops = 0  # clips heard again, because the first text repeated itself
        self.others = OtherLanguages(settings.language)

    def texts(self, waves: Sequence[np.ndarray]) -> list[str]:
        """Text of each (T,) waveform at 16 kHz. Clips up to 30 s go through `whisper` together; longer ones alone."""
        short = [wave for wave in waves if len(wave) <= WINDOW and self.settings.backend == "whisper"]
        batch = iter(self._batch(short) if short else ())
        first = [next(batch) if short and len(wave) <= WINDOW else self._alone(wave) for wave in waves]
        self.loops += sum(map(looped, first))
        return [
            without_loop(text, str, lambda temperature, wave=wave: self._alone(wave, temperature)) or ""
            for text, wave in zip(first, waves, strict=True)
        ]

    def _alone(self, wave: np.ndarray, temperature: float = 0.0) -> str:
        """Text of one clip of any length, the same each time: what is drawn at random is drawn from one seed."""
        with seeded():
            if self.settings.backend == "faster":
                if len(self.others) < SOME:
                    self.other_language(wave)
                return self._clean("".join(s.text for s in self._transcribed(wave, temperature)))
            if len(wave) <= WINDOW:
                return self._batch([wave], temperature)[0]
            return self._clean(self._transcribed(wave, temperature)["text"])

    def words(self, wave: np.ndarray) -> list[tuple[str, float, float]]:
        """The words of one clip with start and end in seconds, by the attention between text and sound.

        Raises:
            AsrError: a checkpoint whose alignment heads are not known.
        """
        if self.settings.backend == "whisper" and not hasattr(self.model, "heads_known"):
            raise AsrError(
                f"the checkpoint {self.settings.weights!r} does not say which of its heads follow the words: "
                "name the file as the model is named, such as base.pt"
            )
        first, end = self._timed(wave), len(wave) / 16_000
        self.loops += looped(_joined(first))
        times = without_loop(first, _joined, lambda temperature: self._timed(wave, temperature)) or []
        return [(self._clean(word), float(min(start, end)), float(min(stop, end))) for word, start, stop in times]

    def _timed(self, wave: np.ndarray, temperature: float = 0.0) -> list[tuple[str, float, float]]:
        with seeded():
            heard = self._transcribed(wave, temperature, word_timestamps=True)
            if self.settings.backend == "faster":
                return [(word.word, word.start, word.end) for segment in heard for word in segment.words]
            return [(word["word"], word["start"], word["end"]) for s in heard["segments"] for word in s["words"]]

    def other_language(self, wave: np.ndarray) -> str:
        """The name of the language that a clip is in, by its first 30 s, where that is surely another, else ""."""
        if self.others.of(wave) is None:
            if self.settings.backend == "faster":
                self.others.note([wave], [dict(self.model.detect_language(wave)[2])])
            else:
                self._encoded([wave[:WINDOW]])
        return self.others.of(wave) or ""

    def _clean(self, text: str) -> str:
        return self._simplify(text).strip()

    def _encoded(self, waves: Sequence[np.ndarray]) -> torch.Tensor:
        """What the encoder makes of each wave; which language it hears is noted on the way."""
        import whisper  # only here and where it decodes: it brings a compiler of 60 MB

        # Padded after the mel, as whisper.transcribe pads a short clip; padding the sound gives other transcripts.
        sounds = [torch.from_numpy(np.ascontiguousarray(wave, dtype=np.float32)) for wave in waves]
        bands, frames = self.model.dims.n_mels, whisper.audio.N_FRAMES
        mels = [whisper.log_mel_spectrogram(sound, bands, padding=WINDOW) for sound in sounds]
        mels = [whisper.pad_or_trim(mel[:, : mel.shape[1] - frames], frames) for mel in mels]
        encoded = self.model.embed_audio(torch.stack(mels).to(self.model.device))
        if self.model.is_multilingual:
            self.others.note(waves, self.model.detect_language(encoded)[1])
        return encoded

    def _batch(self, waves: Sequence[np.ndarray], temperature: float = 0.0) -> list[str]:
        import whisper

        options = whisper.DecodingOptions(
            language=self.settings.language,
            temperature=temperature,
            without_timestamps=True,
            prompt=self.settings.prompt or None,
            fp16=False,
        )
        results = whisper.decode(self.model, self._encoded(waves), options)
        silent = [r.no_speech_prob > NO_SPEECH and r.avg_logprob < UNLIKELY for r in results]
        return ["" if nothing else self._clean(r.text) for r, nothing in zip(results, silent, strict=True)]

    def _transcribed(self, wave: np.ndarray, temperature: float, **more):
        """A dict of `whisper`, segments of `faster`, both asked alike; times where `more` asks for those of words."""
        asked = {"language": self.settings.language, "initial_prompt": self.settings.prompt or None}
        asked |= {"without_timestamps": not more} | FIXED | {"temperature": temperature} | more
        if self.settings.backend == "faster":
            return self.model.transcribe(wave, beam_size=1, **asked)[0]
        return self.model.transcribe(wave, verbose=None, fp16=False, **asked)


def _joined(timed: list[tuple[str, float, float]]) -> str:
    return "".join(word for word, _, _ in timed)


def load(
    name: str,
    device: str = "",
    backend: str = "whisper",
    language: str = "zh",
    compute: str = "float32",
    instead: str = "read the transcripts that the corpus brings",
) -> Recogniser:
    """Whisper by name (`base`, `large-v3` …) from the caches of this machine, or by path.

    Args:
        name: a name, a checkpoint file (`whisper`), or a folder with model.bin (`faster`).
        device: `cpu` or `cuda`; where none is named, a GPU if there is one, and for `faster`, which wants CUDA
            libraries of its own, the CPU.
        compute: `float32`, or for `faster` also `int8`.
        instead: what one can do without the weights, for the sentence that says they are not there.

    Raises:
        AsrError: unknown back-end or device; weights that are not on this machine, or damaged. Nothing is downloaded.
    """
    if backend not in BACKENDS:
        raise AsrError(f"no Whisper back-end named {backend!r}: choose one of {', '.join(BACKENDS)}")
    gpu = torch.cuda.is_available()
    device = device or ("cuda" if gpu and backend == "whisper" else "cpu")
    if device not in ("cpu", "cuda") or device == "cuda" and not gpu:
        raise AsrError(f"no device {device!r} on this machine: choose {'cpu or cuda' if gpu else 'cpu'}")
    try:
        path = checkpoint(name) if backend == "whisper" else folder(name)
        model = openai(path, device) if backend == "whisper" else faster(path, device, compute)
    except AsrError as error:
        raise AsrError(f"{error}, or {instead}") from None
    except Exception as error:  # damaged weights fail in as many ways as a file can be damaged
        raise AsrError(
            f"{path} holds no whole Whisper weights ({type(error).__name__}): download them again, or {instead}"
        ) from None
    return Recogniser(model, Settings(backend, identity(path), language, PROMPT.get(language, ""), compute))


def transcribe(
    model: Recogniser, waves: Iterable[np.ndarray], batch_size: int = 8, progress: Callable[[int], None] | None = None
) -> list[str]:
    """Text of each waveform, in the order given; clips of like lengths go together.

    Args:
        progress: is called with the number of clips done so far.
    """
    waves = list(waves)
    order, texts, done = np.argsort([len(wave) for wave in waves], kind="stable"), [""] * len(waves), 0
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        for row, text in zip(rows, model.texts([waves[r] for r in rows]), strict=True):
            texts[row] = text
        done += len(rows)
        if progress:
            progress(done)
    return texts


@dataclass(frozen=True)
class Errors:
    """How a transcript differs from what was said, in characters (Levenshtein)."""

    substitutions: int
    insertions: int
    deletions: int
    characters: int

    @property
    def rate(self) -> float:
        """(S + I + D) / characters of the reference; more than 1 where much was made up."""
        return (self.substitutions + self.insertions + self.deletions) / max(self.characters, 1)


def character_errors(said: Sequence[str], heard: Sequence[str]) -> Errors:
    """Errors over all pairs. Compared are letters and digits in lower case: Whisper's punctuation is its own.

    >>> character_errors(["今天很好", "走吧"], ["今天真很好！", "走"])
    Errors(substitutions=0, insertions=1, deletions=1, characters=6)
    """
    said, heard = ([letters(text.lower()) for text in texts] for texts in (said, heard))
    edits = jiwer.process_characters(said, heard)
    return Errors(edits.substitutions, edits.insertions, edits.deletions, sum(map(len, said)))


def recorded(settings: Settings) -> dict:
    """The settings and versions that a transcript depends on, for records."""
    package = {"whisper": "openai-whisper", "faster": "faster-whisper"}[settings.backend]
    version = versions([package])[package]
    guards = {"loops": LOOP, "speech": "cut"}
    return asdict(settings) | FIXED | guards | {"beam_size": 1, "padding": "mel", "package": f"{package} {version}"}
