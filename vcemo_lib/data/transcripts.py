"""Transcribing a whole corpus: cached by the sound's content, resumed after a kill, a bad clip named and skipped."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..audio.signal import AudioError
from ..audio.silero_vad import around_speech
from ..audio.whisper_asr import Recogniser, recorded
from ..config import SAMPLE_RATE
from ..digests import sha256
from ..disk import disk_in_words
from ..messages import log
from ..paths import cache_dir
from ..storage import locked, sealed, unsealed, write_bytes, write_json
from .corpus import Corpus, content, require_sound, unchanged


@dataclass(frozen=True)
class Transcribed:
    """A corpus with its transcripts.

    Args:
        problems: the clips that could not be read, by id, and why.
        new, seconds: how many were transcribed now, and what all the clips took, now or before.
        processes: clips that each process transcribed, in order; more than one where a run was killed and resumed.
    """

    corpus: Corpus
    problems: dict[str, str]
    new: int
    seconds: float
    processes: tuple[int, ...]


def transcribe_corpus(
    corpus: Corpus, model: Recogniser, batch_size: int = 8, progress: Callable[[int], None] | None = None
) -> Transcribed:
    """Fill `text_asr`; what was transcribed before by the same settings is not done again.

    Every batch is written when it is done, so that a killed run goes on where it was. A clip that cannot be read gets
    an empty text and stands in `problems`; one without speech gets an empty text.

    Raises:
        CorpusError: the corpus is text only.
        VadError: the voice detector is not installed.
    """
    store = Store(recorded(model.settings))
    texts, outcome = _hear(corpus, store, lambda waves: _texts(model, waves), batch_size, progress)
    frame = corpus.frame.assign(text_asr=[texts.get(utterance, "") for utterance in corpus.ids])
    return replace(outcome, corpus=replace(corpus, frame=frame))


def time_words(corpus: Corpus, model: Recogniser, progress: Callable[[int], None] | None = None) -> Transcribed:
    """Fill `words` and `word_times`, the recognised words and their times in seconds; kept as transcripts are.

    CME needs them (`text/alignment.py`) where a corpus brings no alignment of its own.
    """
    store = Store(recorded(model.settings) | {"asked_for": "word times"})
    timed, outcome = _hear(corpus, store, lambda waves: [_timed(model, wave) for wave in waves], 1, progress)
    rows = [timed.get(utterance, []) for utterance in corpus.ids]
    frame = corpus.frame.assign(
        words=[[word for word, _, _ in row] for row in rows],
        word_times=[[(start, end) for _, start, end in row] for row in rows],
    )
    return replace(outcome, corpus=replace(corpus, frame=frame))


def _texts(model: Recogniser, waves: list[np.ndarray]) -> list[str]:
    """What is said in each wave, heard where there is speech; "" without any."""
    cuts = [around_speech(wave) for wave in waves]
    heard = iter(model.texts([wave[slice(*cut)] for wave, cut in zip(waves, cuts, strict=True) if cut]))
    return [next(heard) if cut else "" for cut in cuts]


def _timed(model: Recogniser, wave: np.ndarray) -> list[tuple[str, float, float]]:
    """The words of a wave with their times in it, likewise."""
    cut = around_speech(wave)
    before = cut[0] / SAMPLE_RATE if cut else 0.0
    words = model.words(wave[slice(*cut)]) if cut else []
    return [(word, start + before, end + before) for word, start, end in words]


def _hear(
    corpus: Corpus,
    store: "Store",
    answer: Callable[[list[np.ndarray]], list],
    batch_size: int,
    progress: Callable[[int], None] | None,
) -> tuple[dict, Transcribed]:
    """What `answer` says of each clip, by id, from the store where that knows it."""
    require_sound(corpus)
    audio = corpus.frame.set_index("id")["audio"]
    digests = audio.map(content)
    problems = {u: f"no such audio file: {audio[u]}: check the corpus root" for u in digests.index[digests == ""]}
    digests = digests[digests != ""].to_dict()
    with store.alone():
        known = store.answers
        todo = {utterance: digest for utterance, digest in digests.items() if digest not in known}
        new = 0
        for batch in _by_length(corpus, todo, batch_size, problems):
            start = time.perf_counter()
            answers = answer(list(batch.values()))
            store.add({digests[u]: one for u, one in zip(batch, answers, strict=True)}, time.perf_counter() - start)
            new += len(batch)
            if progress:
                progress(len(corpus) - len(todo) + new)
        known = store.answers
    answers = {utterance: known[digest] for utterance, digest in digests.items() if digest in known}
    return answers, Transcribed(corpus, problems, new, *store.cost(digests.values()))


def _by_length(
    corpus: Corpus, digests: dict[str, str], batch_size: int, problems: dict[str, str]
) -> Iterator[dict[str, np.ndarray]]:
    """Batches id → wave of like lengths, sorted within pools of 32 batches: a large corpus need not be in memory.

    A file that is no longer the one whose digest was taken is a problem: its text would be kept for the other.
    """
    ids = list(digests)
    for start in range(0, len(ids), 32 * batch_size):
        waves = {}
        for utterance in ids[start : start + 32 * batch_size]:
            try:
                waves[utterance] = unchanged(corpus.row(utterance)["audio"], digests[utterance])
            except AudioError as error:
                problems[utterance] = str(error)
        order = sorted(waves, key=lambda utterance: len(waves[utterance]))
        for first in range(0, len(order), batch_size):
            yield {utterance: waves[utterance] for utterance in order[first : first + batch_size]}


class Store:
    """The transcript of each clip by the digest of its sound, one JSON line each, in a folder named by the settings."""

    def __init__(self, settings: dict):
        self.folder = cache_dir() / "asr" / sha256(json.dumps(settings, sort_keys=True).encode())[:16]
        self.path = self.folder / "texts.jsonl"
        if not (self.folder / "settings.json").is_file():
            write_json(self.folder / "settings.json", settings)
        self._read()

    def _read(self) -> None:
        self._lines, self._damaged = read_lines(self.path)
        self._process = 1 + max((line["process"] for line in self._lines.values()), default=0)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Of two processes that hear the same corpus the second waits, and reads what the first heard.

        Lines that cannot be read are taken out; their clips are heard again.
        """
        with locked(self.path):
            self._read()
            if self._damaged:
                log.info(f"{self._damaged} kept transcripts are damaged, as after a kill: those clips are heard again")
                write_bytes(self.path, _as_lines(self._lines.values()))
            yield

    @property
    def answers(self) -> dict:
        """By digest: a text, or a list of words with their times."""
        return {audio: line["text"] for audio, line in self._lines.items()}

    def cost(self, audio: Iterable[str]) -> tuple[float, tuple[int, ...]]:
        """What these clips took in seconds, and how many of them each process transcribed."""
        lines = [self._lines[digest] for digest in dict.fromkeys(audio) if digest in self._lines]
        shares = Counter(line["process"] for line in lines)
        return sum(line["seconds"] for line in lines), tuple(shares[process] for process in sorted(shares))

    def add(self, texts: dict, seconds: float) -> None:
        """Keep the transcripts of a batch, by digest, and have them on disk before going on."""
        share = {"seconds": round(seconds / len(texts), 3), "process": self._process}
        lines = {audio: {"audio": audio, "text": text} | share for audio, text in texts.items()}
        content = b"\n" + _as_lines(lines.values())  # a line that was cut short before ends at the first line break
        with disk_in_words(self.path, len(content)), open(self.path, "ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._lines |= lines


def _as_lines(lines: Iterable[dict]) -> bytes:
    return "".join(json.dumps(sealed(line), ensure_ascii=False) + "\n" for line in lines).encode()


def read_lines(path: Path) -> tuple[dict[str, dict], int]:
    """The whole lines of a store, by digest, and how many others there are: damaged, or cut inside a character too."""
    whole, damaged = {}, 0
    for text in path.read_bytes().split(b"\n") if path.is_file() else ():
        if text:
            try:
                line = unsealed(json.loads(text.decode()))
                whole[line["audio"]] = {name: line[name] for name in ("audio", "text", "seconds", "process")}
            except (ValueError, KeyError, TypeError):
                damaged += 1
    return whole, damaged
