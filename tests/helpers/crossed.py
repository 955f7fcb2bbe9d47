"""Clips of which it is known what tells what, in place of Deeply's."""

import numpy as np

from vcemo_lib.experiments.crossed_voices import BANDS, CEPSTRAL, Crossed


def made(leak: float, scripts: int = 60) -> Crossed:
    """Scripts of three sentiments, each in three voices; the voice is heard, and in the background as much as `leak`."""
    rng = np.random.default_rng(0)
    words = np.repeat(np.arange(scripts) % 3, 3)
    voice = np.tile([0, 1, 2], scripts)
    sound = rng.normal(size=(3 * scripts, CEPSTRAL + BANDS + 2))
    sound[np.arange(len(voice)), voice] += 6  # of the first cepstra
    sound[np.arange(len(words)), 10 + words] += leak
    sound[np.arange(len(words)), CEPSTRAL + words] += leak
    texts = np.array([f"{'abc'[w]}{rng.integers(10**6)}" for w in words], dtype=object)
    script = np.repeat([f"s{k}" for k in range(scripts)], 3).astype(object)
    return Crossed(words, voice, script, np.full(len(words), "one", object), texts, sound, np.arange(len(words)))
