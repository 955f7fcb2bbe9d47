"""From a corpus to batches: what a model reads of each utterance, computed once."""

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np
import pandas as pd
import torch
from torch.nn.utils.rnn import pad_sequence

from ..config import MODALITIES, FeatureConfig
from ..digests import content_key
from ..text.alignment import has_times, timed_letters, word_spans
from .array_cache import Ragged, cached
from .batch import Batch
from .corpus import Corpus
from .feature_encoders import FeatureEncoders
from .modalities import DESCRIBED, reads_text
from .sound import Sound
from .texts import texts_of, words_of

VERSION = 1  # of what is made of text, as `sound.VERSION` of what is made of sound


class FeatureStore:
    """Features of every utterance of a corpus, memory-mapped, and the batches made of them.

    Args:
        modalities: what is computed now, so that what cannot be had is refused here, and stands in the batches.
            The other attributes, such as `words`, are computed when they are first asked for.
        keep: whether they are kept in the cache, for the next time; else in memory alone.
        encoders: what makes the features, where it is loaded already.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: FeatureConfig,
        modalities: Sequence[str] = MODALITIES,
        keep: bool = True,
        encoders: FeatureEncoders | None = None,
    ):
        self.corpus, self.config, self.keep, self._encoders = corpus, config, keep, encoders
        self.sound = Sound(corpus, config, keep, encoders)
        self.modalities = tuple(name for name in DESCRIBED if name in modalities)
        self.index, self._emotions = self.sound.index, corpus.frame["emotion"].to_numpy()
        if reads_text(self.modalities):
            _ = self.tokens  # takes no time: a text that cannot be had is told before the sound is read
        self.features = {name: DESCRIBED[name].features(self) for name in self.modalities}

    @property
    def encoders(self) -> FeatureEncoders:
        """What makes the features. Those that nobody gave are not held: they take more room than the features."""
        return self._encoders or FeatureEncoders(self.config)

    @cached_property
    def texts(self) -> list[str]:
        """What is read of each utterance, misheard where the settings say so."""
        return texts_of(self.corpus, self.config.text, self.config.homophones)

    @cached_property
    def has_text(self) -> bool:
        """Whether the column that is read holds any text; a corpus of sounds alone has none."""
        return self.config.text in self.corpus.frame and bool(self.corpus.frame[self.config.text].notna().any())

    @cached_property
    def tokens(self) -> list[list[str]]:
        """The words of each text, as many as are read."""
        return [words[: self.config.max_tokens] for words in self._all_tokens]

    @cached_property
    def _all_tokens(self) -> list[list[str]]:
        return words_of(self.texts, self.config.segmenter, self.corpus.language, self.keep)

    def words_read(self, row: int, positions: int) -> tuple[int, int]:
        """How many words a text has, and how many of them a model of so many positions reads; 0 where it reads none."""
        words = len(self._all_tokens[row]) if "words" in self.modalities else 0
        return words, min(words, self.config.max_tokens, positions)

    def tokens_read(self, row: int) -> tuple[int, int]:
        """How many tokens a text has for BERT, and how many of them it reads; 0 where nothing can be left out."""
        if "bert" not in self.modalities or len(self.texts[row]) <= 50:  # the smallest encoder takes 64
            return 0, 0
        read, tokens = self.encoders.sentences.reads(self.texts[row])
        return tokens, read

    def cut_text(self, row: int, positions: int) -> tuple[str, ...]:
        """What is not read of a text by a model of so many positions, in a few words; nothing where all of it is."""
        words, read = self.words_read(row, positions)
        found = [f"{words} words, of which the first {read} are read"] if words > read else []
        tokens, read = self.tokens_read(row)
        found += [f"{tokens} tokens, of which BERT reads the first {read}"] if tokens > read else []
        return tuple(found)

    @cached_property
    def mel(self) -> Ragged:
        """(T, n_mels) of each recording, or (T, D) of a speech model."""
        return self.sound.recordings

    @cached_property
    def words(self) -> Ragged:
        """(S, 300) vectors of the words of each text."""
        vectors = self.encoders.vectors
        key = content_key(VERSION, vectors.words, vectors.table.tobytes(), self.tokens) if self.keep else ""
        made = partial(map, vectors.encode, self.tokens)
        return cached("words", key, made, keep=self.keep, count=len(self.tokens))

    @cached_property
    def bert(self) -> Ragged:
        """(1, E) vector of each text."""
        encoders, pooling = self.encoders, self.config.bert_pooling
        key = content_key(VERSION, encoders.sentence_fingerprint, pooling, self.texts) if self.keep else ""
        return cached(
            "bert",
            key,
            lambda: encoders.sentences.encode(self.texts, pooling)[:, None],
            dtype=np.float32,
            keep=self.keep,
            count=len(self.texts),
        )

    @cached_property
    def spans(self) -> list[np.ndarray]:
        """(S, 2) frames of each word; zeros, and `has_times` False, where the corpus brings no times."""
        if not self.has_times:
            return [np.zeros((max(len(t), 1), 2), dtype=np.int64) for t in self.tokens]
        rate, timed = self.sound.frames_per_second, timed_letters(self.corpus.frame)
        limit = int(self.config.max_seconds * rate)
        spans = [word_spans(words, *spoken, rate) for words, spoken in zip(self.tokens, timed, strict=True)]
        return [np.minimum(s, limit) if len(s) else np.zeros((1, 2), dtype=np.int64) for s in spans]

    @cached_property
    def lengths(self) -> np.ndarray:
        """(N,) frames of sound of each utterance, by which batches are made even; without sound 1 each."""
        return self.mel.lengths if "audio" in self.modalities else self.sound.lengths()

    @property
    def has_times(self) -> bool:
        """Whether the corpus says when each word was spoken."""
        return has_times(self.corpus.frame)

    @property
    def speech(self):
        """The speech model whose frames stand in place of the mel, if any."""
        return self.sound.speech

    @property
    def widths(self) -> dict[str, int | None]:
        """The fields of `ModelConfig` that these features decide; that of the speech model is None without one."""
        sizes = {DESCRIBED[name].width: self.width(name) for name in self.modalities}
        if frames := sizes.pop("frame_dim", None):
            sizes["speech_dim"] = frames if self.speech else None
        return {field: size for field, size in sizes.items() if isinstance(field, str)}

    def width(self, name: str) -> int:
        """How many numbers a vector of this modality has."""
        return np.shape(self.features[name][0])[-1]

    def augment(self, train_ids: Sequence[str]) -> "FeatureStore":
        """Give the augmented copies of the training utterances, and of no others: call it after splitting."""
        self.sound.augment(train_ids)
        return self

    def batch(self, ids: Sequence[str], labels: Sequence[str], copy: Sequence[int] | None = None) -> Batch:
        """Pad and stack these utterances.

        Args:
            ids: B utterance ids.
            labels: the task's label order, e.g. `corpus.task_labels(6)`.
            copy: for each utterance 0 for the recording, k for its k-th augmented copy; None = all recordings.
        """
        rows = [self.index[i] for i in ids]
        copy = [0] * len(rows) if copy is None else copy
        tensors = self._unread(rows)
        for name in self.modalities:
            tensors |= DESCRIBED[name].collate([self.values(name, i, c) for i, c in zip(ids, copy, strict=True)])
        return Batch.of(
            tensors,
            spans=self._spans(rows, tensors["mel_mask"].sum(1).tolist()),
            labels=torch.tensor([labels.index(self._emotions[r]) for r in rows]),
            ids=tuple(ids),
        )

    def values(self, name: str, utterance: str, copy: int = 0) -> np.ndarray:
        """What a batch holds of one utterance, or of its copy."""
        read = DESCRIBED[name].read
        return read(self, utterance, copy) if read else self.features[name][self.index[utterance]]

    def _unread(self, rows: list[int]) -> dict[str, torch.Tensor]:
        """What stands in a batch for what is not read: as long as it is, and empty.

        As long as it is, for what is drawn at random while training (SpecAugment) depends on the lengths: the draws
        of a seed are the same whatever a model reads, and two rows of an ablation differ in nothing else.
        """
        tensors = {}
        for modality in DESCRIBED.values():
            if modality.name not in self.modalities and modality.unread:
                tensors |= modality.collate([modality.unread(self, row) for row in rows])
        return tensors

    def _spans(self, rows: list[int], lengths: list[int]) -> torch.Tensor:
        """(B, S, 2) frames of the words; in a copy that is slower or faster they are stretched as it is."""
        if "words" not in self.modalities:
            return torch.zeros(len(rows), 1, 2, dtype=torch.long)
        stretched = [self.spans[r] * (n / max(self.lengths[r], 1)) for r, n in zip(rows, lengths, strict=True)]
        return pad_sequence([torch.from_numpy(np.rint(s).astype(np.int64)) for s in stretched], batch_first=True)


def describe(store: FeatureStore) -> pd.Series:
    """What the features were made of, for printing and for the protocol card."""
    config = store.config
    settings = {n: getattr(config, n) for n in ("text", "segmenter", "vectors", "bert", "bert_pooling", "copies")}
    return pd.Series({"corpus": store.corpus.name, "utterances": len(store.corpus)} | settings)
