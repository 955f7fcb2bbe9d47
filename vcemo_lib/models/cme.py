"""CME, cross-modality excitation, Li et al. (arXiv 2010.12733), after the authors' code."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..data.batch import Batch
from .attention import masked_max
from .encoders import Recurrent
from .output import Output

REACH = 3  # the three convolutions (5, 2, 2) see seven frames: three to each side


class Cme(nn.Module):
    """Mean and max of each word's frames; word and sound excite each other; BiLSTM, max, Linear.

    Three Conv1d (kernels 5, 2, 2; no activation) of d/8, d/4, d/4 channels, word and sound vectors of width
    d/2, BiLSTM of d/2 units a direction: the source's sizes at d = 512. The source gates a word's sound by
    a table with one entry a vocabulary word; the batch has no vocabulary, so the gate is a Linear of the
    word vector, and words are not tuned. The sequence is padded, not shortened, by the convolutions. A word
    whose span is unknown sounds like zeros.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        channels, width = (config.frame_dim, config.d // 8, config.d // 4, config.d // 4), config.d // 2
        self.length = config.length
        self.convs = nn.Sequential(
            *(nn.Conv1d(a, b, k) for a, b, k in zip(channels[:-1], channels[1:], (5, 2, 2), strict=True))
        )
        self.sound = nn.Linear(2 * channels[-1], width) if 2 * channels[-1] != width else nn.Identity()
        self.words = nn.Linear(config.word_dim, width)
        self.word_gate, self.sound_gate = nn.Linear(width, width), nn.Linear(config.word_dim, width)
        self.joint = Recurrent(nn.LSTM, 2 * width, width, bidirectional=True)
        self.dropout = nn.Dropout(config.dropout)
        self.predict = nn.Linear(2 * width, config.n_classes)

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C). There is no attention to keep."""
        vectors, mask = batch.words[:, : self.length], batch.words_mask[:, : self.length]
        sound = self.sound(self._sounds(batch, mask))
        words = self.words(vectors)
        # Excitation with residual: each is scaled by what the other says, 1 + σ(·).
        excited_words = words * (1 + torch.sigmoid(self.word_gate(sound)))
        excited_sound = sound * (1 + torch.sigmoid(self.sound_gate(vectors)))
        states, _ = self.joint(self.dropout(torch.cat([excited_words, excited_sound], -1)), mask)
        return Output(self.predict(self.dropout(masked_max(states, mask))))

    def _sounds(self, batch: Batch, mask: Tensor) -> Tensor:
        """(B, S, 2·d/4): mean and max of the convolved frames of each word."""
        mel = (batch.mel * batch.mel_mask[..., None]).transpose(1, 2)
        frames = self.convs(F.pad(mel, (REACH, REACH))).transpose(1, 2)  # (B, T, d/4), frame t sees t ± 3
        inside = frames_of_words(batch.spans[:, : mask.shape[1]], batch.mel_mask) & mask[..., None]
        return mean_and_max(frames, inside)


def frames_of_words(spans: Tensor, mel_mask: Tensor) -> Tensor:
    """(B, S, T): which convolved frames saw a frame of the word; spans (B, S, 2), (0, 0) = unknown, none."""
    first, past = spans.unbind(-1)
    t = torch.arange(mel_mask.shape[1], device=spans.device)
    near = (t >= first[..., None] - REACH) & (t < past[..., None] + REACH)
    return near & (past > first)[..., None] & mel_mask[:, None]


def mean_and_max(frames: Tensor, inside: Tensor) -> Tensor:
    """frames (B, T, D), inside (B, S, T) → (B, S, 2D): mean and max of each word's frames; none gives zeros."""
    weights = inside.to(frames.dtype)
    mean = weights @ frames / weights.sum(-1, keepdim=True).clamp(min=1)
    row, word, t = inside.nonzero(as_tuple=True)  # one entry for each frame of each word
    slot = (row * inside.shape[1] + word)[:, None].expand(-1, frames.shape[-1])
    best = frames.new_zeros(inside.shape[0] * inside.shape[1], frames.shape[-1])
    best = best.scatter_reduce(0, slot, frames[row, t], "amax", include_self=False).view_as(mean)
    return torch.cat([mean, best], -1)
