"""Yoon et al.: multi-hop attention (ICASSP 2019) and the dual recurrent encoder (SLT 2018).

Both sources add a 35-d prosody vector to the audio's final state; the batch carries none, so it is left
out. Width: the sources' 200 recurrent units at d = 512, in proportion otherwise (25·d/64).
"""

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..data.batch import Batch
from .attention import masked_softmax
from .encoders import Recurrent
from .output import Output


class Hop(nn.Module):
    """One hop: Σ_t softmax_t((q W + b)·o_t) o_t, bilinear scoring of a query against the steps of a sequence.

    Not verified: W and b, which the authors' later code has; the article of 2019 was not at hand.
    """

    def __init__(self, width: int):
        super().__init__()
        self.project = nn.Linear(width, width)

    def forward(self, query: Tensor, steps: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """query (B, W), steps (B, N, W), mask (B, N) → (B, W) and the weights (B, N)."""
        scores = (steps @ self.project(query)[..., None])[..., 0]
        alpha = masked_softmax(scores, mask)
        return (alpha[:, None] @ steps)[:, 0], alpha


class Mha2(nn.Module):
    """MHA-2: the final audio state looks at the words (H1), H1 looks back at the audio (H2), Linear on [H1; H2].

    Bidirectional LSTM encoders. Attention maps: "words_by_audio" (B, S) and "audio_by_words" (B, T).
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        hidden = 25 * config.d // 64
        self.length = config.length
        self.audio = Recurrent(nn.LSTM, config.frame_dim, hidden, bidirectional=True)
        self.words = Recurrent(nn.LSTM, config.word_dim, hidden, bidirectional=True)
        self.hop1, self.hop2 = Hop(2 * hidden), Hop(2 * hidden)
        self.dropout = nn.Dropout(config.dropout)
        self.predict = nn.Linear(4 * hidden, config.n_classes)

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C)."""
        words, mask = batch.words[:, : self.length], batch.words_mask[:, : self.length]
        frames, final = self.audio(batch.mel, batch.mel_mask)
        words, _ = self.words(words, mask)
        frames, words, final = self.dropout(frames), self.dropout(words), self.dropout(final)
        h1, over_words = self.hop1(final, words, mask)
        h2, over_frames = self.hop2(h1, frames, batch.mel_mask)
        maps = {"words_by_audio": over_words, "audio_by_words": over_frames} if keep_attention else {}
        return Output(self.predict(torch.cat([h1, h2], -1)), attention=maps)


class Mdre(nn.Module):
    """MDRE: a GRU over frames and a GRU over words; their final states, each halved by a Linear; Linear on both.

    No activation between the linear maps, as in the released code (the paper writes tanh). Biases are
    ordinary vectors and the loss is the course's softmax cross-entropy. There is no attention to keep.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        hidden = 25 * config.d // 64
        self.length = config.length
        self.audio = Recurrent(nn.GRU, config.frame_dim, hidden, bidirectional=False)
        self.words = Recurrent(nn.GRU, config.word_dim, hidden, bidirectional=False)
        self.halve_audio, self.halve_words = (nn.Linear(hidden, hidden // 2) for _ in range(2))
        self.dropout = nn.Dropout(config.dropout)
        self.predict = nn.Linear(2 * (hidden // 2), config.n_classes)

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C)."""
        _, audio = self.audio(batch.mel, batch.mel_mask)
        _, words = self.words(batch.words[:, : self.length], batch.words_mask[:, : self.length])
        halves = [self.halve_audio(self.dropout(audio)), self.halve_words(self.dropout(words))]
        return Output(self.predict(torch.cat(halves, -1)))
