"""What makes features of text and sound: word vectors, a sentence encoder, a speech model, each loaded once."""

from functools import cached_property
from pathlib import Path

from ..config import FeatureConfig
from ..digests import content_key, file_sha256
from ..storage import StorageError
from ..text.bert import BUNDLED, SentenceEncoder
from ..text.word_vectors import WordVectors
from .array_cache import kept_texts


class FeatureEncoders:
    """The encoders of one configuration, loaded when first asked for; several stores may share them."""

    def __init__(self, config: FeatureConfig):
        self.config = config

    @cached_property
    def vectors(self) -> WordVectors:
        """Word vectors."""
        return WordVectors.load(self.config.vectors)

    @cached_property
    def sentences(self) -> SentenceEncoder:
        """The encoder of whole sentences."""
        return SentenceEncoder.load(self.config.bert)

    @property
    def sentence_fingerprint(self) -> str:
        """The fingerprint of that encoder, which is kept by the files of its folder: to read it takes the whole model.

        So vectors that are kept are found without transformers, which is slow to import.
        """
        folder = BUNDLED if self.config.bert == "bundled" else Path(self.config.bert)
        files = sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
        if not files or "sentences" in vars(self):
            return self.sentences.fingerprint
        key = content_key([(path.name, file_sha256(path)) for path in files])
        try:
            return kept_texts("fingerprint", key, lambda: [self.sentences.fingerprint])[0]
        except StorageError:  # to ask a model, nobody needs a cache that can be written to
            return self.sentences.fingerprint

    @cached_property
    def speech(self):
        """The speech model whose frames stand in place of the mel, if any."""
        if not self.config.speech:
            return None
        from ..audio import speech_encoder  # only here: with Whisper come a compiler's 100 MB, which a mel does without

        return speech_encoder.load(self.config.speech, self.config.speech_layer)
