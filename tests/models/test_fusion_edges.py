"""Fusion with each guided by the other, written out from its two co-attentions; and what is kept unasked: nothing."""

from dataclasses import FrozenInstanceError, replace

import pytest
import torch
from batches import random_batch
from small import SMALL

from vcemo_lib.models.fusion import Fusion, Lone, Sequence
from vcemo_lib.models.registry import SYSTEMS, build_model
from vcemo_lib.recipes import TINY

CONFIG = TINY.but(d=16, d_ff=32, n_heads=2, length=8, conv_channels=(4, 8), dropout=0.0).model


def sequence(name: str, steps: int, seed: int) -> Sequence:
    x = torch.randn(2, steps, 16, generator=torch.Generator().manual_seed(seed))
    return Sequence(name, x, torch.ones(2, steps, dtype=torch.bool))


@pytest.mark.parametrize("join", ["add", "concat"])
def test_both_are_guided_by_the_other_as_it_was(join):
    torch.manual_seed(0)
    fusion = Fusion(CONFIG, join, "both").eval()
    sound, words = sequence("audio", 8, 0), sequence("words", 5, 1)
    fused = fusion(sound, words)
    _, sound_again, _ = fusion.back(words.x, sound.x, words.mask, sound.mask)
    _, words_again, _ = fusion.coattention(sound.x, words.x, sound.mask, words.mask)
    padded = torch.cat([words_again, torch.zeros(2, 3, 16)], 1)
    expected = sound_again + padded if join == "add" else torch.cat([sound_again, words_again], 1)
    torch.testing.assert_close(fused.x, expected)
    assert fused.maps == {}
    assert set(fusion(sound, words, keep_maps=True).maps) == {"audio", "words", "audio_by_words", "words_by_audio"}


def test_what_is_alone_keeps_no_map_unasked():
    torch.manual_seed(0)
    lone = Lone(CONFIG).eval()
    assert lone(sequence("words", 5, 1)).maps == {}
    assert set(lone(sequence("words", 5, 1), keep_maps=True).maps) == {"words"}
    vector = sequence("bert", 1, 2)
    alone = Lone(CONFIG, vector=True)(vector, keep_maps=True)
    assert alone.x is vector.x and alone.name == "fused" and alone.maps == {}


@pytest.mark.parametrize("modalities", [("audio", "words", "bert"), ("words",)])
def test_without_a_layer_of_co_attention_the_maps_that_there_are_are_kept(modalities):
    model = build_model(replace(SMALL, n_layers=0, modalities=modalities)).eval()
    assert set(model(random_batch(), keep_attention=True).attention) == {"final", "pool"}


def test_a_sequence_is_not_changed_in_place():
    words = sequence("words", 5, 1)
    assert words.padded(8)[0].shape == (2, 8, 16)
    with pytest.raises(FrozenInstanceError):
        words.name = "audio"


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_answers_without_a_layer_of_attention(system):
    model = build_model(replace(SMALL, system=system, n_layers=0)).eval()
    assert model(random_batch(), keep_attention=True).logits.isfinite().all()
