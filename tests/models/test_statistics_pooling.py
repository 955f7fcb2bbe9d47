"""The small network of chapter 05: its pooling, the speaker's own statistics, and that it learns what it should."""

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from vcemo_lib.models.statistics_pooling import StatsNet, answers, normalise_by_speaker


def _clips(n=48, steps=30, seed=0):
    """Clips of four speakers and two emotions: the emotion is how much the first column moves, beside an offset and a scale of the speaker."""
    rng = np.random.default_rng(seed)
    speaker, y = np.arange(n) % 4, np.arange(n) // 4 % 2
    x = rng.normal(size=(n, steps, 3)).astype(np.float32)
    x[..., 0] *= (1 + y)[:, None]
    x = x * (1 + speaker)[:, None, None] + 5 * speaker[:, None, None]
    for one in range(4):
        of = x[speaker == one].reshape(-1, 3)
        x[speaker == one] = (x[speaker == one] - of.mean(0)) / of.std(0)
    return (
        torch.from_numpy(x.astype(np.float32)),
        torch.ones(n, steps, dtype=torch.bool),
        torch.from_numpy(y),
        torch.from_numpy(speaker),
    )


def test_the_speakers_own_statistics_are_scikit_learns():
    h, speaker = torch.randn(40, 5) * torch.tensor([1.0, 2, 3, 4, 5]), torch.arange(40) % 2
    ours = normalise_by_speaker(h, speaker)
    for one in (0, 1):
        of = h[speaker == one]
        theirs = (
            StandardScaler().fit_transform(of.numpy())
            * (of.std(0, correction=0) / (of.std(0, correction=0) + 0.1 * h.std(0, correction=0) + 1e-3)).numpy()
        )
        np.testing.assert_allclose(ours[speaker == one], theirs, atol=1e-5)


def test_pooling_is_mean_and_deviation_of_the_valid_steps_and_padding_changes_nothing():
    net = StatsNet(3, 2).eval()
    x = torch.randn(2, 20, 3)
    mask = torch.arange(20) < torch.tensor([[20], [12]])
    long, masked = (
        torch.cat([x, torch.full((2, 9, 3), 7.0)], 1),
        torch.cat([mask, torch.zeros(2, 9, dtype=torch.bool)], 1),
    )
    torch.testing.assert_close(net.pooled(long, masked), net.pooled(x, mask), atol=1e-5, rtol=0)
    torch.testing.assert_close(net.pooled(x[1:, :12], mask[1:, :12]), net.pooled(x, mask)[1:], atol=1e-5, rtol=0)


def test_gradient_reaches_every_parameter():
    x, mask, y, speaker = _clips(8)
    net = StatsNet(3, 2)
    torch.nn.functional.cross_entropy(net(x, mask, speaker), y).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_it_tells_the_emotion_of_a_speaker_never_heard_and_never_reads_the_asked_labels():
    x, mask, y, speaker = _clips()
    new = speaker.numpy() == 3
    seen, asked = np.where(~new)[0], np.where(new)[0]
    found = answers(x, mask, y, speaker, seen, asked, 2, updates=60)
    assert (found.argmax(1) == y[asked].numpy()).mean() > 0.9
    other = y.clone()
    other[asked] = 1 - other[asked]
    np.testing.assert_array_equal(answers(x, mask, other, speaker, seen, asked, 2, updates=60), found)
