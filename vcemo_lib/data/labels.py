"""The six emotions, the four-class subset, the words that corpora use for them (Paper §4.1–4.2), and other classes."""

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
    **dict.fromkeys(("愤怒", "气愤", "憤怒", "生氣", "怒", "mad"), "angry"),
    **dict.fromkeys(("害怕", "恐懼", "惧", "scared", "afraid"), "fear"),
    **dict.fromkeys(("高兴", "开心", "快樂", "高興", "開心", "喜悦", "喜", "joyful"), "happy"),
    **dict.fromkeys(("中性", "平静", "平靜", "无情绪", "normal"), "neutral"),
    **dict.fromkeys(("悲伤", "难过", "傷心", "悲傷", "難過", "哀", "sorrow"), "sad"),
    **dict.fromkeys(("惊讶", "惊奇", "吃惊", "驚訝", "惊", "surprising", "amazed"), "surprise"),
}


class TaskError(VcemoError):
    """A task that the paper, or the corpus, does not have."""


def task_labels(n_classes: int | None = None, classes: tuple[str, ...] = EMOTIONS) -> tuple[str, ...]:
    """The label order of a task; the index in it is the class number.

    Args:
        n_classes: 4 or 6 of the six emotions (Paper §4.2); of other classes all. None: all.
        classes: those of the corpus.

    >>> task_labels(4)
    ('angry', 'happy', 'neutral', 'sad')
    >>> task_labels(3, ("negative", "neutral", "positive"))
    ('negative', 'neutral', 'positive')
    """
    if n_classes in (None, len(classes)):
        return classes
    if classes != EMOTIONS:
        raise TaskError(
            f"the corpus has {len(classes)} classes of its own ({', '.join(classes)}), not {n_classes}: leave the "
            f"number of classes out, or give {len(classes)}"
        )
    if n_classes != 4:
        raise TaskError(f"the paper has a 4-way and a 6-way task, not {n_classes}: pass 4 or 6")
    return FOUR
