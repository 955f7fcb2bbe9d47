"""Tiny copies of Mandarin corpora, each in its exact official layout, with the blemishes that its real copies have."""

import json
from pathlib import Path

import pandas as pd

from .sounds import put, tone


def casia_by_speaker(root: Path) -> None:
    """`<speaker>/<emotion>/<NNN>.wav`; the case of a name varies, and macOS left shadows."""
    for speaker in ("liuchanhg", "wangzhe", "zhaoquanyin", "ZhaoZuoxiang"):
        for emotion in ("angry", "fear", "happy", "neutral", "sad", "surprise"):
            tone(root / speaker / emotion / "201.wav")
    put(root / "wangzhe" / "sad" / "._201.wav", "no sound")


def casia_by_emotion(root: Path) -> None:
    """`<emotion>/<NNN>-<emotion>-<speaker>.wav` and a metadata table with back-slashes that nobody needs."""
    for speaker in ("liuchanhg", "wangzhe", "zhaoquanyin", "ZhaoZuoxiang"):
        for emotion in ("angry", "fear", "happy", "neutral", "sad", "surprise"):
            tone(root / emotion / f"201-{emotion}-{speaker}.wav")
    put(root / "metadata.csv", "name,label\nangry\\201-angry-wangzhe.wav,angry\n")


ESD_WORDS = {"Neutral": "中立", "Angry": "生气", "Happy": "快乐", "Sad": "伤心", "Surprise": "惊喜"}


def esd(root: Path, flat: bool = False) -> None:
    """Chinese labels in three encodings, a line without tabs, one label that contradicts its folder, English beside."""
    for speaker, encoding in (
        ("0001", "gb2312"),
        ("0003", "utf-16"),
        ("0004", "utf-8"),
        ("0011", "utf-8"),
        ("0016", "latin-1"),
    ):
        lines = []
        for place, (emotion, word) in enumerate(ESD_WORDS.items()):
            for number, part in enumerate(("evaluation", "test", "train"), start=350 * place + 1):
                name = f"{speaker}_{number:06d}"
                tone(root / speaker / emotion / ("" if flat else part) / f"{name}.wav")
                chinese = speaker <= "0010"
                lines.append(
                    f"{name}\t{'打远一看。' if chinese else 'The café nearby.'}\t{word if chinese else emotion}"
                )
        lines[0] = lines[0].replace("\t", " ")
        lines[3] = lines[3].replace(ESD_WORDS["Angry"], ESD_WORDS["Sad"])
        put(root / speaker / f"{speaker}.txt", "\r\n".join(lines) + "\r\n", encoding)


def csemotions(root: Path) -> None:
    """Two of its parquet files in `data/`, 48 kHz bytes, playfulness among the emotions."""
    words = ["angry", "fearful", "happy", "neutral", "playfulness", "sad", "surprise"]
    (root / "data").mkdir(parents=True)
    for part, speaker in enumerate(("female001", "male005")):
        rows = [
            {
                "audio": {"bytes": tone(rate=48_000, pitch=200 + 20 * n), "path": None},
                "text": f"第{n}句。",
                "emotion": word,
                "speaker": speaker,
            }
            for n, word in enumerate(words)
        ]
        pd.DataFrame(rows).to_parquet(root / "data" / f"train-{part:05d}-of-00008.parquet")


def emotiontalk(root: Path) -> None:
    """Folders in another case than documented, marks in the text, other labels in Audio, one clip not unpacked."""
    said = {
        "G00001": ("angry", "[over/]你怎么[/over]不说[laughing]"),
        "G00003": ("surprised", "真的？"),
        "G00002": ("disgusted", "恶心"),
        "G00004": ("fearful", "[Sobbing] 别走"),
    }
    for group, (label, text) in said.items():
        for number in (1, 2):
            place = Path(group, f"{group}_02", f"{group}_02_01", f"{group}_02_01_{number:03d}")
            for votes, word in (("multimodal", label), ("Audio", "neutral")):
                facts = {
                    "data": [],
                    "emotion_result": word,
                    "speaker_id": f"{group}_0{number}",
                    "paragraphs": "",
                    "sourceAttr": {},
                    "file_name": f"{place}.wav",
                    "content": text,
                }
                put(root / votes / "json" / place.with_suffix(".json"), json.dumps(facts, ensure_ascii=False))
            if (group, number) != ("G00004", 2):
                tone(root / "Audio" / "wav" / place.with_suffix(".wav"), rate=44_100)


def m3ed(root: Path) -> None:
    """Spaces in the text, one clip missing, three series in three parts."""

    def said(text, speaker, label):
        return {
            "StartTime": "00:00:01:00",
            "EndTime": "00:00:02:00",
            "Text": text,
            "Speaker": speaker,
            "EmoAnnotation": {"EmoAnnotator1": label, "final_mul_emo": f"{label},Neutral", "final_main_emo": label},
        }

    annotation = {}
    for series, part in (("zhinanzhi", "train"), ("jiaqi", "val"), ("rucike", "test")):
        people = {
            "A": {"Name": "甲", "Age": "young", "Gender": "Female", "OtherName": ""},
            "B": {"Name": "乙", "Age": "", "Gender": "Male"},
        }
        dialog = {
            f"{series}_1_{n}": said("你 怎么 了", "AB"[n % 2], label)
            for n, label in enumerate(("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"), start=1)
        }
        annotation[series] = {f"{series}_1": {"SpeakerInfo": people, "Dialog": dialog}}
        for utterance, facts in dialog.items():
            tone(root / "modality_speech" / f"{facts['Speaker']}_{utterance}.wav")
        put(root / "splitInfo" / f"movie_list_{part}.txt", f"{series}\n")
    (root / "modality_speech" / "B_rucike_1_7.wav").unlink()
    put(root / "annotation.json", json.dumps(annotation, ensure_ascii=False))


def cped(root: Path, parts: tuple[str, ...] = ("train", "valid", "test")) -> None:
    """UTF-8 with a mark; a text with a comma in quotes; the thirteen emotions."""
    head = (
        "TV_ID,Dialogue_ID,Utterance_ID,Speaker,Gender,Age,Neuroticism,Extraversion,Openness,Agreeableness,"
        "Conscientiousness,Scene,FacePosition_LU,FacePosition_RD,Sentiment,Emotion,DA,Utterance"
    )
    words = (
        "neutral",
        "anger",
        "depress",
        "negative-other",
        "happy",
        "relaxed",
        "positive-other",
        "worried",
        "astonished",
        "fear",
        "sadness",
        "disgust",
        "grateful",
    )
    for number, part in enumerate(parts):
        lines = [
            f"{number:02d},{number:02d}_00{n % 4},{number:02d}_00{n % 4}_{n:03d},甲"
            f"{n % 4},female,young,high,high,low,high,high,"
            f'car,335_103,493_312,negative,{word},question,"怎么了,你"'
            for n, word in enumerate(words)
        ]
        put(root / f"{part}_split.csv", "\n".join([head, *lines]) + "\n", "utf-8-sig")


def brighter(root: Path) -> None:
    """Three parts, each with a text of every emotion alone, one of none, and two of several; a comma in quotes."""
    columns = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
    marks = [{name} for name in columns] + [set(), {"anger", "disgust"}, {"joy", "surprise"}]
    for part in ("train", "dev", "test"):
        lines = [
            f'chn_{part}_{n:05d},"今天,第{n}句",' + ",".join(str(int(name in marked)) for name in columns)
            for n, marked in enumerate(marks)
        ]
        put(root / f"{part}.csv", "\n".join(["id,text," + ",".join(columns), *lines]) + "\n")


def emobox(root: Path) -> Path:
    """EmoBox's lists of CASIA with four folds, and the audio where they say; returns the folder of the lists."""
    folds = ("liuchanhg", "wangzhe", "zhaoquanyin", "ZhaoZuoxiang")
    casia_by_speaker(root / "downloads" / "casia")
    lists = root / "data" / "casia"

    def line(speaker, emotion):
        return json.dumps(
            {
                "key": f"casia-201-{speaker}-{emotion}",
                "dataset": "casia",
                "type": "raw",
                "sample_rate": 16000,
                "wav": f"downloads/casia/{speaker}/{emotion}/201.wav",
                "num_frame": 3200.0,
                "task": "category",
                "length": 0.2,
                "emo": emotion,
                "channel": 1,
            }
        )

    words = ("neutral", "angry", "surprise", "sad", "happy", "fear")
    for k, held_out in enumerate(folds, start=1):
        for part in ("train", "test"):
            chosen = [s for s in folds if (s == held_out) == (part == "test")]
            put(
                lists / f"fold_{k}" / f"casia_{part}_fold_{k}.jsonl",
                "\n".join(line(s, e) for s in chosen for e in words) + "\n",
            )
    put(lists / "casia.jsonl", "\n".join(line(s, e) for s in folds for e in words) + "\n")
    put(lists / "label_map.json", json.dumps({word: word.title() for word in words}))
    return lists
