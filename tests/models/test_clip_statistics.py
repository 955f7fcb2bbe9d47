"""Statistics of a clip beside what the attention pools: each number by hand, and who reads them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from batches import random_batch
from small import SMALL

from vcemo_lib.models.encoders import FLOOR, ClipStatistics, moments
from vcemo_lib.models.vcemo import VcemoModel

READING = replace(SMALL, statistics=3)


def test_moments_are_numpys_of_each_clip_without_its_padding():
    batch = random_batch(frames=(37, 9, 2, 1))
    found = moments(batch.mel + 7 * ~batch.mel_mask[..., None], batch.mel_mask).numpy()
    for i, n in enumerate((37, 9, 2, 1)):
        clip = batch.mel[i, :n].double().numpy()
        steps = np.square(np.diff(clip, axis=0)).sum(0) / max(n - 1, 1)
        wanted = [clip.mean(0), np.sqrt(clip.var(0) + FLOOR), np.sqrt(steps + FLOOR), [n]]
        np.testing.assert_allclose(found[i], np.concatenate(wanted), rtol=1e-4, atol=1e-5)


def test_in_training_each_statistic_is_standardised_over_the_clips():
    """The formula in the docstring once more, with scikit-learn's scaler (n − 0) in place of BatchNorm."""
    from sklearn.preprocessing import StandardScaler

    batch, layer = random_batch(frames=(37, 9, 22, 14)), ClipStatistics(20, 3, 6, dropout=0.0).train()
    found = layer(batch.mel, batch.mel_mask)
    table = [moments(layer.mix(batch.mel[i : i + 1, :n]), torch.ones(1, n)) for i, n in enumerate((37, 9, 22, 14))]
    scaled = torch.tensor(StandardScaler().fit_transform(torch.cat(table).detach().double().numpy()), dtype=torch.float)
    torch.testing.assert_close(found, layer.linear(scaled).relu(), rtol=1e-2, atol=1e-2)  # BatchNorm adds 1e-5


def test_a_silent_clip_and_one_of_a_single_frame_have_finite_gradients():
    layer, mel = ClipStatistics(20, 3, 6, dropout=0.0).train(), torch.zeros(3, 5, 20)
    layer(mel, torch.arange(5) < torch.tensor([[5], [1], [2]])).sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())


@pytest.mark.parametrize("modalities", [("audio",), ("words", "audio"), ("words", "audio", "bert")], ids="+".join)
def test_they_are_added_to_the_pooled_vector(modalities):
    model, batch = VcemoModel(replace(READING, modalities=modalities)).eval(), random_batch()
    pooled, whole = [], []
    model.pool.register_forward_hook(lambda _m, _i, o: pooled.append(o[0]))
    model.head.register_forward_hook(lambda _m, i, _o: whole.append(i[0]))
    model(batch)
    torch.testing.assert_close(whole[0] - pooled[0], model.statistics(batch.mel, batch.mel_mask))
    assert (whole[0] != pooled[0]).any()


def test_without_sound_or_without_the_setting_there_are_none():
    for config in (SMALL, replace(READING, modalities=("words", "bert"))):
        assert VcemoModel(config).statistics is None
    torch.manual_seed(0)
    plain = VcemoModel(SMALL).state_dict()
    torch.manual_seed(0)
    more = VcemoModel(READING).state_dict()
    assert all(torch.equal(more[name], value) for name, value in plain.items())  # a seed draws the rest as before
