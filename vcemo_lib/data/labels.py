"""The six emotions, the four-class subset, the words that corpora use for them (Paper §4.1–4.2), and other classes."""

from ..errors import VcemoError

EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
FOUR = ("angry", "happy", "neutral", "sad")

# What corpora and tables write, in small letters, for each emotion of the paper, in English and Chinese.
WORDS = {
    "angry": "anger ang mad furious rage 生气 愤怒 气愤 憤怒 生氣 氣憤 怒 恼怒 惱怒 发怒 發怒 愤慨 恼火 "
    "愤恨 憤恨 气恼 氣惱 暴怒 大怒",
    "fear": "fearful fea scared afraid terrified frightened 恐惧 害怕 恐懼 惧 懼 恐 畏惧 畏懼 惊恐 驚恐 惊慌 恐慌 "
    "驚慌 惧怕 懼怕",
    "happy": "happiness joy hap joyful joyous glad cheerful 快乐 高兴 开心 快樂 高興 開心 喜悦 喜悅 喜 愉快 欢喜 "
    "歡喜 欢乐 歡樂 乐 樂 幸福 欣喜 欢快 歡快",
    "neutral": "neu normal neutrality 中立 中性 平静 平靜 无情绪 無情緒 中性情绪 无表情 無表情 平常",
    "sad": "sadness sorrow sorrowful 伤心 悲伤 难过 傷心 悲傷 難過 哀 悲 悲哀 哀伤 哀傷 悲痛 忧伤 憂傷 沮丧 沮喪 "
    "忧愁 憂愁 伤感 傷感 难受 難受",
    "surprise": "surprised astonished sur surprising amazed surprisal 惊喜 惊讶 惊奇 吃惊 驚訝 驚奇 驚喜 吃驚 惊 驚 "
    "诧异 詫異 震惊 震驚 惊异 驚異 惊愕 驚愕",
}
# In German, French, Spanish, Italian, Portuguese, Polish, Japanese, Korean, Russian.
ELSEWHERE = {
    "angry": "wut wütend ärger ärgerlich zorn zornig colère enojo enfado enfadado ira rabia rabbia raiva złość "
    "gniew 怒り 분노 화남 гнев злость",
    "fear": "angst ängstlich furcht peur miedo paura medo strach 恐怖 恐れ 공포 두려움 страх",
    "happy": "freude fröhlich glücklich joie heureux felicidad alegría feliz alegre gioia felicità alegria "
    "felicidade radość szczęście 喜び 嬉しい 기쁨 행복 радость счастье",
    "neutral": "neutre neutralidad neutro neutrale neutralny neutralność 平常心 중립 нейтрально нейтральный",
    "sad": "trauer traurig traurigkeit tristesse triste tristeza tristezza smutek 悲しみ 슬픔 печаль грусть",
    "surprise": "überraschung überrascht sorpresa surpresa zaskoczenie zdziwienie 驚き 놀람 удивление",
}
SYNONYMS = {name: name for name in EMOTIONS} | {
    word: emotion for table in (WORDS, ELSEWHERE) for emotion, words in table.items() for word in words.split()
}

# Words near to one of the six, and words that are none of them: what a sentence about unknown labels proposes.
NEAR = {
    "angry": "frustrated frustration fru irritated annoyed annoyance 烦躁 煩躁 不满 不滿 激怒 hot-anger cold-anger",
    "fear": "worried worry anxious anxiety nervous panic 担心 擔心 焦虑 焦慮 紧张 緊張 不安 忧虑",
    "happy": "excited excitement exc amused amusement elation playful playfulness proud content relaxed grateful "
    "兴奋 興奮 激动 激動 满意 滿意 得意 感激 欣慰",
    "neutral": "calm calmness no-emotion plain 冷静 冷靜 平和 平淡 ruhig calme",
    "sad": "depress depressed depression grief upset disappointed 失望 失落 委屈 痛苦 抑郁 忧郁",
    "": "disgust disgusted dis contempt bored boredom other others oth unknown xxx 厌恶 厭惡 恶心 噁心 讨厌 "
    "討厭 鄙视 轻蔑 輕蔑 无聊 無聊 其他 其它 未知 ekel langeweile dégoût asco desprecio disgusto nojo "
    "wstręt 嫌悪 혐오 отвращение",
}
PROPOSED = {word: emotion for emotion, words in NEAR.items() for word in words.split()}


class TaskError(VcemoError):
    """A task that the paper, or the corpus, does not have."""


def task_labels(n_classes: int | None = None, classes: tuple[str, ...] = EMOTIONS) -> tuple[str, ...]:
    """The label order of a task; the index in it is the class number.

    Args:
        n_classes: 4 or 6 of the six emotions (Paper §4.2); of other classes all. None: all.
        classes: those of the corpus.

    Raises:
        TaskError: another number of classes.

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
