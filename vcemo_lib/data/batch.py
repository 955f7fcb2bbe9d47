"""What every model takes: a padded batch of all that it reads, with masks that say what is real."""

from dataclasses import dataclass, field, fields, replace

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class Batch:
    """B utterances, padded to the longest of the batch. In every mask True = keep.

    mel (B, T, 80) normalised log-mel, or (B, T, D) frames of a speech model · mel_mask (B, T) · words (B, S, 300) ·
    words_mask (B, S) · bert (B, E) · spans (B, S, 2) first and past-the-end frame of each word, (0, 0) where unknown ·
    labels (B,) class numbers · ids of the utterances · others the tensors of modalities that were added, by name.
    """

    mel: Tensor
    mel_mask: Tensor
    words: Tensor
    words_mask: Tensor
    bert: Tensor
    spans: Tensor
    labels: Tensor
    ids: tuple[str, ...]
    others: dict[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], **more) -> "Batch":
        """A batch of what modalities give, by name; what it has no field for stands in `others`."""
        own = {name: tensor for name, tensor in tensors.items() if name in cls.__dataclass_fields__}
        return cls(**own, others={name: tensor for name, tensor in tensors.items() if name not in own}, **more)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, name: str) -> Tensor:
        """A tensor by name, wherever it is kept."""
        return self.others[name] if name in self.others else getattr(self, name)

    def but(self, **tensors: Tensor) -> "Batch":
        """The batch with these tensors in place of its own."""
        declared = {name: tensor for name, tensor in tensors.items() if name not in self.others}
        return replace(self, **declared, others=self.others | {n: t for n, t in tensors.items() if n in self.others})

    def share(self, first: int, step: int) -> "Batch":
        """Every step-th utterance from the first on, padded as the whole batch is."""
        shares = {name: self[name][first::step] for name in self._names()}
        return replace(self.but(**shares), ids=self.ids[first::step])

    def with_frames_of(self, multiple: int) -> "Batch":
        """The batch with its mel padded to a multiple of so many frames; no real frame meets what is padding."""
        more = -self.mel.shape[1] % multiple
        return replace(self, mel=F.pad(self.mel, (0, 0, 0, more)), mel_mask=F.pad(self.mel_mask, (0, more)))

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on another device."""
        return self.but(**{name: self[name].to(device) for name in self._names()})

    def _names(self) -> list[str]:
        return [f.name for f in fields(self) if isinstance(getattr(self, f.name), Tensor)] + list(self.others)
