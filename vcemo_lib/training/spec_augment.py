"""SpecAugment on a training batch: stripes of the mel are masked (Park et al., *SpecAugment*, Interspeech 2019).

Two relatives of it are here too: the mel is shifted in frequency and stretched in time, and words are masked.
Beyond the paper, whose augmentation is on the waveform (`augment.py`): these cost next to nothing and are new at
every step, which a small corpus needs. A recipe's default is none of them. The evaluation never sees them.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ..data.batch import Batch
from ..recipes import Recipe


def spec_augmented(batch: Batch, recipe: Recipe, rng: np.random.Generator) -> Batch:
    """The batch with each mel (T, F) shifted in frequency, stretched in time and masked, and words masked, at random.

    Word spans follow the stretching. The batch itself is left as it was; with nothing to do it comes back.
    """
    if recipe.mask_words:
        kept = torch.from_numpy(rng.random(batch.words.shape[:2]) >= recipe.mask_words)
        batch = replace(batch, words=batch.words * kept[..., None])  # as those of unknown words are
    if recipe.mask_bands or recipe.mask_frames or recipe.shift_bands or recipe.stretch_frames:
        batch = augment_mels(batch, recipe, rng)
    return batch


def augment_mels(batch: Batch, recipe: Recipe, rng: np.random.Generator) -> Batch:
    """The batch with each mel (T, F) shifted, stretched and masked."""
    has_bands = not recipe.features.speech
    shifts, bands = (recipe.shift_bands, recipe.mask_bands) if has_bands else (0, 0)
    mels, spans, whole = [], batch.spans.clone(), batch.mel.clone()
    lengths = batch.mel_mask.sum(1).tolist()
    for k, length in enumerate(lengths):
        shift = rng.uniform(-shifts, shifts)
        frames = max(round(length * np.exp(rng.uniform(-1, 1) * recipe.stretch_frames)), 1)
        mels.append(warp(whole[k, :length], shift, frames))
        mask_mel(mels[-1], bands, recipe.mask_frames, rng)
        if frames != length:
            spans[k] = (spans[k] * (frames / max(length, 1))).round().long()
    lengths = torch.tensor([len(mel) for mel in mels])
    mel = pad_sequence(mels, batch_first=True)
    return replace(batch, mel=mel, mel_mask=torch.arange(mel.shape[1])[None] < lengths[:, None], spans=spans)


def warp(mel: Tensor, shift: float, frames: int) -> Tensor:
    """(T, F) → (frames, F): moved up by `shift` bands, and read at another speed; linear between the cells.

    What moves in from outside is the edge band again: no low band comes back at the top.
    """
    if shift:
        mel = _between(mel.T, (torch.arange(mel.shape[1]) - shift).clamp(0, mel.shape[1] - 1)).T
    return mel if frames == len(mel) else _between(mel, torch.linspace(0, len(mel) - 1, frames))


def _between(x: Tensor, at: Tensor) -> Tensor:
    """Rows of x (N, M) at the fractional places `at` (K,): (K, M)."""
    low = at.floor().long()
    high, fraction = (low + 1).clamp(max=len(x) - 1), (at - low)[:, None]
    return x[low] * (1 - fraction) + x[high] * fraction


def mask_mel(mel: Tensor, bands: int, frames: int, rng: np.random.Generator) -> None:
    """Set one stripe of at most `bands` bands and one of at most `frames` frames of mel (T, F) to its mean, 0.

    A stripe of time is at most a quarter of the utterance, so that a short one keeps its words.
    """
    length, n_mels = mel.shape
    wide, long = rng.integers(0, min(bands, n_mels) + 1), rng.integers(0, min(frames, length // 4) + 1)
    low, start = rng.integers(0, n_mels - wide + 1), rng.integers(0, length - long + 1)
    mel[:, low : low + wide] = 0
    mel[start : start + long] = 0
