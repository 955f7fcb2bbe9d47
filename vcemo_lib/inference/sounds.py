"""A sound as Python has it: a path, bytes, an array, a tensor, a row of Hugging Face datasets."""

import math
import numbers
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..audio.channels import mono
from ..audio.decoding import LONGEST, TooLongError, check_rate, no_utterance
from ..audio.recording import full_scale
from ..audio.signal import AudioError, checked
from .listening import Clip, clip_of, read_clip


def named_sound(sound: Any, number: int) -> str:
    """What messages call the sound with this number, counted from 0."""
    return str(sound) if isinstance(sound, str | Path) else f"sound {number + 1}"


def required(rate: int | None) -> int:
    """The rate, or AudioError where none is given."""
    if not rate:
        raise AudioError("an array does not say how many samples a second has: give rate=16000, or what it was")
    if not isinstance(rate, numbers.Real) or not math.isfinite(rate) or rate != int(rate):
        raise AudioError(f"rate={rate!r}: give the samples a second as a whole number, such as 16000")
    return int(rate)


def clip_of_any(sound: Any, rate: int | None, longest: float, name: str) -> Clip:
    """What a model is asked about, of whatever holds a sound; `longest`: seconds that it reads.

    Raises:
        AudioError: it holds none, or lasts more than a minute.
    """
    if isinstance(sound, Mapping) and not {"array", "raw"} & set(sound):  # undecoded
        sound = sound.get("bytes") or sound.get("path")
    try:
        if isinstance(sound, str | Path | bytes):
            return read_clip(sound, longest)
        wave, rate = _samples(sound, rate, name)
        return clip_of(checked(wave, rate, name), rate, longest)
    except TooLongError as error:
        raise AudioError(f"{error}; longer recordings are answered by 'segments'") from None


def _samples(sound: Any, rate: int | None, name: str) -> tuple[np.ndarray, int]:
    """(T,) and its rate, of what holds samples."""
    if isinstance(sound, Mapping):
        sound, rate = sound.get("array", sound.get("raw")), sound.get("sampling_rate", rate)
    if isinstance(sound, torch.Tensor):
        sound = (sound.detach().float() if sound.is_floating_point() else sound).cpu().numpy()
    if not isinstance(sound, np.ndarray) or sound.ndim not in (1, 2) or not sound.size:
        kind = f"an array of shape {sound.shape}" if isinstance(sound, np.ndarray) else f"a {type(sound).__name__}"
        raise AudioError(f"{name} is {kind}: give a path, bytes, or samples (T,), (T, channels) or (channels, T)")
    rate, wave = required(rate), full_scale(sound)
    if wave.ndim == 2:
        wave = mono(lambda: iter([wave if len(wave) >= wave.shape[1] else wave.T]))
    check_rate(rate)
    if len(wave) > LONGEST * rate:
        raise no_utterance(name, len(wave) / rate)
    return wave, rate
