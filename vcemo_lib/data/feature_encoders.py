"""What makes features of text and sound: word vectors, a sentence encoder, a speech model, each loaded once."""

from functools import cached_property

from ..config import FeatureConfig
from ..text.bert import SentenceEncoder
from ..text.word_vectors import WordVectors


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

    @cached_property
    def speech(self):
        """The speech model whose frames stand in place of the mel, if any."""
        if not self.config.speech:
            return None
        from ..audio import speech_encoder  # only here: with Whisper come a compiler's 100 MB, which a mel does without

        return speech_encoder.load(self.config.speech, self.config.speech_layer)
