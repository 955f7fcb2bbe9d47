"""From a corpus to batches: mel, word vectors and a sentence vector of each utterance, computed once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.nn.utils.rnn import pad_sequence

from ..audio import speech_encoder as speech
from ..audio.augment import augmented
from ..audio.signal import AudioError, decode, log_mel, normalise
from ..config import SAMPLE_RATE, FeatureConfig
from ..digests import content_key, settings, sha256
from ..text.alignment import (
    FRAMES_PER_SECOND,
    has_times,
    timed_letters,
    word_spans,
)
from ..text.bert import SentenceEncoder
from ..text.homophones import misheard
from ..text.word_vectors import WordVectors, segment
from .array_cache import cached
from .batch import Batch
from .corpus import Corpus, CorpusError

VERSION = 1  # raise it when the same settings begin to give other features


class FeatureStore:
    """Features of every utterance of a corpus, memory-mapped, and the batches made of them."""

    def __init__(self, corpus: Corpus, config: FeatureConfig):
        self.corpus, self.config = corpus, config
        self.index = {utterance: i for i, utterance in enumerate(corpus.ids)}
        self.texts = _texts(corpus, config.text, config.homophones)
        self.tokens = [segment(t, config.segmenter, corpus.language)[: config.max_tokens] for t in self.texts]
        self._audio_digest = [_digest(audio) if corpus.has_audio else "" for audio in corpus.frame["audio"]]
        self.speech = speech.load(config.speech, config.speech_layer) if config.speech and corpus.has_audio else None
        self.mel = self._mels(0)
        self._of_speaker = self._speaker_means() if config.normalise == "speaker" else {}
        self._copies: list = []
        self._copied: dict[str, int] = {}
        self.words = self._word_vectors()
        self.bert = self._sentence_vectors()
        self.spans = self._spans()

    @property
    def bert_dim(self) -> int:
        return self.bert.values.shape[1]

    @property
    def speech_dim(self) -> int | None:
        return self.mel.values.shape[1] if self.speech else None

    def augment(self, train_ids: Sequence[str]) -> "FeatureStore":
        """Give the augmented copies of the training utterances, and of no others: call it after splitting.

        A copy is made of its own clip alone, so the copies of all clips are kept together, once for all splits.
        """
        self._copied = {utterance: self.index[utterance] for utterance in train_ids}
        self._copies = [self._mels(copy) for copy in range(1, self.config.copies + 1) if train_ids]
        return self

    def batch(self, ids: Sequence[str], labels: Sequence[str], copy: Sequence[int] | None = None) -> Batch:
        """Pad and stack these utterances.

        Args:
            ids: B utterance ids.
            labels: the task's label order, e.g. `task_labels(6)`.
            copy: for each utterance 0 for the recording, k for its k-th augmented copy; None = all recordings.
        """
        rows = [self.index[i] for i in ids]
        copy = [0] * len(rows) if copy is None else copy
        mels = [self._normalised(i, c) for i, c in zip(ids, copy, strict=True)]
        stretch = [len(mel) / max(self.mel.lengths[row], 1) for mel, row in zip(mels, rows, strict=True)]
        spans = [
            torch.from_numpy(np.rint(self.spans[r] * s).astype(np.int64)) for r, s in zip(rows, stretch, strict=True)
        ]
        mel, mel_mask = _pad([torch.from_numpy(m) for m in mels])
        words, words_mask = _pad([torch.from_numpy(self.words[r].astype(np.float32)) for r in rows])
        emotion = self.corpus.frame["emotion"].to_numpy()
        return Batch(
            mel,
            mel_mask,
            words,
            words_mask,
            torch.from_numpy(np.stack([self.bert[r][0] for r in rows]).astype(np.float32)),
            pad_sequence(spans, batch_first=True),
            torch.tensor([labels.index(emotion[r]) for r in rows]),
            tuple(ids),
        )

    def _normalised(self, utterance: str, copy: int) -> np.ndarray:
        mel = self._mel(utterance, copy).astype(np.float32)
        if self.config.normalise != "speaker":
            return normalise(mel, self.config.normalise)
        mean, deviation = self._of_speaker[self._speakers[self.index[utterance]]]
        return (mel - mean) / deviation

    def _speaker_means(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Mean and deviation of each band over all recordings of a speaker. They need no labels, but they need the
        speaker's other recordings, those of the test part among them: a result must say so."""
        self._speakers = self.corpus.frame["speaker"].to_numpy()
        found = {}
        for speaker in dict.fromkeys(self._speakers):
            frames = np.concatenate([self.mel[r] for r in np.flatnonzero(self._speakers == speaker)]).astype(np.float32)
            found[speaker] = frames.mean(0), frames.std(0).clip(min=1e-3)
        return found

    def _mel(self, utterance: str, copy: int) -> np.ndarray:
        if copy == 0:
            return self.mel[self.index[utterance]]
        if utterance not in self._copied:
            raise CorpusError(f"utterance {utterance!r} has no augmented copy: only training utterances are augmented")
        return self._copies[copy - 1][self._copied[utterance]]

    def _mels(self, copy: int):
        config, rows = self.config, range(len(self.corpus))
        heard = self.speech.fingerprint if self.speech else settings(config.mel)
        recipe = (VERSION, heard, config.max_seconds, settings(config.augmentation) if copy else 0, copy)
        key = content_key(recipe, self._audio_digest)
        return cached("mel", key, lambda: _in_threads(lambda row: self._made(row, copy), rows))

    def _made(self, row: int, copy: int) -> np.ndarray:
        """The log-mel of a recording, or of its copy, (T, n_mels); or the frames of the speech model.

        Of a corpus of text only it is one empty frame, which no model reads: `fit` refuses the audio branch there.
        """
        if not self.corpus.has_audio:
            return np.zeros((1, self.config.mel.n_mels))
        wave = self._wave(row)[: int(self.config.max_seconds * SAMPLE_RATE)]
        if copy:  # seeded by the clip and the copy's number: the same copy in any order and any subset
            wave = augmented(wave, self.config.augmentation, _generator(self._audio_digest[row], copy))
        return self.speech.frames(wave) if self.speech else log_mel(wave, self.config.mel)

    def _wave(self, row: int) -> np.ndarray:
        try:
            return decode(self.corpus.frame["audio"].iloc[row])
        except AudioError as error:
            raise AudioError(f"{self.corpus.name}: row {row + 1} (id {self.corpus.ids[row]!r}): {error}") from None

    def _word_vectors(self):
        vectors = WordVectors.load(self.config.vectors)
        key = content_key(VERSION, vectors.words, vectors.table.tobytes(), self.tokens)
        return cached("words", key, lambda: (vectors.encode(tokens) for tokens in self.tokens))

    def _sentence_vectors(self):
        name, pooling = self.config.bert, self.config.bert_pooling
        encoder = SentenceEncoder.load(name)
        key = content_key(VERSION, encoder.fingerprint, pooling, self.texts)
        return cached("bert", key, lambda: encoder.encode(self.texts, pooling)[:, None], dtype=np.float32)

    def _spans(self) -> list[np.ndarray]:
        """(S, 2) frames of each word; zeros, and `has_times` False, where the corpus brings no times."""
        self.has_times = has_times(self.corpus.frame)
        if not self.has_times:
            return [np.zeros((max(len(t), 1), 2), dtype=np.int64) for t in self.tokens]
        timed = timed_letters(self.corpus.frame)
        spans = [word_spans(tokens, *spoken) for tokens, spoken in zip(self.tokens, timed, strict=True)]
        limit = int(self.config.max_seconds * FRAMES_PER_SECOND)
        size = 2 if self.speech else 1  # mel frames in one frame of a speech model
        return [np.minimum(s, limit) // size if len(s) else np.zeros((1, 2), dtype=np.int64) for s in spans]


def _in_threads(work: Callable[[int], np.ndarray], rows: Sequence[int]) -> Iterator[np.ndarray]:
    """The work of each row, in order, by as many threads as torch may use; a few rows at a time, so that little waits."""
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        for start in range(0, len(rows), 256):
            yield from pool.map(work, rows[start : start + 256])


def _texts(corpus: Corpus, column: str, homophones: float | None) -> list[str]:
    if column not in corpus.frame:
        raise CorpusError(f"corpus {corpus.name} has no column {column!r}: set the recipe's text to one it has")
    texts = corpus.frame[column]
    if texts.isna().all():
        raise CorpusError(
            f"column {column!r} of corpus {corpus.name} is empty: transcribe it first, "
            "or set the recipe's text to 'text'"
        )
    texts = texts.fillna("").astype(str)
    return [misheard(text, homophones) for text in texts] if homophones else texts.tolist()


def _pad(arrays: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([len(a) for a in arrays])
    padded = pad_sequence(arrays, batch_first=True)
    return padded, torch.arange(padded.shape[1])[None] < lengths[:, None]


def _digest(audio: bytes | str) -> str:
    """Identity of a clip: the hash of its bytes, wherever it lies."""
    if isinstance(audio, str) and not Path(audio).is_file():
        raise CorpusError(f"no such audio file: {audio}: check the corpus root")
    return sha256(audio)


def _generator(digest: str, copy: int) -> np.random.Generator:
    return np.random.default_rng([int(digest[:12], 16), copy])


def describe(store: FeatureStore) -> pd.Series:
    """What the features were made of, for printing and for the protocol card."""
    config = store.config
    return pd.Series(
        {
            "corpus": store.corpus.name,
            "utterances": len(store.corpus),
            "text": config.text,
            "segmenter": config.segmenter,
            "vectors": config.vectors,
            "bert": config.bert,
            "bert_pooling": config.bert_pooling,
            "copies": config.copies,
        }
    )
