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
    **dict.fromkeys(("愤怒", "气愤", "憤怒", "生氣", "怒", "mad"), "angry"),
    **dict.fromkeys(("害怕", "恐懼", "惧", "scared", "afraid"), "fear"),
    **dict.fromkeys(("高兴", "开心", "快樂", "高興", "開心", "喜悦", "喜", "joyful"), "happy"),
    **dict.fromkeys(("中性", "平静", "平靜", "无情绪", "normal"), "neutral"),
    **dict.fromkeys(("悲伤", "难过", "傷心", "悲傷", "難過", "哀", "sorrow"), "sad"),
    **dict.fromkeys(("惊讶", "惊奇", "吃惊", "驚訝", "惊", "surprising", "amazed"), "surprise"),
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
