"""The phase vocoder: another tempo at the same pitch (Laroche & Dolson 1999; librosa's `effects.time_stretch`).

librosa goes from frame to frame in Python and adds up angles. Here a phase is a number on the unit circle, for a turn
is then a product: no arctangent, no cosine, all frames at once, and no rounding that grows with the angle.
"""

import numpy as np
import torch
from torch import Tensor

SIZE, HOP = 1024, 256  # samples of a window and from one to the next


def stretch(wave: np.ndarray, rate: float) -> np.ndarray:
    """(T,) → (round(T / rate),), `rate` times as fast, with as many bits as the waveform has."""
    window = torch.hann_window(SIZE, dtype=torch.float64).to(torch.from_numpy(wave[:0]).dtype)
    padded = torch.from_numpy(np.pad(wave, SIZE // 2))
    spectrum = torch.fft.rfft(padded.unfold(0, SIZE, HOP) * window)  # (frames, bins)
    slower = torch.from_numpy(vocoded(spectrum.numpy(), rate))
    return _overlapped(torch.fft.irfft(slower) * window, window)[: round(len(wave) / rate)].numpy()


def vocoded(spectrum: np.ndarray, rate: float) -> np.ndarray:
    """(N, bins) complex → (⌈N / rate⌉, bins): sizes between neighbouring frames, phases that turn on as they did there.

    Frame t stands at place t·rate of the old ones, between k and k + 1. Its size is theirs by linear interpolation; to
    the next frame its phase turns by the angle between them.
    """
    places = np.arange(0, len(spectrum), rate)
    low, fraction = places.astype(int), (places % 1).astype(spectrum.real.dtype)[:, None]
    spectrum = np.pad(spectrum, ((0, 2), (0, 0)))
    size = np.sqrt(np.square(spectrum.real) + np.square(spectrum.imag))
    phase = _scaled(spectrum, 1 / np.maximum(size, np.finfo(size.dtype).tiny))
    phase[size == 0] = 1
    turns = phase[low + 1] * phase[low].conj()
    turns = np.multiply.accumulate(np.concatenate([phase[:1], turns[:-1]]))
    return _scaled(turns, size[low] * (1 - fraction) + size[low + 1] * fraction)


def _scaled(x: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Complex x (N, M) times real numbers (N, M), which numpy would make complex first."""
    return (x.view(by.dtype).reshape(*by.shape, 2) * by[..., None]).view(x.dtype)[..., 0]


def _overlapped(frames: Tensor, window: Tensor) -> Tensor:
    """Windowed frames (N, SIZE), each HOP after the last, as one sound: their sum over that of the squared windows."""
    sound, weight = _summed(frames, len(frames)), _summed(window.square()[None], len(frames))
    return (sound / weight.clamp(min=torch.finfo(weight.dtype).tiny))[SIZE // 2 :]


def _summed(frames: Tensor, n: int) -> Tensor:
    """The sum of n frames (n or 1, SIZE), each HOP after the last."""
    total = frames.new_zeros(n + SIZE // HOP - 1, HOP)
    for k, part in enumerate(frames.unflatten(1, (-1, HOP)).unbind(1)):
        total[k : k + n] += part
    return total.flatten()
