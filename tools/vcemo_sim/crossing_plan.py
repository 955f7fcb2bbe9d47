"""Decide every utterance of the two crossed parts of VCEMO-Sim, in which words and voice tell only together.

stress  two feeling words of unlike emotion; the emotion is that of the word that is stressed. Each text is spoken
        twice, once with the stress on each.
irony   kind or unkind words in a warm or a cold voice. Rule of the label: sincere where the two agree (kind and warm,
        unkind and cold), ironic where they contradict each other. Cold is angry in half of the texts, flat in the
        others. Each text is spoken in a warm and in a cold voice.

So no text tells anything, and no voice without its words. Both clips of a text have one speaker and are in one part.

    python crossing_plan.py stress plan.csv
"""

import argparse
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd

SEED, SPEAKERS, TEXTS = 20260, 120, 432  # texts of a part; twice as many clips
COLUMNS = ["text", "first", "second", "a", "b", "cold"]  # first and second: what the words or the wording tell
FEELINGS = {
    "angry": "生气 愤怒 气愤 不满 讨厌 怨恨",
    "happy": "高兴 开心 快乐 满意 兴奋 愉快",
    "sad": "难过 伤心 失望 委屈 痛苦 悲伤",
    "fear": "害怕 担心 紧张 不安 恐惧 惊慌",
}
WHEN = "昨天 今天 刚才 后来 现在 那天 晚上 这次"
WHO = "妈妈 爸爸 老师 弟弟 妹妹 同学 邻居 朋友 哥哥 奶奶 经理 司机"
FRAMES = (
    "{when}{who}又{a}又{b}。",
    "{when}{who}一边{a}一边{b}。",
    "{when}{who}有点{a}也有点{b}。",
    "{when}{who}心里{a}脸上{b}。",
    "{who}{when}从{a}变成了{b}。",
    "{who}{when}不知道是{a}还是{b}。",
    "{who}{when}说{a}也说{b}。",
    "{when}有的{who}{a}有的{who}{b}。",
)
# What is judged, and the kind and unkind words that fit; degrees take any of them.
JUDGED = (
    ("这道菜 这碗汤 你做的饭 他烤的饼 食堂的面", "好吃 可口 完美", "难吃 恶心 糟糕"),
    ("你的衣服 这幅画 她的新鞋 这张照片 你写的字", "好看 漂亮 完美", "难看 可笑 差劲"),
    ("你的报告 他的计划 这个主意 她的安排 你的工作", "出色 高明 周到", "糟糕 离谱 马虎"),
    ("你这个人 小王 这位邻居 你们老板 她弟弟", "善良 热心 体贴", "自私 冷漠 小气"),
    ("你唱的歌 他的表演 昨天的节目 这个故事 你的发言", "好听 精彩 优秀", "无聊 差劲 可笑"),
)
DEGREES = ("{what}真{word}。", "{what}太{word}了。", "{what}可真{word}啊。", "{what}实在{word}。", "{what}特别{word}。")


def stress_texts(rng: np.random.Generator) -> pd.DataFrame:
    """As many texts of each ordered pair of emotions, all different."""
    rows, pairs = {}, list(permutations(FEELINGS, 2))
    for pair in pairs:
        texts: dict[str, tuple] = {}
        while len(texts) < TEXTS // len(pairs):
            a, b = (str(rng.choice(FEELINGS[emotion].split())) for emotion in pair)
            frame = FRAMES[rng.integers(len(FRAMES))]
            text = frame.format(when=rng.choice(WHEN.split()), who=rng.choice(WHO.split()), a=a, b=b)
            texts[text] = (*pair, a, b, "")
        rows |= texts
    return pd.DataFrame([(text, *row) for text, row in rows.items()], columns=COLUMNS)


def irony_texts(rng: np.random.Generator) -> pd.DataFrame:
    """As many kind as unkind texts, of the same things in the same frames."""
    rows = []
    for wording, column in (("kind", 1), ("unkind", 2)):
        all_texts = [
            (degree.format(what=what, word=word), wording, "", word, "")
            for judged in JUDGED
            for what in judged[0].split()
            for word in judged[column].split()
            for degree in DEGREES
        ]
        chosen = rng.permutation(len(all_texts))[: TEXTS // 2]
        rows += [(*all_texts[k], ("angry", "flat")[n % 2]) for n, k in enumerate(chosen)]
    return pd.DataFrame(rows, columns=COLUMNS)


def parts_of(kind: pd.Series) -> list[str]:
    """Of each kind of text nine twelfths to train, one to val, two to test."""
    rank = kind.groupby(kind).cumcount() % 12
    return np.select([rank == 9, rank > 9], ["val", "test"], "train").tolist()


def make_plan(part: str) -> pd.DataFrame:
    """One row a clip: the text's two clips follow each other."""
    rng = np.random.default_rng([SEED, len(part)])
    texts = (stress_texts if part == "stress" else irony_texts)(rng).sample(frac=1, random_state=SEED)
    texts = texts.reset_index(drop=True)
    texts["split"] = parts_of(texts["first"] + texts["second"] + texts["cold"])
    texts["speaker"] = [f"v{k:03d}" for k in rng.integers(SPEAKERS, size=len(texts))]
    texts["pair"] = [f"{part}_{k + 1:04d}" for k in range(len(texts))]
    clips = pd.concat([clip(texts, part, first) for first in (True, False)]).sort_values("id", ignore_index=True)
    return clips.drop(columns=["first", "second", "cold"])


def clip(texts: pd.DataFrame, part: str, first: bool) -> pd.DataFrame:
    """One of the two clips of each text: what is stressed or how the voice is, and the label that follows."""
    ids = texts["pair"] + ("a" if first else "b")
    if part == "stress":
        told = {"stressed": texts["a" if first else "b"], "emotion": texts["first" if first else "second"]}
    else:
        voice = pd.Series("warm", texts.index) if first else texts["cold"]
        agree = (texts["first"] == "kind") == first
        told = {"wording": texts["first"], "voice": voice, "emotion": np.where(agree, "sincere", "ironic")}
    return texts.assign(id=ids, **told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=["stress", "irony"])
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    make_plan(args.part).to_csv(args.out, index=False)
