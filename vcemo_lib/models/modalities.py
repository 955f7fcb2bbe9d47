"""The encoder of each modality, beside its description in `data.modalities`; a new one is added by one call.

    face = Modality("face", ("face", "face_mask"), 17, face_frames, column="face")
    add_modality(face, lambda config: FaceEncoder(17, config.d))

A recipe may then name it, `recipe.but(modalities=("audio", "words", "face"))`: features, batches, model, bundle,
prediction and ONNX follow. It joins the others in a fusion of its own after theirs (tests/test_new_modality.py).
"""

from collections.abc import Callable
from dataclasses import fields

from torch import nn

from ..config import KNOWN_MODALITIES, ConfigError, ModelConfig
from ..data import DESCRIBED, Batch, Modality
from .encoders import AudioEncoder, BertEncoder, FrameEncoder, WordEncoder
from .fusion import Sequence

# An encoder takes the tensors that `Modality.inputs` names and gives (B, N, d) and its mask (B, N), N = 1 of a vector.
Encoder = Callable[[ModelConfig], nn.Module]


def _audio(config: ModelConfig) -> nn.Module:
    if config.speech_dim:
        return FrameEncoder(config.speech_dim, config.d, config.length, config.dropout)
    return AudioEncoder(config.n_mels, config.conv_channels, config.d, config.length)


ENCODERS: dict[str, Encoder] = {
    "audio": _audio,
    "words": lambda config: WordEncoder(config.word_dim, config.d, config.length),
    "bert": lambda config: BertEncoder(config.bert_dim, config.d),
}


def add_modality(modality: Modality, encoder: Encoder) -> None:
    """Let models read a modality. It must be added in every process that trains, loads or asks such a model.

    Raises:
        ConfigError: the name, or that of an input, is taken, or the name is a method of torch's ModuleDict.
    """
    if modality.name in ENCODERS:
        raise ConfigError(f"there is a modality {modality.name!r} already: give this one another name")
    if hasattr(nn.ModuleDict, modality.name):
        raise ConfigError(f"no modality can be named {modality.name!r}, a method of torch's ModuleDict: choose another")
    if taken := {field.name for field in fields(Batch)} & set(modality.inputs):
        raise ConfigError(f"a batch has {', '.join(sorted(taken))} already: give the inputs other names")
    DESCRIBED[modality.name], ENCODERS[modality.name] = modality, encoder
    KNOWN_MODALITIES.append(modality.name)


def encode(name: str, encoder: nn.Module, batch: Batch) -> Sequence:
    """What a model's encoder makes of its modality in a batch."""
    modality = DESCRIBED[name]
    x, mask = encoder(*(batch[tensor] for tensor in modality.inputs))
    return Sequence(name, x, mask, vector=not modality.is_sequence)
