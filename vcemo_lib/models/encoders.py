"""The three branches: mel → conv → LSTM, words → LSTM → conv, BERT → Linear (Paper §3.2, Fig. 1), and their relatives.

Everywhere a mask (B, N) bool says which steps are real (True = keep) and padding is at the end. What stands
in padded steps never reaches a real one: inputs are zeroed by their mask, and BatchNorm counts real steps
only.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from .batch_norm import masked_norm
from .dropout import Dropout

FLOOR = 1e-4  # added to variances: at 0 a root has no gradient


def zeroed(x: Tensor, mask: Tensor) -> Tensor:
    """x (B, N, D) with zeros where mask (B, N) is False."""
    return x * mask[..., None].to(x.dtype)  # torch multiplies by a bool six times slower


class ConvBlock(nn.Module):
    """Conv2d 3×3 with stride → BatchNorm → ReLU on (B, T, F, C_in); frames that are padding stay zero."""

    def __init__(self, n_in: int, n_out: int, time_stride: int):
        super().__init__()
        self.time_stride = time_stride
        # No bias: BatchNorm takes the mean away again.
        self.conv = nn.Conv2d(n_in, n_out, 3, stride=(time_stride, 2), padding=1, bias=False)
        self.norm = nn.BatchNorm1d(n_out)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, T, F, C_in), mask (B, T) → (B, ⌈T/s⌉, ⌈F/2⌉, C_out) and its mask."""
        x = self.conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        mask = mask[:, :: self.time_stride]  # output t looks at input s·t ± 1
        return masked_norm(self.norm, x, mask), mask


class AudioEncoder(nn.Module):
    """log-mel → conv blocks → LSTM(d) → L steps (Paper §3.2).

    The first two blocks halve time, every block halves frequency: 10 ms frames become 40 ms steps for the
    LSTM.
    """

    def __init__(self, n_mels: int, channels: tuple[int, ...], d: int, length: int):
        super().__init__()
        sizes = (1, *channels)
        self.length = length
        self.blocks = nn.ModuleList(
            ConvBlock(n_in, n_out, 2 if i < 2 else 1) for i, (n_in, n_out) in enumerate(pairwise(sizes))
        )
        bands = -(-n_mels // 2 ** len(channels))  # each block halves them, rounded up
        self.lstm = nn.LSTM(bands * sizes[-1], d, batch_first=True)

    def forward(self, mel: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """mel (B, T, n_mels), mask (B, T), any T ≥ 1 → (B, L, d) and its mask (B, L), all True."""
        x = zeroed(mel, mask)[..., None]
        for block in self.blocks:
            x, mask = block(x, mask)
        x, _ = self.lstm(x.flatten(2))  # padding is at the end: it comes too late
        return adaptive_time_pool(x, mask, self.length)


class FrameEncoder(nn.Module):
    """Frames of a speech model → BatchNorm → Linear(d) → BatchNorm → ReLU → LSTM(d) → L steps. Beyond the paper.

    AudioEncoder without its convolutions: the dimensions of such a frame have no neighbours as bands have.
    """

    def __init__(self, n_in: int, d: int, length: int, dropout: float):
        super().__init__()
        self.length = length
        self.scale, self.dropout = nn.BatchNorm1d(n_in, affine=False), nn.Dropout(dropout)
        self.linear, self.norm = nn.Linear(n_in, d, bias=False), nn.BatchNorm1d(d)
        self.lstm = nn.LSTM(d, d, batch_first=True)

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """frames (B, T, n_in), mask (B, T) → (B, L, d) and its mask (B, L), all True."""
        x = self.dropout(masked_norm(self.scale, frames.clone(), mask, relu=False))
        x, _ = self.lstm(masked_norm(self.norm, self.linear(x), mask))
        return adaptive_time_pool(x, mask, self.length)


def adaptive_time_pool(x: Tensor, mask: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Average the valid steps of each sequence into `length` bins (A11).

    Bin l of a sequence with n valid steps is the mean of steps ⌊l·n/L⌋ … ⌈(l+1)·n/L⌉−1, so a sequence
    shorter than L repeats its steps. x (B, T, D), mask (B, T) → (B, L, D), mask (B, L); a sequence without
    any step gives zeros.
    """
    n = mask.sum(1)[:, None]  # (B, 1)
    bins = torch.arange(length, device=x.device)
    first, past = bins * n // length, ((bins + 1) * n + length - 1) // length  # (B, L)
    steps = torch.arange(x.shape[1], device=x.device)
    inside = (steps >= first[..., None]) & (steps < past[..., None])  # (B, L, T)
    weights = inside / (past - first).clamp(min=1)[..., None]
    return weights.to(x.dtype) @ x, (n > 0).expand(-1, length)


class WordEncoder(nn.Module):
    """Word vectors → LSTM(d) → Conv1d k=3 → BatchNorm → ReLU (Paper §3.2); in the audio branch conv comes first.

    Words beyond `length` are cut off. The result is as long as the batch needs; the addition pads it to L.
    """

    def __init__(self, word_dim: int, d: int, length: int):
        super().__init__()
        self.length = length
        self.lstm = nn.LSTM(word_dim, d, batch_first=True)
        self.conv = nn.Conv1d(d, d, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm1d(d)

    def forward(self, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """words (B, S, word_dim), mask (B, S) → (B, min(S, L), d) and its mask."""
        words, mask = words[:, : self.length], mask[:, : self.length]
        x = zeroed(self.lstm(words)[0], mask)
        return masked_norm(self.norm, self.conv(x.transpose(1, 2)).transpose(1, 2), mask), mask


class BertEncoder(nn.Module):
    """Linear(E → d): the sentence vector as a sequence of length one (Paper §3.2; A15)."""

    def __init__(self, bert_dim: int, d: int):
        super().__init__()
        self.linear = nn.Linear(bert_dim, d)

    def forward(self, bert: Tensor) -> tuple[Tensor, Tensor]:
        """bert (B, E) → (B, 1, d) and its mask (B, 1), all True."""
        return self.linear(bert)[:, None], torch.ones(len(bert), 1, dtype=torch.bool, device=bert.device)


class Recurrent(nn.Module):
    """LSTM or GRU that reads only the valid steps; in both directions the states of padding never mix in.

    The second direction is a layer of its own on each sequence turned around within its valid steps. PyTorch's packed
    sequences give the same, to rounding, in six times the time on a CPU: they leave the fused kernel.
    """

    def __init__(self, cell: type[nn.LSTM] | type[nn.GRU], n_in: int, hidden: int, bidirectional: bool):
        super().__init__()
        self.ahead = cell(n_in, hidden, batch_first=True)
        self.back = cell(n_in, hidden, batch_first=True) if bidirectional else None

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, T, n_in), mask (B, T) → states (B, T, W), final state (B, W); W = 2·hidden if bidirectional.

        The final state of a bidirectional one joins the last step read forwards with the first, read last,
        backwards.
        """
        x, lengths = zeroed(x, mask), mask.sum(1).clamp(min=1)[:, None]  # (B, 1)
        steps = torch.arange(x.shape[1], device=x.device)
        states = [self.ahead(x)[0]]
        final = [_at(states[0], lengths - 1)[:, 0]]
        if self.back is not None:
            turned = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (B, T), its own inverse
            states.append(_at(self.back(_at(x, turned))[0], turned))
            final.append(states[1][:, 0])
        return zeroed(torch.cat(states, -1), steps < lengths), torch.cat(final, -1)


def _at(x: Tensor, steps: Tensor) -> Tensor:
    """x (B, T, D) at steps (B, N) → (B, N, D)."""
    return x.gather(1, steps[..., None].expand(-1, -1, x.shape[2]))


class ClipStatistics(nn.Module):
    """m = W·frame + b;  [mean of m, its deviation, root mean square of its steps, frames] → BatchNorm → Linear → ReLU.

    What a clip sounds like on the whole, beyond the paper. Statistics pooling is that of x-vectors (Snyder et al.,
    *X-Vectors: Robust DNN Embeddings for Speaker Recognition*, ICASSP 2018), here right on the frames: on a few hundred
    clips it learns what an SVM on MFCC statistics does, where convolutions and LSTM learn the clips by heart
    (results/TRIALS.md). The mixtures take the place of the cosine transform, and BatchNorm that of the scaler before
    an SVM: it gives each statistic mean 0 and variance 1 over the clips.
    """

    def __init__(self, n_in: int, mixtures: int, d: int, dropout: float):
        super().__init__()
        self.mix = nn.Linear(n_in, mixtures)
        self.scale = nn.BatchNorm1d(3 * mixtures + 1, affine=False)
        self.linear, self.dropout = nn.Linear(3 * mixtures + 1, d), Dropout(dropout)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """frames (B, T, n_in), mask (B, T), any T ≥ 1 → (B, d)."""
        statistics = moments(self.mix(zeroed(frames, mask)).float(), mask)[:, None]
        clips = torch.ones_like(mask[:, :1])  # each is one step that is there
        return self.dropout(self.linear(masked_norm(self.scale, statistics, clips, relu=False)[:, 0]).relu())


def moments(x: Tensor, mask: Tensor) -> Tensor:
    """x (B, T, D), mask (B, T) → (B, 3D + 1): means, deviations, how far the steps reach, and how many frames."""
    x, n = zeroed(x, mask), mask.sum(1, keepdim=True).to(x.dtype)  # (B, 1)
    mean = x.sum(1) / n.clamp(min=1)
    variance = zeroed(x - mean[:, None], mask).square().sum(1) / n.clamp(min=1)
    steps = zeroed(x[:, 1:] - x[:, :-1], mask[:, 1:]).square().sum(1) / (n - 1).clamp(min=1)
    return torch.cat([mean, (variance + FLOOR).sqrt(), (steps + FLOOR).sqrt(), n], 1)
