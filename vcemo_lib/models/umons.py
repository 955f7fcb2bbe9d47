"""UMONS: Delbrouck et al. 2020, "A Transformer-based joint-encoding for Emotion Recognition" (ACL)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..data.batch import Batch
from .attention import SA, SGA, AttFlat
from .encoders import adaptive_time_pool
from .output import Output


class Glimpse(nn.Module):
    """x ← LN(x + Drop(G)): each of L positions receives its own attention pooling of the sequence."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.pool = AttFlat(config.d, config.d_ff, None, config.length, config.dropout)
        self.norm, self.dropout = nn.LayerNorm(config.d), nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x (B, L, d), mask (B, L) or None → (B, L, d)."""
        return self.norm(x + self.dropout(self.pool(x, mask)[0]))


class Block(nn.Module):
    """ax = SA(x); ay = SGA(y guided by the block's input x, not by ax); x + ax, y + ay; then a glimpse of each.

    Guiding by the input is the source's quirk: it is stacking, one layer behind. The last block has no glimpses.
    """

    def __init__(self, config: ModelConfig, last: bool):
        super().__init__()
        sizes = (config.d, config.n_heads, config.d_ff, config.dropout)
        self.sa, self.sga = SA(*sizes), SGA(*sizes)
        self.glimpses = None if last else nn.ModuleList(Glimpse(config) for _ in range(2))

    def forward(self, x: Tensor, x_mask: Tensor | None, y: Tensor, y_mask: Tensor | None, keep_map: bool):
        """x, y (B, L, d), their masks (B, L) → both, same shapes, and the maps."""
        ax, x_map = self.sa(x, x_mask, keep_map)
        ay, y_map = self.sga(y, x, y_mask, x_mask, keep_map)
        x, y = x + ax, y + ay
        if self.glimpses:
            x, y = self.glimpses[0](x, x_mask), self.glimpses[1](y, y_mask)
        return x, y, {"words": x_map, "audio_by_words": y_map} if keep_map else {}


class Umons(nn.Module):
    """Words by LSTM, mel by Linear, N joint blocks, attention pooling of each to 2d, sum, LayerNorm, Linear.

    Both sequences have the fixed length L that the glimpses need: words are cut or padded, audio is
    averaged into L bins (the source keeps every sixteenth 12.5 ms frame and cuts at 60). Masks hold in
    every block (`UmonsReleased` drops them where the released code does). LayerNorm is torch's, as in all systems here;
    the released code took over MCAN's, see `attention.Residual`. Attention maps, last block:
    "words", "audio_by_words" (B, H, L, L).
    """

    masks_after_first = True

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.length = config.length
        self.words = nn.LSTM(config.word_dim, config.d, batch_first=True)
        self.audio = nn.Linear(config.frame_dim, config.d)
        last = config.n_layers - 1
        self.blocks = nn.ModuleList(Block(config, last=n == last) for n in range(config.n_layers))
        self.flatten = nn.ModuleList(AttFlat(config.d, config.d_ff, 2 * config.d, 1, config.dropout) for _ in range(2))
        self.norm, self.predict = nn.LayerNorm(2 * config.d), nn.Linear(2 * config.d, config.n_classes)

    def forward(self, batch: Batch, keep_attention: bool = False) -> Output:
        """Logits (B, C)."""
        x, x_mask = self._fixed(batch.words), self._fixed(batch.words_mask)
        x = self.words(x)[0]
        y, y_mask = adaptive_time_pool(batch.mel, batch.mel_mask, self.length)
        y, maps = self.audio(y), {}
        for block in self.blocks:
            x, y, maps = block(x, x_mask, y, y_mask, keep_attention)
            if not self.masks_after_first:
                x_mask = y_mask = None
        pooled = self.flatten[0](x, x_mask)[0] + self.flatten[1](y, y_mask)[0]
        return Output(self.predict(self.norm(pooled)), attention=maps)

    def _fixed(self, x: Tensor) -> Tensor:
        """Cut or padded to L steps."""
        missing = max(0, self.length - x.shape[1])
        return F.pad(x[:, : self.length], (*[0, 0] * (x.dim() - 2), 0, missing))


class UmonsReleased(Umons):
    """UMONS with the quirk of its released code: masks hold in the first block, glimpses included, and not after it.

    Padding takes part from the second block on. All sequences have L steps, so the other utterances of a batch still
    change nothing; the padding of an utterance's own does.
    """

    masks_after_first = False
