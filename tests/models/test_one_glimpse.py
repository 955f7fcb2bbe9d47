"""Attention pooling without a word about glimpses has one."""

import torch

from vcemo_lib.models.attention import AttFlat


def test_one_glimpse_is_the_default():
    torch.manual_seed(0)
    x = torch.randn(2, 5, 8)
    pool = AttFlat(8, 16, None).eval()
    pooled, weights = pool(x)
    assert pooled.shape == (2, 1, 8)
    expected = torch.softmax(pool.score(x)[..., 0], 1)
    torch.testing.assert_close(weights[:, 0], expected)
    torch.testing.assert_close(pooled[:, 0], (expected[..., None] * x).sum(1))
