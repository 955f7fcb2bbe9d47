"""What simple classifiers reach on a small part of VCEMO-Sim: words alone, sound alone, and how well Whisper hears it."""

import re

import jiwer
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from vcemo_lib.audio.signal import decode, log_mel
from vcemo_lib.evaluation.simple import mfcc_statistics


def parts_of(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are of the training part, and which of the test part."""
    return (frame["split"] == "train").to_numpy(), (frame["split"] == "test").to_numpy()


def right(model, x, y: np.ndarray, frame: pd.DataFrame) -> float:
    """Of a simple classifier that is fitted on train and asked on test, per cent."""
    train, test = parts_of(frame)
    return 100 * float(model.fit(x[train], y[train]).score(x[test], y[test]))


def reader():
    """Character n-grams and a regression."""
    return make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LogisticRegression(C=10))


def listener():
    """An SVM on what MFCCs are on average."""
    return make_pipeline(StandardScaler(), SVC(C=10))


def sound(frame: pd.DataFrame) -> np.ndarray:
    """(N, 60) MFCC statistics of the clips."""
    return np.stack([mfcc_statistics(log_mel(decode(audio))) for audio in frame["audio"]])


def simple(frame: pd.DataFrame) -> dict[str, float]:
    """What simple classifiers of one modality reach, per cent of the test part."""
    y, statistics = frame["emotion"].to_numpy(), sound(frame)
    accuracy = {
        "words alone: character n-grams": right(reader(), frame["text"].to_numpy(), y, frame),
        "sound alone: MFCC + SVM": right(listener(), statistics, y, frame),
    }
    if "wording" in frame:
        warm = (frame["voice"] == "warm").to_numpy()
        accuracy["whether the voice is warm or cold: MFCC + SVM"] = right(listener(), statistics, warm, frame)
    return accuracy


def character_error(frame: pd.DataFrame) -> float:
    """Of `text_asr` against `text`, without punctuation, per cent."""
    said, heard = (frame[column].map(lambda text: re.sub(r"\W", "", text)).tolist() for column in ("text", "text_asr"))
    return 100 * jiwer.cer(said, heard)
