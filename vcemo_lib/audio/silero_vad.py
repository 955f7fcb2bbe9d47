"""Silero VAD, a small voice activity detector (MIT): where there is speech, and frames by its convolutions.

It was trained to tell speech from all other sound, in many languages and rooms. Where there is speech, faster-whisper's
own code finds with it; the activations of its convolutions, as a torch model, are read as features. Chapter 05 measures
what these are worth.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import SAMPLE_RATE
from ..errors import VcemoError

BEFORE, WINDOW = 64, 576  # samples: a window starts 64 before its frame and ends 512 after it
FILE = "assets/silero_vad_v6.onnx"
LEAST = 0.1  # seconds of speech that a sound must hold
SPARE, KEPT = 1.0, 0.3  # seconds without speech at an end: more than the one is cut, down to the other


class VadError(VcemoError):
    """The detector is not installed, or is another one."""


class SileroVad(nn.Module):
    """|STFT| → four times Conv1d → ReLU, the part of the detector before its LSTM.

    Args:
        basis: (258, 1, 256), the cosines and the sines of 129 frequencies under a window.
        convolutions: weight, bias and stride of each.
    """

    def __init__(self, basis: Tensor, convolutions: list[tuple[Tensor, Tensor, int]]):
        super().__init__()
        self.register_buffer("basis", basis)
        self.blocks = nn.ModuleList()
        for weight, bias, stride in convolutions:
            block = nn.Conv1d(weight.shape[1], weight.shape[0], weight.shape[2], stride, padding=weight.shape[2] // 2)
            block.load_state_dict({"weight": weight, "bias": bias})
            self.blocks.append(block)

    def forward(self, windows: Tensor, layer: int) -> Tensor:
        """(N, 576) → (N, channels, steps) of this block, 1 to 4."""
        waves = F.conv1d(F.pad(windows[:, None], (0, 64), mode="reflect"), self.basis, stride=128)
        cosines, sines = waves.chunk(2, 1)
        x = (cosines**2 + sines**2).sqrt()
        for block in self.blocks[:layer]:
            x = block(x).relu()
        return x

    def frames(self, wave: Tensor, layer: int, hop: int) -> Tensor:
        """(T,) at 16 kHz → (1 + T // hop, channels), one window a frame, its steps averaged.

        The clip's peak is brought to 0.9 first: how loud the whole clip is, the microphone decides.
        """
        wave = wave * (0.9 / wave.abs().max().clamp(min=1e-4))
        return self(F.pad(wave, (BEFORE, WINDOW - BEFORE)).unfold(0, WINDOW, hop), layer).mean(2)


def load() -> SileroVad:
    """The detector inside the installed faster-whisper.

    Raises:
        VadError: faster-whisper or onnx is not installed, or carries another detector.
    """
    _require("faster-whisper", "onnx")  # the one carries the file, the other reads it
    path = Path(find_spec("faster_whisper").origin).parent / FILE
    if not path.is_file():
        raise VadError(f"the installed faster-whisper has no {FILE}: install the version that requirements.lock names")
    import onnx

    graph = onnx.load(str(path)).graph
    values = {value.name: torch.from_numpy(onnx.numpy_helper.to_array(value).copy()) for value in graph.initializer}
    basis, *convolutions = [node for node in graph.node if node.op_type == "Conv"][:5]
    strides = [next(a.ints[0] for a in node.attribute if a.name == "strides") for node in convolutions]
    weights = [(values[node.input[1]], values[node.input[2]]) for node in convolutions]
    return SileroVad(values[basis.input[1]], [(*w, stride) for w, stride in zip(weights, strides, strict=True)])


def _require(*packages: str) -> None:
    for package in packages:
        if find_spec(package.replace("-", "_")) is None:
            raise VadError(f"the voice detector needs {package}, which is not installed: run 'pip install {package}'")


def speech(wave: np.ndarray) -> list[tuple[int, int]]:
    """First and last sample + 1 of each stretch of speech in (T,) at 16 kHz, however loud it is.

    Raises:
        VadError: faster-whisper or onnxruntime is not installed.
    """
    spans = detected(wave, loudness(wave), min_silence_duration_ms=200, speech_pad_ms=0)
    return spans if sum(end - start for start, end in spans) >= LEAST * SAMPLE_RATE else []


def require_detector() -> None:
    """Raise VadError where faster-whisper or onnxruntime is not installed."""
    _require("faster-whisper", "onnxruntime")


def loudness(wave: np.ndarray) -> float:
    """What the loud samples of (T,) reach from their mean; not the peak: a click may be louder than the voice."""
    return float(np.quantile(np.abs(wave - wave.mean()), 0.999))


def detected(wave: np.ndarray, loud: float, **options) -> list[tuple[int, int]]:
    """First and last sample + 1 of what the detector takes for speech in (T,) at 16 kHz.

    Args:
        loud: the level that is brought to 0.9 of full scale, such as `loudness`.
        options: of faster-whisper's `VadOptions`.

    Raises:
        VadError: faster-whisper or onnxruntime is not installed.
    """
    require_detector()
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    centred = wave - (wave.mean() if len(wave) else 0)  # to the detector a constant offset is no speech
    scaled = np.clip(centred * (0.9 / max(loud, 1e-4)), -1, 1).astype(np.float32)
    timestamps = get_speech_timestamps(scaled, VadOptions(threshold=0.5, **options))
    return [(span["start"], span["end"]) for span in timestamps]


def around_speech(wave: np.ndarray) -> tuple[int, int] | None:
    """First and last sample + 1 that are worth reading, or None where there is no speech.

    Of an end without speech that lasts more than 1 s all but 0.3 s is left out: most clips stay as they are.
    """
    spans = speech(wave)
    if not spans:
        return None
    start, end = spans[0][0], spans[-1][1]
    spare, kept = int(SPARE * SAMPLE_RATE), int(KEPT * SAMPLE_RATE)
    return (start - kept if start > spare else 0, end + kept if len(wave) - end > spare else len(wave))
