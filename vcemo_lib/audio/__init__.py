"""Sound: decoding, log-mel, augmentation, prosody, voice detection, Whisper, frames of a speech model."""

from ..rooms import lend

__getattr__, __dir__ = lend(__name__, __file__)
