"""What it is worth to know a voice: the speaker's own mean from 0, 1, 3, 10 or 30 other clips of the person.

`python -m vcemo_lib.experiments.enrolment_curve` makes results/enrolment_curve.json, in some minutes of one core;
chapter "One training run" reads it. An SVM on MFCC statistics answers, from the sound alone: it takes seconds, is the
same at every run, and what it gains is not a matter of how long a network was trained.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.pipeline import Pipeline

from ..audio.signal import normalise
from ..data.features import FeatureStore
from ..data.speaker_splits import speaker_disjoint
from ..data.splits import Split
from ..data.voices import Voice, average, enrolled
from ..digests import content_key
from ..evaluation.metrics import confusion, scores
from ..evaluation.records import ProtocolCard, fill_record, read_record_of
from ..evaluation.simple import classes, listener, mfcc_statistics
from ..paths import RESULTS
from ..recipes import TINY
from .experiment import prepare

FILE = RESULTS / "enrolment_curve.json"
CLIPS = (0, 1, 3, 10, 30)  # of a person, from which the mean is taken
CLIP_ALONE, ALL_CLIPS = "the clip itself", "all clips"  # each band's mean over the clip; over all clips of the person
SPLITS, CLASSES = 5, 4
RECIPE = TINY.but(limit=None, copies=0, hop_length=320, n_mels=40, normalise="speaker", modalities=("audio",))

Heard = Callable[[int], np.ndarray]  # the row of an utterance → its frames, (T, F), as the SVM hears them
COMMAND = "python -m vcemo_lib.experiments.enrolment_curve"


def by_enrolment(store: FeatureStore, split: Split, seed: int) -> dict[str, dict[str, float]]:
    """Accuracy and mean recall on speakers never heard, by what their mean is taken from: `CLIPS`, and the two others.

    Validation and test part are both asked, as nothing is chosen. Of each of their speakers `max(CLIPS)` clips, drawn
    at random, are there to enrol from; the others are asked, the same ones by every mean.
    """
    speakers, own, mel = store.corpus.frame["speaker"].to_numpy(), store.sound.voices, store.sound.recordings
    train, strangers = (np.array([store.index[i] for i in ids]) for ids in (split.train, split.val + split.test))
    rng, rate = np.random.default_rng(seed), store.sound.frames_per_second
    names = sorted(set(speakers[strangers]))
    rows_of = {name: rng.permutation(strangers[speakers[strangers] == name]) for name in names}
    asked = np.concatenate([rows[max(CLIPS) :] for rows in rows_of.values()])
    known = average(own[name] for name in sorted(set(speakers[train])))

    def less(voices: dict[str, Voice]) -> Heard:
        return lambda row: voices[speakers[row]].taken_from(np.asarray(mel[row], np.float32))

    def voices_from(k: int) -> dict[str, Voice]:
        return {n: enrolled([mel[r] for r in rows[:k]], known, rate) if k else known for n, rows in rows_of.items()}

    def alone(row: int) -> np.ndarray:
        return normalise(np.asarray(mel[row], np.float32), "band")

    svm, other = (listener().fit(_statistics(train, heard), _emotions(store, train)) for heard in (less(own), alone))
    curve = {str(k): _scores(store, svm, asked, less(voices_from(k))) for k in CLIPS}
    return curve | {ALL_CLIPS: _scores(store, svm, asked, less(own)), CLIP_ALONE: _scores(store, other, asked, alone)}


def _statistics(rows: np.ndarray, heard: Heard) -> np.ndarray:
    """(N, 61): MFCC statistics and the number of frames."""
    return np.stack([[*mfcc_statistics(frames), len(frames)] for frames in map(heard, rows)])


def _emotions(store: FeatureStore, rows: np.ndarray) -> np.ndarray:
    return classes(store, store.corpus.task_labels(CLASSES))[rows]


def _scores(store: FeatureStore, svm: Pipeline, rows: np.ndarray, heard: Heard) -> dict[str, float]:
    matrix = confusion(_emotions(store, rows), svm.predict(_statistics(rows, heard)), CLASSES)
    return {"asked": len(rows), **{name: round(value, 4) for name, value in scores(matrix).items()}}


def make_record(splits: int = SPLITS, file: Path = FILE, say: Callable[[str], None] = lambda line: None) -> dict:
    """Make the speaker-disjoint splits that the file lacks."""
    whole = cache(lambda: prepare(RECIPE, "vcemo_sim", n_classes=CLASSES, split=speaker_disjoint))

    def make(seed: int) -> tuple[dict, ProtocolCard]:
        made = by_enrolment(whole().store, speaker_disjoint(whole().corpus, seed), seed)
        return made, whole().card("nothing")

    return fill_record(file, definition(), COMMAND, {f"split {seed}": seed for seed in range(splits)}, make, say)


def definition() -> str:
    """Changes with any setting of the record."""
    return content_key(RECIPE.key, CLIPS)


def recorded_enrolment(file: Path = FILE) -> dict[str, dict]:
    """What each recorded split found, by its name; nothing where there is no file.

    Raises:
        RecordError: the file was made by other settings.
    """
    return read_record_of(file, definition(), COMMAND)


def accuracy_by_enrolment(kept: dict[str, dict]) -> pd.DataFrame:
    """A row a recorded split, a column for each way to know the voice, in the order of what is known."""
    order = [CLIP_ALONE, *map(str, CLIPS), ALL_CLIPS]
    return pd.DataFrame({name: {way: split[way]["wa"] for way in order} for name, split in kept.items()}).T


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_record(say=lambda line: print(line, flush=True))
