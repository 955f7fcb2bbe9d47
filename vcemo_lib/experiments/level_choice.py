"""Whether how loud a clip is, beside the speaker's others, tells anything of a person who was never heard.

It does on Deeply and, for most speakers, on VCEMO-Sim; nEMO's actors do not agree on it, and there it leads astray
(results/TRIALS.md). So it is asked of each training.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import recall_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from ..data.speaker_splits import heard_in_training
from ..data.splits import Split
from ..evaluation.simple import clip_statistics, listener
from .experiment import Experiment

FOLDS = 5
CLIPS = 1_000  # at most, drawn at random: enough to choose one of two


def with_level(experiment: Experiment, split: Split) -> tuple[Experiment, str]:
    """The experiment with the level "speaker" or "reference", whichever tells more of new speakers; and a sentence.

    An SVM on the clips' MFCC statistics answers speakers that it has not heard, once with the mean of the first
    coefficient, the loudness, and once without. It hears the training and the validation part. Nothing changes where
    most test speakers are heard, where no loudness is kept, or where these parts are too few to choose on.
    """
    asks = experiment.recipe.takes_voices and experiment.store.sound.keeps_gain
    new = asks and not heard_in_training(split, experiment.corpus)
    if not new or (recalls := recall_of_new_speakers(experiment, split.train + split.val)) is None:
        return experiment, ""
    told, untold = recalls
    level = "speaker" if told >= untold else "reference"
    what = "how loud a clip is beside its speaker's others is kept" if told >= untold else "all clips are equally loud"
    line = f"{what}: by an SVM, mean recall of speakers not heard is {told:.3f} with it and {untold:.3f} without"
    return experiment.by(experiment.recipe.but(level=level)), line


def recall_of_new_speakers(experiment: Experiment, ids: Sequence[str]) -> tuple[float, float] | None:
    """Mean recall of the SVM with and without the loudness of each clip; None where a fold cannot be learnt from."""
    rows = np.random.default_rng(0).permutation([experiment.store.index[i] for i in ids])[:CLIPS]
    frame = experiment.corpus.frame.iloc[rows]
    speakers, emotion = frame["speaker"].to_numpy(), frame["emotion"].to_numpy()
    n = min(FOLDS, len(set(speakers)))
    folds = list(GroupKFold(n).split(rows, emotion, speakers)) if n > 1 else []
    if not folds or any(len(set(emotion[heard])) < 2 for heard, _ in folds):
        return None
    table = clip_statistics(experiment.store, experiment.recipe)[rows]  # (N, 61); its first column is the loudness
    answers = (cross_val_predict(listener(), x, emotion, cv=folds) for x in (table, table[:, 1:]))
    return tuple(float(recall_score(emotion, said, average="macro")) for said in answers)
