"""The six emotions, the four-class subset, and the words that corpora use for them (Paper §4.1–4.2)."""

from ..errors import VcemoError

EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
FOUR = ("angry", "happy", "neutral", "sad")

# What corpora write, in lower case, and the emotion of the paper it stands for.
SYNONYMS = {
    **{name: name for name in EMOTIONS},
    "anger": "angry",
    "ang": "angry",
    "生气": "angry",
    "fearful": "fear",
    "fea": "fear",
    "恐惧": "fear",
    "happiness": "happy",
    "joy": "happy",
    "hap": "happy",
    "快乐": "happy",
    "neu": "neutral",
    "中立": "neutral",
    "sadness": "sad",
    "伤心": "sad",
    "surprised": "surprise",
    "astonished": "surprise",
    "sur": "surprise",
    "惊喜": "surprise",
}


class TaskError(VcemoError):
    """A task that the paper does not have."""


def task_labels(n_classes: int) -> tuple[str, ...]:
    """The label order of the 4-way or 6-way task (Paper §4.2); the index in it is the class number.

    >>> task_labels(4)
    ('angry', 'happy', 'neutral', 'sad')
    """
    if n_classes not in (4, 6):
        raise TaskError(f"the paper has a 4-way and a 6-way task, not {n_classes}: pass 4 or 6")
    return FOUR if n_classes == 4 else EMOTIONS
