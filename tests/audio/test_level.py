"""Features of `level="reference"` are the same however loud a clip was recorded."""

import numpy as np
import pytest

from vcemo_lib.audio.signal import REFERENCE, at_reference, log_mel
from vcemo_lib.config import ConfigError, FeatureConfig
from vcemo_lib.digests import settings


@pytest.fixture(scope="module")
def wave(corpus):
    return corpus.wave(corpus.ids[0])


@pytest.mark.parametrize("decibels", [-40, -30, -12, 6, 20])
def test_the_gain_goes(wave, decibels):
    louder = (wave * 10 ** (decibels / 20)).astype(np.float32)
    assert np.abs(log_mel(louder) - log_mel(wave)).max() > 0.5  # the absolute floor sees to it
    np.testing.assert_allclose(at_reference(louder), at_reference(wave), atol=1e-6)


def test_a_constant_offset_goes(wave):
    np.testing.assert_allclose(at_reference(wave + np.float32(0.2)), at_reference(wave), atol=1e-4)


def test_the_loud_frames_of_a_steady_tone_are_at_the_reference():
    """A sine of any size becomes one of 0.1 · √2: its root mean square is its size by √2."""
    tone = 0.003 * np.sin(2 * np.pi * 400 * np.arange(16_000) / 16_000)
    assert np.abs(at_reference(tone)).max() == pytest.approx(REFERENCE * np.sqrt(2), rel=1e-3)
    assert len(at_reference(tone[:100])) == 100


def test_as_recorded_is_the_default_and_changes_no_key():
    assert "level" not in settings(FeatureConfig())
    with pytest.raises(ConfigError, match="level='loud' is unknown"):
        FeatureConfig(level="loud")
