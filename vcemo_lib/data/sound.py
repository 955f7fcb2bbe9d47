"""The sound of every utterance as frames: the log-mel, or what a speech model makes of it, and its augmented copies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch

from ..audio.augment import augmented
from ..audio.prosody import HOP
from ..audio.signal import AudioError, at_reference, decode, gain_taken, log_mel, n_samples, normalise
from ..config import SAMPLE_RATE, FeatureConfig
from ..digests import content_key, settings
from .array_cache import Ragged, cached
from .corpus import UNNAMED, Corpus, CorpusError, content, unchanged
from .feature_encoders import FeatureEncoders
from .voices import Voice, voice_of

# Every setting that changes what is stored changes its key. Code does not: raise this number when the same settings
# begin to give other features (tests/data/test_feature_settings.py holds some of them, and fails then).
VERSION = 3


class Sound:
    """Frames of every recording of a corpus, memory-mapped, and of the augmented copies of some.

    Args:
        keep: whether they are kept in the cache; else in memory alone.
        encoders: the speech model, where it is loaded already.
    """

    def __init__(
        self, corpus: Corpus, config: FeatureConfig, keep: bool = True, encoders: FeatureEncoders | None = None
    ):
        self.corpus, self.config, self.keep = corpus, config, keep
        self.encoders = encoders or FeatureEncoders(config)
        self.index = {utterance: i for i, utterance in enumerate(corpus.ids)}
        self._copies: list[Ragged] = []
        self._copied: frozenset[str] = frozenset()

    @property
    def speech(self):
        """The speech model whose frames stand in place of the mel, if any."""
        return self.encoders.speech if self.corpus.has_audio else None

    @property
    def keeps_gain(self) -> bool:
        """Whether frames hold the microphone's gain until the speaker's mean is taken away; a speech model's do not."""
        return self.config.level == "speaker" and not self.speech

    @property
    def frames_per_second(self) -> float:
        """Of what is read: of the speech model, else of the mel."""
        return SAMPLE_RATE / HOP if self.speech else self.config.mel.frames_per_second

    @cached_property
    def recordings(self) -> Ragged:
        """(T, n_mels) of each recording; (T, D) of a speech model."""
        self._require_speakers()
        return self._made(0)

    def augment(self, ids: Sequence[str]) -> None:
        """Make the copies of these utterances, and of no others.

        A copy is made of its own clip alone, so the copies of all clips are kept together, once for all splits.
        """
        self._copied = frozenset(ids)
        self._copies = [self._made(copy) for copy in range(1, self.config.copies + 1) if ids]

    def frames(self, utterance: str, copy: int = 0) -> np.ndarray:
        """(T, n_mels) of the recording, copy 0, or of its k-th copy; (T, D) of a speech model.

        Raises:
            CorpusError: the utterance has no augmented copy.
        """
        if copy and utterance not in self._copied:
            raise CorpusError(f"utterance {utterance!r} has no augmented copy: only training utterances are augmented")
        return (self._copies[copy - 1] if copy else self.recordings)[self.index[utterance]]

    def normalised(self, utterance: str, copy: int = 0) -> np.ndarray:
        """The frames as a model reads them (A41)."""
        frames = self.frames(utterance, copy).astype(np.float32)
        if self.config.normalise != "speaker":
            return normalise(frames, self.config.normalise)
        return self.voices[self._speakers[self.index[utterance]]].taken_from(frames)

    def enrol(self, voices: Mapping[str, Voice]) -> None:
        """Take these voices of the speakers, which come from elsewhere, in place of those of this corpus."""
        self.voices = dict(voices)

    def lengths(self) -> np.ndarray:
        """(N,) frames of each recording as the mel has them, by the headers of the files: nothing is decoded."""
        if not self.corpus.has_audio:
            return np.ones(len(self.corpus), int)
        return 1 + self.samples().clip(max=int(self.config.max_seconds * SAMPLE_RATE)) // self.config.mel.hop_length

    def samples(self) -> np.ndarray:
        """(N,) samples of each recording at 16 kHz, by the headers of the files, also those that are not read."""
        return np.array([self._read(row, n_samples) for row in range(len(self.corpus))])

    @cached_property
    def _speakers(self) -> np.ndarray:
        return self.corpus.frame["speaker"].to_numpy()

    def _require_speakers(self) -> None:
        """Raise CorpusError where the speaker's mean is to be taken from recordings that name no speaker."""
        nobody = self.corpus.frame.loc[self.corpus.frame["speaker"].isin([None, UNNAMED]), "id"]
        if self.corpus.has_audio and self.config.normalise == "speaker" and len(nobody):
            raise CorpusError(
                f"{self.corpus.name}: each speaker's mean is to be taken from the sound, and {len(nobody)} of "
                f"{len(self.corpus)} utterances, such as {nobody.iloc[0]!r}, name no speaker: fill them in, leave them "
                "out, or set normalise to 'band'"
            )

    @cached_property
    def voices(self) -> dict[str, Voice]:
        """Of each speaker, over all recordings, those of the test part among them: a result must say so."""
        rows_of = {speaker: np.flatnonzero(self._speakers == speaker) for speaker in dict.fromkeys(self._speakers)}
        return {speaker: voice_of([self.recordings[r] for r in rows]) for speaker, rows in rows_of.items()}

    @cached_property
    def _digests(self) -> list[str]:
        digests = self.corpus.frame["audio"].map(content)
        if self.corpus.has_audio and (digests == "").any():
            gone = self.corpus.frame["audio"][digests == ""].iloc[0]
            raise CorpusError(f"no such audio file: {gone}: check the corpus root")
        return digests.tolist()

    def _made(self, copy: int) -> Ragged:
        config, rows = self.config, range(len(self.corpus))
        heard = self.speech.fingerprint if self.speech else settings(config.mel)
        recipe = (VERSION, heard, config.max_seconds, settings(config.augmentation) if copy else 0, copy)
        if config.level != "recorded":
            recipe += (config.level,)
        key = content_key(recipe, self._digests) if self.keep else ""
        made = partial(_in_threads, lambda row: self._one(row, copy), rows)
        return cached("mel", key, made, keep=self.keep, count=len(rows))

    def _one(self, row: int, copy: int) -> np.ndarray:
        """Frames of a recording or a copy.

        Of a corpus of text only one empty frame, which no model reads: `fit` refuses the audio branch there.
        """
        if not self.corpus.has_audio:
            return np.zeros((1, self.config.mel.n_mels))
        decoded = partial(unchanged, digest=self._digests[row]) if self.keep else decode
        wave = self._read(row, decoded)[: int(self.config.max_seconds * SAMPLE_RATE)]
        if copy:  # seeded by the clip and the copy's number: the same copy in any order and any subset
            drawn = np.random.default_rng([int(self._digests[row][:12], 16), copy])
            wave = augmented(wave, self.config.augmentation, drawn)
        return self.frames_of(wave)

    def frames_of(self, wave: np.ndarray) -> np.ndarray:
        """(n,) sound at 16 kHz → (T, n_mels), or (T, D) of the speech model; not normalised.

        With the level "speaker" a clip is made equally loud, so that it loses no cell to the floor of `log_mel`, and
        then its loudness is put back: when the speaker's mean is taken away, what is left of it is how loud the clip is
        beside the speaker's others, whatever the microphone's gain was.
        """
        heard = wave if self.config.level == "recorded" else at_reference(wave)
        if self.speech:
            return self.speech.frames(heard)
        return log_mel(heard, self.config.mel) + (gain_taken(wave) if self.keeps_gain else 0)

    def _read(self, row: int, how: Callable[[bytes | str], Any]) -> Any:
        """What `how` makes of a recording; its error names the row."""
        try:
            return how(self.corpus.frame["audio"].iloc[row])
        except AudioError as error:
            raise AudioError(f"{self.corpus.name}: row {row + 1} (id {self.corpus.ids[row]!r}): {error}") from None


def _in_threads(work: Callable[[int], np.ndarray], rows: Sequence[int]) -> Iterator[np.ndarray]:
    """The work of each row, in order, by as many threads as torch may use; a few rows at a time: little waits."""
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        for start in range(0, len(rows), 256):
            yield from pool.map(work, rows[start : start + 256])
