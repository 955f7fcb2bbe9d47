"""The columns of a user's table that are read, and those of another name that seem to be meant for one of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from ...paths import SOUNDS
from ..corpus import COLUMNS, CorpusError
from ..own_classes import as_label

if TYPE_CHECKING:
    import pandas as pd

# Names that others give to our columns: where ours is missing, one of these is proposed.
ALIASES = {
    "id": "uid utt_id utterance_id utt key 编号 編號",
    "audio": "path file filename file_name wav wav_path audio_path audio_file filepath file_path 音频 音頻 语音 录音 "
    "音频路径 文件 文件名",
    "emotion": "label labels emo class category sentiment emotion_label 情感 情绪 情緒 标签 標籤 类别",
    "text": "sentence transcript transcription utterance content 文本 内容 文本内容 句子 转写",
    "speaker": "spk spkr actor subject participant user client talker singer person 说话人 說話人 说话者 发音人 讲话人 "
    "演员 被试 話者 화자 sprecher locuteur hablante",
    "split": "划分",
    "text_asr": "",
    "session": "",
    "dialogue": "",
}
# What a split may say.
PARTS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val", "test": "test"}
NUMBERED = "(?:id|no|nr|name|编号|編號)?"  # behind who speaks, as in actor_id
TIMES = ("char_times", "words", "word_times")
OURS = {*COLUMNS, *ALIASES, *TIMES, "gender", "parent"}  # columns that are read somewhere


def refuse_others_names(frame: pd.DataFrame, table: Path) -> None:
    """Refuse a table without some of our columns, but with others that seem to be meant for them."""
    plain = {name: re.sub(r"[\s_.-]", "", as_label(name)) for name in frame}  # as of "Speaker ID"
    meant = {}
    for ours, others in ALIASES.items():
        if ours in frame or ours == "text" and "text_asr" in frame:
            continue
        named = f"(?:{'|'.join([ours, *others.split()])})".replace("_", "") + NUMBERED * (ours == "speaker")
        if found := [name for name in frame if re.fullmatch(named, plain[name])] or _holding(frame, ours):
            meant[ours] = found[0]
    if meant:
        told = ", ".join(f"no column {ours}, but {theirs!r}" for ours, theirs in meant.items())
        cure = " ".join(f"--column {shlex.quote(f'{ours}={theirs}')}" for ours, theirs in meant.items())
        raise CorpusError(f"{table.name} has {told}: give {cure}, or take {'it' if len(meant) == 1 else 'them'} out")


def _holding(frame: pd.DataFrame, ours: str) -> list[str]:
    """The columns of other names than ours that have the names of sounds in all cells, or those of a split's parts."""
    fits = {
        "audio": lambda cell: str(cell).lower().endswith(tuple(SOUNDS)),
        "split": lambda cell: str(cell).lower() in PARTS,
    }
    if ours not in fits or frame.empty:
        return []
    likely = [name for name, cell in frame.iloc[0].items() if name not in OURS and fits[ours](cell)]
    return [
        name for name in likely if frame[name].map(fits[ours]).all() and (ours == "audio" or frame[name].nunique() > 1)
    ]
