"""The noise on training batches: it moves, stretches and hides what it says, and leaves the batch as it was."""

import numpy as np
import pytest
import torch
from batches import random_batch

from vcemo_lib.training.spec_augment import mask_mel, spec_augmented, warp


def masked(mel, bands, frames, seed):
    mel = mel.clone()
    mask_mel(mel, bands, frames, np.random.default_rng(seed))
    return mel


@pytest.fixture
def batch():
    return random_batch(frames=(60, 9, 22, 1), n_mels=20)


def rng():
    return np.random.default_rng(0)


@pytest.fixture
def small(small):
    """The small recipe without noise, to which each test adds one kind."""
    return small.but(mask_bands=0, mask_frames=0, mask_words=0.0)


def test_no_setting_no_change(batch, small):
    assert spec_augmented(batch, small, rng()) is batch


def test_a_shift_moves_every_band_and_brings_nothing_round():
    mel = torch.arange(20.0).expand(5, 20)
    up, half = warp(mel, 2, 5), warp(mel, -0.5, 5)
    assert torch.equal(up[0, 2:], mel[0, :18])
    assert (up[0, :2] == 0).all()
    assert torch.allclose(half[0, :19], mel[0, :19] + 0.5)
    assert half[0, 19] == 19


def test_stretching_keeps_the_course_and_changes_the_length():
    mel = torch.arange(41.0)[:, None].expand(41, 3)
    slow = warp(mel, 0, 81)
    assert torch.allclose(slow[:, 0], torch.arange(81) / 2, atol=1e-4)


def test_hidden_cells_are_the_mean_and_the_others_untouched():
    mel = torch.randn(80, 20)
    widest = 0
    for seed in range(60):
        hidden = masked(mel, 6, 200, seed) == 0
        bands, frames = hidden.all(0).sum().item(), hidden.all(1).sum().item()
        assert bands <= 6
        assert frames <= 20
        assert hidden.sum() == 80 * bands + 20 * frames - bands * frames
        widest = max(widest, bands)
    assert widest == 6


def test_masks_follow_the_new_lengths_and_words_stay_on_their_frames(batch, small):
    before = batch.mel.clone()
    out = spec_augmented(batch, small.but(stretch_frames=0.3, shift_bands=2, mask_bands=3, mask_frames=4), rng())
    assert torch.equal(batch.mel, before)
    lengths = out.mel_mask.sum(1)
    assert out.mel.shape[1] == lengths.max()
    assert not torch.equal(lengths, batch.mel_mask.sum(1))
    ratio = lengths / batch.mel_mask.sum(1)
    assert ((ratio > 0.7) & (ratio < 1.4)).all()
    assert (out.mel[~out.mel_mask] == 0).all()
    assert torch.equal(out.spans[:, :, 1].amax(1), lengths)  # the last word still ends with the utterance


def test_words_are_hidden_in_their_share_and_nothing_else_moves(batch, small):
    out = spec_augmented(batch, small.but(mask_words=0.3), rng())
    hidden, whole = [], []
    for seed in range(40):
        words = spec_augmented(batch, small.but(mask_words=0.3), np.random.default_rng(seed)).words
        hidden.append((words == 0).all(-1)[batch.words_mask])
        whole.append(torch.equal(words[words != 0], batch.words[words != 0]))
    assert torch.cat(hidden).float().mean() == pytest.approx(0.3, abs=0.05)
    assert all(whole)
    assert torch.equal(out.mel, batch.mel)
    assert torch.equal(out.words_mask, batch.words_mask)


def test_frames_of_a_speech_model_have_no_bands_to_hide_or_to_shift(small):
    batch = random_batch(frames=(60, 9, 22, 1), n_mels=5)
    recipe = small.but(
        speech="prosody", mask_bands=10, shift_bands=3, mask_frames=0, mask_words=0.0, stretch_frames=0.0
    )
    assert torch.equal(spec_augmented(batch, recipe, np.random.default_rng(0)).mel, batch.mel)


def test_a_mask_wider_than_all_bands_hides_at_most_all():
    hidden = [masked(torch.ones(8, 2), 9, 0, seed) for seed in range(20)]
    assert {int((mel == 0).all(0).sum()) for mel in hidden} == {0, 1, 2}
