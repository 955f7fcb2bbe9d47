"""Tiny copies of corpora in other languages, each in its exact official layout, with the blemishes of its real copies."""

import json
from pathlib import Path

import numpy as np
import soundfile

from .sounds import put, tone


def meld(root: Path, movie=None) -> None:
    """Train's table in its folder, control characters for quotes, the broken and the missing clip, a shadow."""
    columns = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime"
    words = ["neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust"]
    places = {"train": "train/train_splits", "dev": "dev_splits_complete", "test": "output_repeated_splits_test"}
    extra = {"train": (125, 3), "dev": (110, 7), "test": (0, 7)}
    for part, place in places.items():
        rows = [(0, n, word) for n, word in enumerate(words)] + [(*extra[part], "joy")]
        lines = [
            f'{n},"You\x92re late, man",Joey,{word},negative,{d},{u},8,21,"00:16:16,059","00:16:21,731"'
            for n, (d, u, word) in enumerate(rows)
        ]
        put(root / Path(place).parent / f"{part}_sent_emo.csv", "\n".join([columns, *lines]) + "\n")
        for d, u, _ in rows:
            if (part, d) != ("dev", 110):
                tone(root / place / f"dia{d}_utt{u}.wav", rate=48_000)
    put(root / "train" / "train_splits" / "dia125_utt3.wav", "a broken video")
    put(root / "train" / "train_splits" / "._dia0_utt0.wav", "no sound")


def emodb(root: Path) -> None:
    for name in ("03a01Wa", "03a01Fa", "08b10Lb", "09a02Ea", "10a04Aa", "16b09Ta", "16b09Nb"):
        tone(root / "wav" / f"{name}.wav")


def ravdess(root: Path) -> None:
    """Both archives unpacked beside each other, and a song, which is another corpus."""
    for actor in ("01", "02", "03"):
        for emotion in range(1, 9):
            name = f"03-01-{emotion:02d}-01-02-01-{actor}.wav"
            tone(root / "Audio_Speech_Actors_01-24" / f"Actor_{actor}" / name, rate=48_000)
            tone(root / f"Actor_{actor}" / name, rate=48_000)
    tone(root / "Actor_01" / "03-02-03-01-01-01-01.wav")


def cremad(root: Path) -> None:
    """The silent clip, a level written XX, and a pointer where Git LFS was not run."""
    for actor in ("1001", "1076", "1091"):
        for emotion in ("ANG", "DIS", "FEA", "HAP", "NEU", "SAD"):
            tone(root / "AudioWAV" / f"{actor}_MTI_{emotion}_XX.wav")
    soundfile.write(root / "AudioWAV" / "1076_MTI_SAD_XX.wav", np.zeros(8000), 16_000)
    put(
        root / "AudioWAV" / "1001_IEO_ANG_HI.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    )
    put(root / "VideoDemographics.csv", "ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Caucasian,Not Hispanic\n")


def nemo(root: Path) -> None:
    """Speakers with leading spaces; one clip that is listed and not there."""
    lines = ["file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage"]
    for speaker in ("EB0", "KS0", "SM0"):
        for emotion in ("anger", "fear", "happiness", "neutral", "sadness", "surprised"):
            name = f"{speaker}_{emotion}_1.wav"
            lines.append(f"{name}\t{emotion}\tKupiłem nową szafę.\tkupiłem nową szafę\t        {speaker}\tfemale\t27")
            tone(root / "samples" / name, rate=24_000)
    (root / "samples" / "SM0_fear_1.wav").unlink()
    put(root / "data.tsv", "\n".join(lines) + "\n")


def deeply(root: Path) -> None:
    """Two rooms; each line in three voices by one of two speakers; one clip that is described and not there."""
    rooms = {}
    for place, (room, location) in enumerate((("AirbnbStudio", 0), ("AnechoicChamber", 2))):
        for number, (script, said, spoken) in enumerate((s, s % 3 - 1, v) for s in range(6) for v in (-1, 0, 1)):
            name = f"sub1001{location}0{place}{'ab'[script % 2]}{number:05d}"
            rooms.setdefault(room, {})[name] = {
                "text_sentiment": said,
                "voice_sentiment": spoken,
                "subjectID": "sub1001",
                "speaker": "ab"[script % 2],
                "age": 20,
                "sex": 0,
                "noise": 2,
                "location": location,
                "distance": 2 * place,
                "device": place,
                "text": f"저 식당 음식이 정말 맛있나 봐요 {script}.",
                "text_code": f"aa{script}",
                "rms": 0.02,
                "length": 0.2,
            }
            tone(root / "dataset" / room / f"{name}.wav", pitch=150 + 40 * spoken + 10 * script)
    (root / "dataset" / room / f"{name}.wav").unlink()
    put(root / "dataset" / "Korean_Read_Speech_Corpus_sample.json", json.dumps(rooms, ensure_ascii=False))
