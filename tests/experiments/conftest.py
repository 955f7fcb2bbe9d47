"""What several tests of this room train on."""

from dataclasses import replace

import pytest

from vcemo_lib.data import speaker_disjoint
from vcemo_lib.experiments import prepare


@pytest.fixture
def experiment(corpus, small, cache):
    """Sixty utterances of six speakers who are known."""
    speakers = [f"s{k % 6}" for k in range(60)]
    named = replace(corpus, frame=corpus.frame.drop(columns=["split"], errors="ignore").assign(speaker=speakers))
    recipe = small.but(normalise="speaker", modalities=("audio",), copies=0, epochs=1, min_updates=2)
    return prepare(recipe, named, n_classes=6, split=speaker_disjoint)
