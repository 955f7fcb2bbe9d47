"""Silero VAD, a small voice activity detector (MIT), as a torch model: its convolutions give frames without a download.

It was trained to tell speech from all other sound, in many languages and rooms. faster-whisper uses it to cut pauses
out; here the activations of its convolutions are read as features. Chapter 05 measures what they are worth.
"""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import VcemoError

BEFORE, WINDOW = 64, 576  # samples: a window starts 64 before its frame and ends 512 after it
FILE = "assets/silero_vad_v6.onnx"


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
    for package in ("faster-whisper", "onnx"):  # the one carries the file, the other reads it
        if find_spec(package.replace("-", "_")) is None:
            raise VadError(f"the voice detector needs {package}, which is not installed: run 'pip install {package}'")
    path = Path(find_spec("faster_whisper").origin).parent / FILE
    if not path.is_file():
        raise VadError(f"the installed faster-whisper has no {FILE}: install the version that requirements.lock names")
    import onnx

    graph = onnx.load(str(path)).graph
    values = {value.name: torch.from_numpy(onnx.numpy_helper.to_array(value).copy()) for value in graph.initializer}
    basis, *convolutions = [node for node in graph.node if node.op_type == "Conv"][:5]
    return SileroVad(
        values[basis.input[1]], [(values[n.input[1]], values[n.input[2]], _stride(n)) for n in convolutions]
    )


def _stride(node) -> int:
    return next(a.ints[0] for a in node.attribute if a.name == "strides")
