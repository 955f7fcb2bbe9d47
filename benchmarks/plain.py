"""The paper's model as it is commonly written in plain torch: torch's own layers, packed sequences, librosa on the fly.

The rival of `step.py`, and its layers those of `attention.py` and `front_end.py`. Weights are copied from ours, so that
the results can be shown equal.
"""

from copy import deepcopy

import librosa
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from vcemo_lib.audio.augment import add_noise
from vcemo_lib.config import SAMPLE_RATE, MelConfig, ModelConfig
from vcemo_lib.data.batch import Batch
from vcemo_lib.models.attention import SA, SGA, CoAttention, MultiHeadAttention
from vcemo_lib.models.vcemo import VcemoModel


def attention(ours: MultiHeadAttention) -> nn.MultiheadAttention:
    """torch's attention with the weights of ours."""
    made = nn.MultiheadAttention(ours.out.in_features, ours.n_heads, ours.dropout, batch_first=True)
    _copy_attention(ours, made)
    return made


def encoder_layer(ours: SA) -> nn.TransformerEncoderLayer:
    """torch's encoder layer, which a self-attention unit is, with the weights of ours."""
    made = nn.TransformerEncoderLayer(*_sizes(ours), batch_first=True)
    _copy_attention(ours.attend, made.self_attn)
    _copy_rest(ours, made, (ours.add1, ours.add2))
    return made


def decoder_layer(ours: SGA) -> nn.TransformerDecoderLayer:
    """torch's decoder layer, which a guided unit is, with the weights of ours."""
    made = nn.TransformerDecoderLayer(*_sizes(ours), batch_first=True)
    _copy_attention(ours.attend, made.self_attn)
    _copy_attention(ours.look, made.multihead_attn)
    _copy_rest(ours, made, (ours.add1, ours.add2, ours.add3))
    return made


def _sizes(unit: SA | SGA) -> tuple[int, int, int, float]:
    return unit.feed[0].in_features, unit.attend.n_heads, unit.feed[0].out_features, unit.attend.dropout


def _copy_attention(ours: MultiHeadAttention, made: nn.MultiheadAttention) -> None:
    three = (ours.query, ours.key, ours.value)
    made.in_proj_weight.data = torch.cat([linear.weight.data for linear in three])
    made.in_proj_bias.data = torch.cat([linear.bias.data for linear in three])
    made.out_proj.load_state_dict(ours.out.state_dict())


def _copy_rest(ours: SA | SGA, made: nn.Module, residuals) -> None:
    made.linear1.load_state_dict(ours.feed[0].state_dict())
    made.linear2.load_state_dict(ours.feed[3].state_dict())
    for number, residual in enumerate(residuals, 1):
        getattr(made, f"norm{number}").load_state_dict(residual.norm.state_dict())


class PlainCoAttention(nn.Module):
    """N encoder layers on the guide, N decoder layers on the guided sequence."""

    def __init__(self, ours: CoAttention):
        super().__init__()
        self.guide = nn.ModuleList(map(encoder_layer, ours.guide_units))
        self.guided = nn.ModuleList(map(decoder_layer, ours.guided_units))

    def forward(self, x: Tensor, y: Tensor, x_mask: Tensor, y_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Guide x (B, N, d) and guided y (B, M, d) with their masks → both."""
        for layer in self.guide:
            x = layer(x, src_key_padding_mask=~x_mask)
        for layer in self.guided:
            y = layer(y, x, tgt_key_padding_mask=~y_mask, memory_key_padding_mask=~x_mask)
        return x, y


def packed(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """States (B, T, W) of an LSTM that reads the valid steps of x (B, T, n_in)."""
    states, _ = lstm(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    return pad_packed_sequence(states, batch_first=True, total_length=x.shape[1])[0]


def convolutions(n_channels: tuple[int, ...]) -> nn.Sequential:
    """Conv2d → BatchNorm2d → ReLU for each block, on (B, 1, T, F); padding counts in the batch statistics."""
    layers, n_in = [], 1
    for k, n_out in enumerate(n_channels):
        stride = (2 if k < 2 else 1, 2)
        layers += [nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
        n_in = n_out
    return nn.Sequential(*layers)


def copy_convolutions(ours: nn.ModuleList, made: nn.Sequential) -> None:
    """The weights of our blocks."""
    for block, conv, norm in zip(ours, made[::3], made[1::3], strict=True):
        conv.load_state_dict(block.conv.state_dict())
        norm.load_state_dict(block.norm.state_dict())


class PlainVcemo(nn.Module):
    """The paper's model in its default readings (Paper Fig. 1), from the same batch as ours."""

    def __init__(self, config: ModelConfig, ours: VcemoModel):
        super().__init__()
        audio, words = ours.encoders["audio"], ours.encoders["words"]
        self.length = config.length
        self.conv = convolutions(config.conv_channels)
        copy_convolutions(audio.blocks, self.conv)
        self.audio_lstm, self.word_lstm = (_copied(branch.lstm) for branch in (audio, words))
        self.word_conv, self.word_norm = _copied(words.conv), _copied(words.norm)
        self.bert = _copied(ours.encoders["bert"].linear)
        self.fusion1, self.fusion2 = (PlainCoAttention(f.coattention) for f in (ours.fusion1, ours.fusion2))
        self.final = encoder_layer(ours.final)
        score = ours.pool.score
        self.score = nn.Sequential(_copied(score[0]), nn.ReLU(), nn.Dropout(config.dropout), _copied(score[3]))
        self.merge, self.projector = _copied(ours.pool.merge), _copied(ours.head.projector)
        self.predictor = _copied(ours.head.predictor)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Logits (B, C) and h (B, d_proj)."""
        audio, words, mask = self._audio(batch), *self._words(batch)
        everywhere = torch.ones(audio.shape[:2], dtype=torch.bool)
        x, y = self.fusion1(words, audio, mask, everywhere)
        x = F.pad(x * mask[..., None], (0, 0, 0, self.length - x.shape[1])) + y
        bert = self.bert(batch.bert)[:, None]
        x, y = self.fusion2(x, bert, everywhere, everywhere[:, :1])
        x = self.final(torch.cat([x, y], 1))
        pooled = self.merge((self.score(x).softmax(1) * x).sum(1))
        h = self.projector(pooled)
        return self.predictor(F.relu(h)), h

    def _audio(self, batch: Batch) -> Tensor:
        x = self.conv(batch.mel[:, None]).permute(0, 2, 3, 1).flatten(2)
        lengths = (batch.mel_mask.sum(1) + 3) // 4
        x = packed(self.audio_lstm, x, lengths)
        pooled = [F.adaptive_avg_pool1d(s[:n].T, self.length).T for s, n in zip(x, lengths.tolist(), strict=True)]
        return torch.stack(pooled)

    def _words(self, batch: Batch) -> tuple[Tensor, Tensor]:
        words, mask = batch.words[:, : self.length], batch.words_mask[:, : self.length]
        x = packed(self.word_lstm, words, mask.sum(1))
        return F.relu(self.word_norm(self.word_conv(x.transpose(1, 2)))).transpose(1, 2), mask


def _copied(module: nn.Module) -> nn.Module:
    return deepcopy(module)


def librosa_mel(wave: np.ndarray, config: MelConfig) -> np.ndarray:
    """The log-mel (T, n_mels) by librosa."""
    power = librosa.feature.melspectrogram(
        y=wave,
        sr=SAMPLE_RATE,
        n_fft=config.n_fft,
        win_length=config.win_length,
        hop_length=config.hop_length,
        n_mels=config.n_mels,
        fmin=20.0,
        pad_mode="reflect",
    )
    return np.log(np.maximum(power, 1e-6)).T


def librosa_copy(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An augmented copy (Paper §3.5), made anew whenever it is read."""
    if rng.random() < 0.5:
        wave = librosa.effects.pitch_shift(wave, sr=SAMPLE_RATE, n_steps=rng.uniform(-2, 2))
    if rng.random() < 0.5:
        wave = librosa.effects.time_stretch(wave, rate=rng.uniform(0.9, 1.1))
    return add_noise(wave, 30.0, rng) if rng.random() < 0.5 else wave
