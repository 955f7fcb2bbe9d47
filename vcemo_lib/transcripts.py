"""Transcribing a whole corpus: cached by the sound's content, resumed after a kill, a bad clip named and passed over."""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .asr import Recogniser, recorded
from .audio import AudioError
from .corpus import Corpus, CorpusError
from .paths import cache_dir


@dataclass(frozen=True)
class Transcribed:
    """A corpus with `text_asr` filled.

    Args:
        problems: the clips that could not be heard, by id.
        new: how many were heard now.
        seconds: what all the clips took that were heard, now or before.
        processes: clips that each process heard, in order; more than one where a run was killed and went on.
    """

    corpus: Corpus
    problems: dict[str, str]
    new: int
    seconds: float
    processes: tuple[int, ...]


def transcribe_corpus(corpus: Corpus, model: Recogniser, batch_size: int = 8,
                      progress: Callable[[int], None] | None = None) -> Transcribed:
    """Fill `text_asr`; what was transcribed before by the same settings is not done again.

    Every batch is written when it is done, so that a killed run goes on where it was. A clip that cannot be read gets
    an empty text and stands in `problems`.
    """
    if not corpus.has_audio:
        raise CorpusError(f"corpus {corpus.name} is text only: there is nothing to transcribe")
    store = Store(recorded(model.settings))
    problems, digests = {}, {}
    for utterance, audio in zip(corpus.frame["id"], corpus.frame["audio"], strict=True):
        if isinstance(audio, bytes) or Path(audio).is_file():
            digests[utterance] = _digest(audio)
        else:
            problems[utterance] = f"no such audio file: {audio}: check the corpus root"
    known = store.texts
    todo = [utterance for utterance, digest in digests.items() if digest not in known]
    done, new = len(corpus) - len(todo), 0
    for batch in _by_length(corpus, todo, batch_size, problems):
        start = time.perf_counter()
        texts = model.texts(list(batch.values()))
        store.add({digests[u]: text for u, text in zip(batch, texts, strict=True)}, time.perf_counter() - start)
        done, new = done + len(batch), new + len(batch)
        if progress:
            progress(done)
    known = store.texts
    texts = [known.get(digests.get(utterance), "") for utterance in corpus.ids]
    heard = replace(corpus, frame=corpus.frame.assign(text_asr=texts))
    return Transcribed(heard, problems, new, *store.cost(digests.values()))


def _by_length(corpus: Corpus, ids: list[str], batch_size: int, problems: dict[str, str]) -> Iterator[dict[str, np.ndarray]]:
    """Batches id → wave of like lengths. Sorted within pools of 32 batches, so that a large corpus need not be in memory."""
    for start in range(0, len(ids), 32 * batch_size):
        waves = {}
        for utterance in ids[start:start + 32 * batch_size]:
            try:
                waves[utterance] = corpus.wave(utterance)
            except AudioError as error:
                problems[utterance] = str(error)
        order = sorted(waves, key=lambda utterance: len(waves[utterance]))
        for first in range(0, len(order), batch_size):
            yield {utterance: waves[utterance] for utterance in order[first:first + batch_size]}


class Store:
    """Transcripts by the digest of their sound, one JSON line each, in a folder named by the settings."""

    def __init__(self, settings: dict):
        key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        self.folder = cache_dir() / "asr" / key
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"settings.{os.getpid()}.part"
        part.write_text(json.dumps(settings, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(part, self.folder / "settings.json")
        self.path = self.folder / "texts.jsonl"
        self._lines = {line["audio"]: line for line in self._read()}
        self._process = 1 + max((line["process"] for line in self._lines.values()), default=0)

    @property
    def texts(self) -> dict[str, str]:
        return {audio: line["text"] for audio, line in self._lines.items()}

    def cost(self, audio: Iterable[str]) -> tuple[float, tuple[int, ...]]:
        """What these clips took in seconds, and how many of them each process heard."""
        found = [self._lines[digest] for digest in dict.fromkeys(audio) if digest in self._lines]
        shares = Counter(line["process"] for line in found)
        return sum(line["seconds"] for line in found), tuple(shares[process] for process in sorted(shares))

    def _read(self) -> Iterator[dict]:
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else ():
            try:
                found = json.loads(line)
                yield {name: found[name] for name in ("audio", "text", "seconds", "process")}
            except (json.JSONDecodeError, KeyError):
                continue  # the line that was being written when a run was killed; its clip is heard again

    def add(self, texts: dict[str, str], seconds: float) -> None:
        """Keep the texts of a batch, which took so long, and have them on disk before going on."""
        share = {"seconds": round(seconds / len(texts), 3), "process": self._process}
        lines = {audio: {"audio": audio, "text": text} | share for audio, text in texts.items()}
        with open(self.path, "a", encoding="utf-8") as file:
            # a line that was cut short before ends at the first line break
            file.write("\n" + "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines.values()))
            file.flush()
            os.fsync(file.fileno())
        self._lines |= lines


def _digest(audio: bytes | str) -> str:
    return hashlib.sha256(audio if isinstance(audio, bytes) else Path(audio).read_bytes()).hexdigest()
