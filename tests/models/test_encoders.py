"""The branches: any length, masks, packed sequences."""

import pytest
import torch
import torch.nn.functional as F
from batches import alone, padded_with, random_batch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from vcemo_lib.models.encoders import AudioEncoder, FrameEncoder, Recurrent, WordEncoder, adaptive_time_pool


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 8, 9, 40, 251])
def test_audio_encoder_takes_any_length(frames):
    encoder = AudioEncoder(20, (3, 4, 5), 6, 5).eval()
    x, mask = encoder(torch.randn(2, frames, 20), torch.ones(2, frames, dtype=torch.bool))
    assert x.shape == (2, 5, 6)
    assert mask.all()
    assert x.isfinite().all()


def test_two_blocks_halve_time_and_all_of_them_the_bands():
    encoder = AudioEncoder(20, (3, 4, 5, 6), 7, 5)
    assert [block.time_stride for block in encoder.blocks] == [2, 2, 1, 1]
    assert encoder.lstm.input_size == 2 * 6  # 20, 10, 5, 3, 2 bands


def test_a_frame_encoder_is_a_linear_map_without_bias_a_norm_and_an_lstm():
    encoder = FrameEncoder(5, 6, 4, 0.0).eval()
    assert sum(p.numel() for p in encoder.parameters()) == 5 * 6 + 2 * 6 + 4 * 6 * (6 + 6) + 2 * 4 * 6
    x, mask = encoder(torch.randn(2, 3, 5), torch.ones(2, 3, dtype=torch.bool))
    assert x.shape == (2, 4, 6)
    assert mask.all()


def test_batchnorm_sees_valid_frames_only():
    """Running statistics after a training step are those of the frames one would cut out by hand."""
    batch = random_batch()
    plain, junk = (AudioEncoder(20, (3, 4), 6, 5).train() for _ in range(2))
    junk.load_state_dict(plain.state_dict())
    plain(batch.mel, batch.mel_mask)
    more = padded_with(batch, 50.0)
    junk(more.mel, more.mel_mask)
    for (name, a), b in zip(plain.named_buffers(), junk.buffers(), strict=True):
        torch.testing.assert_close(a, b, msg=name)
    norm, conv = plain.blocks[0].norm, plain.blocks[0].conv
    each = [conv(alone(batch, i).mel[:, None])[0].flatten(1) for i in range(len(batch))]
    torch.testing.assert_close(norm.running_mean, 0.1 * torch.cat(each, 1).mean(1))
    torch.testing.assert_close(norm.running_var, 0.9 + 0.1 * torch.cat(each, 1).var(1))


@pytest.mark.parametrize("length", [1, 3, 5, 8, 50])
def test_adaptive_pool_is_torchs_on_each_utterance(length):
    lengths = (1, 2, 5, 8, 23)
    x = torch.randn(len(lengths), 23, 3)
    mask = torch.arange(23) < torch.tensor(lengths)[:, None]
    pooled, valid = adaptive_time_pool(x, mask, length)
    for i, n in enumerate(lengths):
        torch.testing.assert_close(pooled[i], F.adaptive_avg_pool1d(x[i, :n].T, length).T)
    assert valid.shape == (len(lengths), length)
    assert valid.all()


def test_a_sequence_without_steps_pools_to_masked_zeros():
    pooled, valid = adaptive_time_pool(torch.randn(1, 4, 3), torch.zeros(1, 4, dtype=torch.bool), 5)
    assert (pooled == 0).all()
    assert not valid.any()


def test_word_encoder_cuts_at_the_common_length_and_zeroes_padding():
    encoder = WordEncoder(12, 6, 3).eval()
    batch = random_batch()
    x, mask = encoder(batch.words, batch.words_mask)
    assert x.shape == (4, 3, 6)
    assert mask.sum(1).tolist() == [3, 1, 3, 3]
    assert (x[~mask] == 0).all()
    torch.testing.assert_close(encoder(batch.words[:, :3], batch.words_mask[:, :3])[0], x)


@pytest.mark.parametrize("cell", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("both", [True, False])
def test_recurrent_layers_equal_packed_sequences_with_their_gradients(cell, both):
    """The independent reference is PyTorch's own way to leave padding out."""
    torch.manual_seed(0)
    layer, packed = Recurrent(cell, 5, 4, both).double(), cell(5, 4, batch_first=True, bidirectional=both).double()
    for part, end in ((layer.ahead, ""), (layer.back, "_reverse"))[: 1 + both]:
        for name, value in part.named_parameters():
            getattr(packed, name + end).data.copy_(value)
    lengths = torch.tensor([7, 1, 4, 9])
    mask = torch.arange(9) < lengths[:, None]
    x = torch.randn(4, 9, 5, dtype=torch.double)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    states, final = layer(ours, mask)
    out, last = packed(pack_padded_sequence(theirs, lengths, batch_first=True, enforce_sorted=False))
    expected = pad_packed_sequence(out, batch_first=True, total_length=9)[0]
    last = (last[0] if isinstance(last, tuple) else last).transpose(0, 1).flatten(1)
    torch.testing.assert_close(states, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(final, last, rtol=0, atol=1e-12)
    weights = torch.randn(states.shape, dtype=torch.double)
    for s, f in ((states, final), (expected, last)):
        ((s * weights).sum() + (f**2).sum()).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-12)
    assert not ours.grad[~mask].any()


def test_a_sequence_without_any_step_gives_finite_numbers_and_gradients():
    layer, x = Recurrent(nn.LSTM, 5, 4, bidirectional=True), torch.randn(2, 3, 5, requires_grad=True)
    states, final = layer(x, torch.tensor([[False] * 3, [True] * 3]))
    (states.sum() + final.sum()).backward()
    assert states.isfinite().all()
    assert x.grad.isfinite().all()
    assert not states[0, 1:].any()
