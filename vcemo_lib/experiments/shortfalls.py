"""What a model will not learn or not read of a corpus, told before it is trained: a sentence for each kind."""

import numpy as np
import pandas as pd

from ..config import SAMPLE_RATE
from ..data.language import all_unknown
from ..data.modalities import reads_text
from ..data.speaker_splits import doubtful_names
from .experiment import Experiment
from .model_training import nobody_named

NEXT_TO_NOTHING = 0.05  # of accuracy


def cut_texts(experiment: Experiment) -> list[str]:
    """A sentence where texts have more words than the model reads, and one where they have more tokens than BERT."""
    positions, n = experiment.recipe.model.length, len(experiment.corpus)
    counts = [experiment.store.words_read(row, positions) for row in range(n)]
    said = []
    if cut := [read for words, read in counts if read < words]:
        cure = f"'vcemo train --set length={2 * cut[0]} --set max_tokens={2 * cut[0]}' reads twice as many"
        said += [
            f"{len(cut)} of {n} texts have more than {cut[0]} words: of those the first {cut[0]} are read ({cure})"
        ]
    if cut := [read for tokens, read in map(experiment.store.tokens_read, range(n)) if read < tokens]:
        said += [f"{len(cut)} of {n} texts have more than {cut[0]} tokens: of those BERT reads the first {cut[0]}"]
    return said


def never_met(experiment: Experiment) -> list[str]:
    """A sentence where the model has classes that the corpus has not."""
    lacking = [name for name in experiment.labels if name not in set(experiment.corpus.frame["emotion"])]
    if not lacking:
        return []
    return [
        f"the corpus has no utterance of {', '.join(lacking)}: the model cannot learn that, and may answer it all the "
        "same ('vcemo corpus add --classes own' makes the words of a table its classes; 'vcemo train --classes 4' is "
        "for angry, happy, neutral, sad; 'vcemo predict --classes' chooses freely)"
    ]


def unknown_texts(experiment: Experiment) -> list[str]:
    """A sentence where texts have words, of which none has a vector."""
    store, n = experiment.store, len(experiment.corpus)
    strange = [store.texts[row] for row in range(n) if all_unknown(store, row)]
    if not strange:
        return []
    return [
        f"{len(strange)} of {n} texts, such as {strange[0][:40]!r}, have no word with a vector: is the corpus in "
        f"{experiment.corpus.language!r}? If not, say so when it is added (--option language=…)"
    ]


def cut_sounds(experiment: Experiment) -> list[str]:
    """A sentence where recordings are longer than the model reads."""
    longest, n = experiment.recipe.features.max_seconds, len(experiment.corpus)
    if "audio" not in experiment.recipe.model.reads or not experiment.corpus.has_audio:
        return []
    cut = int((experiment.store.sound.samples() > longest * SAMPLE_RATE).sum())
    if not cut:
        return []
    cure = f"('vcemo train --set max_seconds={2 * longest:g}' reads twice as much)"
    return [f"{cut} of {n} recordings are longer than {longest:g} s: of those the first {longest:g} s are read {cure}"]


def unnamed_voices(experiment: Experiment) -> list[str]:
    """A sentence where it is not known of each recording who speaks, or one person does: what scores then tell."""
    if "audio" not in experiment.recipe.model.reads:
        return []
    if not nobody_named(experiment.corpus):
        return doubtful_names(experiment.corpus)
    names = experiment.corpus.frame["speaker"]
    if names.nunique() == 1 and names.notna().all() and experiment.corpus.speakers:
        return ["one person speaks: the scores are of a voice that is heard in training, and tell nothing of others"]
    return [
        "it is not known who speaks: voices and microphones of the test part may be heard in training, and the scores "
        "tell nothing of others (a name in column 'speaker' of each row keeps people apart)"
    ]


def fixed_texts(experiment: Experiment) -> list[str]:
    """A sentence where the same texts stand under all classes, so that no class can be read from a text alone.

    Who knew the commonest class of each text t would be right in Σₜ maxᵧ n(t, y) of N: nobody who reads it alone is
    right more often.
    """
    recipe, corpus = experiment.recipe, experiment.corpus
    if not reads_text(recipe.model.reads) or not any(experiment.store.texts):
        return []
    counts = pd.crosstab(np.array(experiment.store.texts, dtype=object), corpus.frame["emotion"].to_numpy())
    by_heart, common = counts.max(axis=1).sum() / len(corpus), counts.sum().max() / len(corpus)
    if by_heart >= common + NEXT_TO_NOTHING:
        return []
    together = ", so they help at most together with the sound ('vcemo train --modalities audio' leaves them out)"
    return [
        f"the texts alone tell next to nothing: who knew the commonest class of each by heart would be right in "
        f"{100 * by_heart:.1f} of a hundred, who always says the commonest in {100 * common:.1f}"
        f"{together if corpus.has_audio else ''}"
    ]


SHORTFALLS = never_met, unnamed_voices, cut_sounds, cut_texts, unknown_texts, fixed_texts
