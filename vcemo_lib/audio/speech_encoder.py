"""Frames of a frozen speech model, or prosody, in place of the mel, for the acoustic branch. Beyond the paper.

A corpus of emotion has a few speakers; a model that was trained to recognise or to complete speech has heard thousands,
and what it makes of a sound depends less on who speaks. Chapter 05 measures how much that is worth.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import torch
import whisper
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoFeatureExtractor, AutoModel

from ..digests import sha256_of_pieces
from ..errors import VcemoError
from ..hugging_face import load_pretrained
from . import silero_vad
from . import whisper_asr as asr
from .prosody import HOP, Prosody  # a frame every 20 ms, in all of these models


class SpeechError(VcemoError):
    """A speech model that cannot be had or used; the message says how to get it."""


class SpeechEncoder:
    """A frozen speech model.

    Args:
        layers: how many blocks the model has.
        hidden: (T,) samples, layer → (T', D), the output of that block.
        layer: which block's output the frames are; None: the middle one, where emotion is heard best in our trials.

    Raises:
        SpeechError: the model has no such layer.
    """

    def __init__(
        self, name: str, model: nn.Module, layers: int, hidden: Callable[[Tensor, int], Tensor], layer: int | None
    ):
        layer = layers // 2 if layer is None else layer
        if not 1 <= layer <= layers:
            raise SpeechError(f"speech_layer={layer}: {name!r} has the layers 1 to {layers}")
        self.name, self.layer = name, layer
        self._model, self._hidden = model.eval().requires_grad_(False), hidden

    @property
    def fingerprint(self) -> str:
        """A hash of all weights and the layer."""
        weights = (value.numpy().tobytes() for value in self._model.state_dict().values())
        return sha256_of_pieces(chain([str(self.layer).encode()], weights))[:16]

    @torch.no_grad()
    def frames(self, wave: np.ndarray) -> np.ndarray:
        """(T,) at 16 kHz → (⌈T / 320⌉ or one or two less, D) float32."""
        padded = F.pad(torch.from_numpy(np.ascontiguousarray(wave, np.float32)), (0, max(0, 2 * HOP - len(wave))))
        return self._hidden(padded, self.layer).numpy()


def load(name: str, layer: int | None = None) -> SpeechEncoder | Prosody:
    """A source of frames by its name.

    Args:
        name: Whisper's encoder by name or checkpoint file, a model in Hugging Face form by name or folder, "prosody",
            or "silero", the voice activity detector that comes with faster-whisper.
        layer: the block whose output is read, from 1; None: the middle one, of "silero" the last.

    Raises:
        SpeechError: it is not on this machine, is damaged, or has no such layer. Nothing is downloaded here.
    """
    if name == "prosody":
        if layer is not None:
            raise SpeechError(
                f"speech_layer={layer}: 'prosody' is measured, not a model, and has no layers: leave it out"
            )
        return Prosody()
    if name == "silero":
        return _silero(layer)
    return (_whisper if name in whisper.available_models() or name.endswith(".pt") else _hugging_face)(name, layer)


def _silero(layer: int | None) -> SpeechEncoder:
    try:
        model = silero_vad.load()
    except silero_vad.VadError as error:
        raise SpeechError(f"{error}; or leave 'speech' out to use the mel") from None
    last = len(model.blocks)
    return SpeechEncoder("silero", model, last, partial(model.frames, hop=HOP), last if layer is None else layer)


def _whisper(name: str, layer: int | None) -> SpeechEncoder:
    try:
        encoder = asr.load(name, device="cpu", instead="leave 'speech' out to use the mel").model.encoder
    except asr.AsrError as error:
        raise SpeechError(str(error)) from None
    hidden = _whisper_frames(encoder, encoder.positional_embedding, encoder.blocks)
    return SpeechEncoder(name, encoder, len(encoder.blocks), hidden, layer)


def _whisper_frames(
    encoder: nn.Module, positions: Tensor, blocks: Sequence[nn.Module]
) -> Callable[[Tensor, int], Tensor]:
    """Whisper's encoder on a clip as it is, not filled up to 30 s; both of its forms name the convolutions alike."""

    def hidden(wave: Tensor, layer: int) -> Tensor:
        mel = whisper.log_mel_spectrogram(wave[: asr.WINDOW], encoder.conv1.in_channels)[None]
        x = F.gelu(encoder.conv2(F.gelu(encoder.conv1(mel)))).transpose(1, 2)
        x = x + positions[: x.shape[1]]
        for block in blocks[:layer]:
            x = block(x)
        return x[0]

    return hidden


def _hugging_face(name: str, layer: int | None) -> SpeechEncoder:
    model, extractor = _loaded(name)
    if extractor is None:
        encoder, blocks = model.encoder, [partial(block, attention_mask=None) for block in model.encoder.layers]
        hidden = _whisper_frames(encoder, encoder.embed_positions.weight, blocks)
        return SpeechEncoder(name, encoder, len(blocks), hidden, layer)

    def hidden(wave: Tensor, layer: int) -> Tensor:
        inputs = extractor(wave.numpy(), sampling_rate=16_000, return_tensors="pt")
        return model(inputs["input_values"], output_hidden_states=True).hidden_states[layer][0]

    return SpeechEncoder(name, model, model.config.num_hidden_layers, hidden, layer)


def _loaded(name: str) -> tuple[nn.Module, Callable | None]:
    """The model, and what makes its inputs; None for Whisper, whose mel this library makes."""
    try:
        # None: transformers decides, and loads weights only
        safe = True if (Path(name) / "model.safetensors").is_file() else None
        model = load_pretrained(AutoModel, name, use_safetensors=safe).float()
        whisper_form = model.config.model_type == "whisper"
        return model, None if whisper_form else load_pretrained(AutoFeatureExtractor, name)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        trouble, cure = "is not on this machine, or is damaged", f"run 'hf download {name}' where there is a network"
        if Path(name).is_dir():
            trouble, cure = "is damaged, or none that transformers loads", "copy its folder again"
        raise SpeechError(
            f"the speech model {name!r} {trouble} ({type(error).__name__}): {cure}, or leave 'speech' out to "
            "use the mel"
        ) from None
