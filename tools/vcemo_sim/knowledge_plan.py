"""Decide every utterance of the part *knowledge*: feeling words and idioms of which training has none, in a plain voice.

word      {who}很生气。                 idiom     {who}听了这话怒气冲冲。
negation  {who}不是生气，是高兴。        contrast  虽然{who}很生气，可是后来很高兴。

Rule of the label: the emotion that is affirmed. In a negation that is not the one denied; in a contrast that of the main
clause (after 可是, 但是, 却) and not that of the clause which is conceded (after 虽然, 尽管).

Kept out of training are all feeling words, idioms, and frames of negation and contrast of val and test. No character of
their words and idioms stands anywhere in a text of training, so that spelling tells nothing: who knows no Chinese is at
chance. Carriers, people and times are shared by all parts, and come alike in each class.

    python knowledge_plan.py plan.csv
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

SEED, SPEAKERS = 20262, 120
CLASSES = ("angry", "happy", "sad", "fear")
CLIPS = {"train": 15, "val": 3, "test": 12}  # of each class and kind; each denied or conceded emotion alike
WORDS = {
    "train": {
        "angry": "生气 愤怒 气愤 恼火 恼怒 愤慨 气恼 来气",
        "happy": "高兴 开心 快乐 兴奋 愉快 欢乐 欢喜 喜悦",
        "sad": "难过 伤心 悲伤 难受 心酸 悲哀 哀伤 悲惨",
        "fear": "害怕 担心 恐惧 惊慌 惊恐 慌乱 惧怕 惶恐",
    },
    "val": {"angry": "嫌弃 抱怨", "happy": "陶醉 骄傲", "sad": "凄凉 颓丧", "fear": "忌惮 胆小"},
    "test": {
        "angry": "暴躁 烦躁 憎恶 厌烦 抓狂 怨恨",
        "happy": "满足 得意 欣慰 幸福 甜蜜 舒畅",
        "sad": "沮丧 忧郁 绝望 消沉 孤独 低落",
        "fear": "紧张 忐忑 焦虑 胆怯 畏缩 畏怯",
    },
}
IDIOMS = {
    "train": {
        "angry": "怒气冲冲 火冒三丈 恼羞成怒 怒火中烧 气急败坏 气势汹汹 怒不可遏 勃然大怒",
        "happy": "兴高采烈 欢天喜地 心花怒放 喜气洋洋 喜笑颜开 欢呼雀跃 兴致勃勃 喜不自胜",
        "sad": "黯然神伤 触景伤情 悲从中来 哭哭啼啼 潸然泪下 泣不成声 哭天抹泪 悲不自胜",
        "fear": "惊慌失措 担惊受怕 心有余悸 人心惶惶 诚惶诚恐 不寒而栗 惶恐不安 杯弓蛇影",
    },
    "val": {
        "angry": "骂骂咧咧 咆哮如雷",
        "happy": "容光焕发 拍手叫好",
        "sad": "借酒浇愁 孤苦伶仃",
        "fear": "畏首畏尾 如坐针毡",
    },
    "test": {
        "angry": "咬牙切齿 暴跳如雷 深恶痛绝 横眉竖眼 恨之入骨 吹胡瞪眼",
        "happy": "手舞足蹈 眉飞色舞 春风得意 载歌载舞 满面春风 如愿以偿",
        "sad": "愁眉苦脸 肝肠寸断 万念俱灰 愁肠百结 长吁短叹 满面愁容",
        "fear": "闻风丧胆 胆小如鼠 瑟瑟畏怯 战战兢兢 面如土色 魂飞魄散",
    },
}
WHEN = "昨天 今天 刚才 当时 现在 那天 晚上 这次".split()
WHO = "妈妈 爸爸 老师 弟弟 妹妹 同学 邻居 朋友 哥哥 奶奶 经理 司机".split()
CARRIERS = {
    "word": ("{when}{who}很{yes}。", "{when}{who}特别{yes}。", "{who}{when}感到{yes}。", "{who}{when}说自己{yes}。"),
    "idiom": ("{when}{who}{yes}。", "{who}听了这话{yes}。", "{who}{when}看起来{yes}。", "{who}整天都{yes}。"),
}
# Of each part some frames have the word that counts first and some have it last.
FRAMES = {
    ("negation", "train"): (
        "{when}{who}不是{no}，是{yes}。",
        "{when}{who}是{yes}，不是{no}。",
        "{who}{when}没有{no}，反而{yes}。",
        "{who}{when}很{yes}，没有{no}。",
    ),
    ("negation", "val"): ("{who}{when}谈不上{no}，算得上{yes}。", "{who}{when}算得上{yes}，谈不上{no}。"),
    ("negation", "test"): (
        "{when}{who}一点也不{no}，倒是挺{yes}。",
        "{when}{who}挺{yes}的，一点也不{no}。",
        "{who}{when}与其说{no}，不如说{yes}。",
        "{who}{when}心里全是{yes}，哪有什么{no}。",
    ),
    ("contrast", "train"): (
        "虽然{when}{who}有点{no}，可是后来很{yes}。",
        "{when}{who}后来很{yes}，虽然开始有点{no}。",
        "{when}{who}嘴上说{no}，心里可是很{yes}。",
        "{when}{who}还是很{yes}，虽然别人都{no}。",
    ),
    ("contrast", "val"): ("{when}别人{no}，{who}却{yes}。", "{who}却{yes}，就算{when}别人{no}。"),
    ("contrast", "test"): (
        "尽管{when}{who}起初{no}，但是最后非常{yes}。",
        "{when}{who}最后非常{yes}，尽管起初{no}。",
        "{when}{who}本来应该{no}，但是反应是{yes}。",
        "{when}{who}仍然十分{yes}，尽管大家以为会{no}。",
    ),
}


def shuffled(items, count: int, rng: np.random.Generator) -> list:
    """`count` of the items, each as often as any other but for one, in random order."""
    rounds = [rng.permutation(len(items)) for _ in range(-(-count // len(items)))]
    return [items[k] for k in np.concatenate(rounds)[:count]]


def texts_of(kind: str, part: str, emotion: str, rng: np.random.Generator) -> list[dict]:
    """The texts of one kind, part and emotion, all different; beside the text what it is made of."""
    count, pool = CLIPS[part], (IDIOMS if kind == "idiom" else WORDS)[part]
    others = [other for other in CLASSES if other != emotion] if kind in ("negation", "contrast") else [""]
    frames = CARRIERS[kind] if kind in CARRIERS else FRAMES[kind, part]
    draws = zip(
        shuffled(pool[emotion].split(), count, rng),
        shuffled(frames, count, rng),
        shuffled(others, count, rng),
        strict=True,
    )
    rows: dict[str, dict] = {}
    for word, frame, other in draws:
        denied = str(rng.choice(pool[other].split())) if other else ""
        free = (frame.format(when=a, who=b, yes=word, no=denied) for a, b in rng.permutation(list(product(WHEN, WHO))))
        text = next(text for text in free if text not in rows)
        rows[text] = {"text": text, "word": word, "denied": denied, "frame": frame, "kind": kind, "emotion": emotion}
    return [row | {"split": part} for row in rows.values()]


def make_plan() -> pd.DataFrame:
    """One row a clip, in random order."""
    rng = np.random.default_rng(SEED)
    kinds = ("word", "idiom", "negation", "contrast")
    rows = [row for cell in product(kinds, CLIPS, CLASSES) for row in texts_of(*cell, rng)]
    plan = pd.DataFrame(rows).sample(frac=1, random_state=SEED).reset_index(drop=True)
    plan["speaker"] = [f"v{k:03d}" for k in rng.integers(SPEAKERS, size=len(plan))]
    plan["id"] = plan["pair"] = [f"knowledge_{k + 1:04d}" for k in range(len(plan))]
    return plan


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    make_plan().to_csv(parser.parse_args().out, index=False)
