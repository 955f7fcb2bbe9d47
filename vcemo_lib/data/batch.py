"""What every model takes: a padded batch of the three modalities, with masks that say what is real."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass
class Batch:
    """B utterances, padded to the longest of the batch. In every mask True = keep.

    mel (B, T, 80) normalised log-mel, or (B, T, D) frames of a speech model · mel_mask (B, T) · words (B, S, 300) ·
    words_mask (B, S) · bert (B, E) · spans (B, S, 2) first and past-the-end frame of each word, (0, 0) where unknown ·
    labels (B,) class numbers · ids of the utterances.
    """

    mel: Tensor
    mel_mask: Tensor
    words: Tensor
    words_mask: Tensor
    bert: Tensor
    spans: Tensor
    labels: Tensor
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on another device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self)}
        return Batch(**{name: v.to(device) if isinstance(v, Tensor) else v for name, v in moved.items()})
