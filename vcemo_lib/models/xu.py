"""Xu et al. 2019, "Learning Alignment for Multimodal Emotion Recognition from Speech" (Interspeech)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..data.batch import Batch
from .attention import MultiHeadAttention, masked_max, masked_softmax
from .encoders import Recurrent
from .output import Output


class AdditiveAlignment(nn.Module):
    """A mixture of the frames for each word: a_ji = tanh(uᵀs_i + vᵀh_j + b), α = softmax over i, s̃_j = Σ α s.

    Not verified: the softmax; a re-implementation has a / Σa, and the article was not at hand.
    """

    def __init__(self, width: int):
        super().__init__()
        self.frame, self.word = nn.Linear(width, 1, bias=False), nn.Linear(width, 1)

    def forward(self, frames: Tensor, frame_mask: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        """frames (B, T, W), frame_mask (B, T), words (B, S, W) → aligned (B, S, W) and α (B, S, T)."""
        scores = torch.tanh(self.frame(frames).transpose(1, 2) + self.word(words))
        alpha = masked_softmax(scores, frame_mask[:, None])
        return alpha @ frames, alpha


class Xu(nn.Module):
    """BiLSTM over frames and over words, additive alignment, BiLSTM over [s̃; h], max, Linear–ReLU–Linear.

    Width: d/4 units a direction in every BiLSTM (128 at d = 512), 2·d/4 in the hidden layer of the
    classifier. The source's acoustic input is a 34-d short-term set; here it is the log-mel that all
    systems share. Words are at most `config.length`, as in every system here. Attention map:
    "audio_by_words" (B, S, T).
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        hidden = config.d // 4
        self.length = config.length
        self.audio = Recurrent(nn.LSTM, config.frame_dim, hidden, bidirectional=True)
        self.words = Recurrent(nn.LSTM, config.word_dim, hidden, bidirectional=True)
        self.align = AdditiveAlignment(2 * hidden)
        self.joint = Recurrent(nn.LSTM, 4 * hidden, hidden, bidirectional=True)
        self.dropout = nn.Dropout(config.dropout)
        self.hidden, self.predict = nn.Linear(2 * hidden, 2 * hidden), nn.Linear(2 * hidden, config.n_classes)

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C)."""
        words, mask = batch.words[:, : self.length], batch.words_mask[:, : self.length]
        frames, _ = self.audio(batch.mel, batch.mel_mask)
        words, _ = self.words(words, mask)
        frames, words = self.dropout(frames), self.dropout(words)
        aligned, alpha = self.align(frames, batch.mel_mask, words)
        joint, _ = self.joint(torch.cat([aligned, words], -1), mask)
        pooled = self.dropout(masked_max(joint, mask))
        logits = self.predict(F.relu(self.hidden(pooled)))
        return Output(logits, attention={"audio_by_words": alpha} if keep_attention else {})


class XuDelta(nn.Module):
    """What DELTA, the authors' toolkit, released under this name: another model than the paper's.

    Linear–ReLU and BiGRU over frames, BiGRU over words; words look at frames by attention of eight heads; BiGRU over
    [words; aligned]; attention pooling against a learnt context vector; Linear. Width: 100 units a direction at
    d = 512, in proportion otherwise. Its input was the power spectrum of 257 bins; here it is the log-mel that all
    systems share. Attention map: "audio_by_words" (B, 8, S, T).
    """

    HEADS = 8

    def __init__(self, config: ModelConfig):
        super().__init__()
        hidden = 4 * max(round(25 * config.d / 512), 1)  # both directions together split into the heads
        self.length = config.length
        self.frames = nn.Sequential(nn.Linear(config.frame_dim, config.d), nn.ReLU(), nn.Dropout(config.dropout))
        self.audio = Recurrent(nn.GRU, config.d, hidden, bidirectional=True)
        self.words = Recurrent(nn.GRU, config.word_dim, hidden, bidirectional=True)
        self.align = MultiHeadAttention(2 * hidden, self.HEADS, config.dropout)
        self.joint = Recurrent(nn.GRU, 4 * hidden, hidden, bidirectional=True)
        self.score = nn.Sequential(nn.Linear(2 * hidden, 2 * hidden), nn.Tanh(), nn.Linear(2 * hidden, 1, bias=False))
        self.dropout, self.predict = nn.Dropout(config.dropout), nn.Linear(2 * hidden, config.n_classes)

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C)."""
        words, mask = batch.words[:, : self.length], batch.words_mask[:, : self.length]
        frames, _ = self.audio(self.frames(batch.mel), batch.mel_mask)
        words, _ = self.words(words, mask)
        aligned, attention = self.align(words, frames, batch.mel_mask, keep_attention)
        joint, _ = self.joint(torch.cat([words, aligned], -1), mask)
        weights = masked_softmax(self.score(joint)[..., 0], mask)
        logits = self.predict(self.dropout((weights[:, None] @ joint)[:, 0]))
        return Output(logits, attention={"audio_by_words": attention} if keep_attention else {})
