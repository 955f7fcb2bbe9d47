"""What people train learns: no constant answer, and more than the commonest class, on corpora of five kinds.

Each run has a budget in updates, whatever the size of the corpus, and a coarse mel, so that it takes seconds.
"""

import pytest

from vcemo_lib.data import load_corpus, split_8_1_1
from vcemo_lib.evaluation import confusion, scores
from vcemo_lib.experiments import prepare
from vcemo_lib.paths import ROOT
from vcemo_lib.recipes import TINY
from vcemo_lib.training import fit

REAL = ROOT.parent / "shared" / "data"
COARSE = TINY.but(hop_length=320, n_mels=40, mask_bands=4, mask_frames=6, copies=0, epochs=1)
CASES = {  # corpus → what is read of it, utterances, classes, updates
    "vcemo_sim": (("audio", "words", "bert"), 900, 4, 250),
    "nemo": (("audio",), None, 6, 250),
    "cped": (("words", "bert"), 4000, 4, 400),
    "deeply": (("audio",), None, None, 250),  # three sentiments of its own
    "brighter": (("words", "bert"), None, None, 300),
}
FOLDERS = {"brighter": "brighter_chn"}


@pytest.mark.parametrize("name", CASES)
def test_a_short_training_is_above_the_commonest_class(name, cache):
    modalities, limit, n_classes, updates = CASES[name]
    root = "" if name == "vcemo_sim" else REAL / FOLDERS.get(name, name)
    if root and not root.is_dir():
        pytest.skip(f"{name} is not in ../shared/data/{root.name}")
    recipe = COARSE.but(modalities=modalities, min_updates=updates)
    experiment = prepare(recipe, load_corpus(name, root, limit), n_classes=n_classes)
    run = fit(experiment.store, split_8_1_1(experiment.corpus), experiment.recipe, 0)
    truth, logits = run.predict("test")
    n_classes = len(run.labels)
    measured = scores(confusion(truth, logits.argmax(1), n_classes))
    assert len(set(logits.argmax(1))) > 1, "one answer to every clip"
    assert measured["ua"] > 1 / n_classes + 0.02, "no more than a constant answer recalls"
