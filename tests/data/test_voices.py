"""A speaker's own mean: of all recordings in a corpus, of a few and the average speaker elsewhere."""

import numpy as np
import pytest

from vcemo_lib.data.voices import PRIOR_SECONDS, Voice, average, enrolled, voice_of

RATE = 100.0  # frames a second
KNOWN = Voice(np.zeros(3, np.float32), np.ones(3, np.float32))


def recordings(number: int, frames: int = 200) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal((5, -2, 0), (2, 0.5, 1), (frames, 3)) for _ in range(number)]


def test_a_voice_is_mean_and_deviation_over_all_frames():
    clips = recordings(2)
    voice = voice_of(clips)
    np.testing.assert_allclose(voice.mean, np.concatenate(clips).mean(0), rtol=1e-5)
    taken = np.concatenate([voice.taken_from(clip) for clip in clips])
    np.testing.assert_allclose(taken.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(taken.std(0), 1, atol=1e-4)


def test_with_more_clips_the_own_voice_prevails():
    far = [np.abs(enrolled(recordings(n), KNOWN, RATE).mean - (5, -2, 0)).max() for n in (1, 3, 30)]
    assert far[0] > far[1] > far[2]
    assert far[2] < 0.4


def test_the_average_speaker_counts_as_some_seconds_do():
    clips, prior = recordings(1, 200), PRIOR_SECONDS * RATE
    expected = 200 * voice_of(clips).mean / (200 + prior)
    np.testing.assert_allclose(enrolled(clips, KNOWN, RATE).mean, expected, rtol=1e-5)


def test_each_person_counts_once():
    short, long = voice_of(recordings(1, 50)), voice_of(recordings(9))
    np.testing.assert_allclose(average([short, long]).mean, (short.mean + long.mean) / 2)


@pytest.mark.parametrize("frames", [np.zeros((5, 3)), np.full((1, 3), -7.0)])
def test_silence_is_no_division_by_zero(frames):
    assert np.isfinite(voice_of([frames]).taken_from(frames)).all()
