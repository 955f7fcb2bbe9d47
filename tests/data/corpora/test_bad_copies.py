"""Copies of corpora that somebody changed: a sentence that names the file and a cure, and no traceback."""

import json
from pathlib import Path

import layouts
import pytest

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpora.iemocap import alignment, labels, transcript
from vcemo_lib.data.corpus import CorpusError


def _annotation(change):
    def spoil(root: Path) -> None:
        path = root / "annotation.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content["jiaqi"]["jiaqi_1"])
        path.write_text(json.dumps(content), encoding="utf-8")

    return spoil


def _put(name: str, text: str):
    return lambda root: layouts.put(root / name, text)


SPOILT = {  # what was done: corpus, its layout, the change, the sentence
    "a dialogue without its people": (
        "m3ed",
        layouts.m3ed,
        _annotation(lambda d: d.pop("SpeakerInfo")),
        "dialogue 'jiaqi_1' of jiaqi in annotation.json.*SpeakerInfo.*download it again",
    ),
    "a speaker nobody is": (
        "m3ed",
        layouts.m3ed,
        _annotation(lambda d: d["SpeakerInfo"].pop("B")),
        "'jiaqi_1' .*KeyError 'B'.*download",
    ),
    "an utterance that is a text": (
        "m3ed",
        layouts.m3ed,
        _annotation(lambda d: d["Dialog"].update(x="你好")),
        "'jiaqi_1' .*download",
    ),
    "annotations in a list": (
        "m3ed",
        layouts.m3ed,
        _put("annotation.json", "[1]"),
        "annotation.json is not of the form.*download it again",
    ),
    "a series that is a list": (
        "m3ed",
        layouts.m3ed,
        _put("annotation.json", '{"jiaqi": []}'),
        "annotation.json is not of the form.*download it again",
    ),
    "a third sentence": (
        "ravdess",
        layouts.ravdess,
        lambda root: layouts.tone(root / "03-01-03-01-03-01-01.wav"),
        r"03-01-03-01-03-01-01\.wav is said to be sentence 03 .*only 01 and 02: correct the name or take",
    ),
    "a label map that is a list": (
        "emobox",
        layouts.emobox,
        _put("data/casia/label_map.json", '["angry"]'),
        "label_map.json is not of the form.*copy it again",
    ),
    "a label map of numbers": (
        "emobox",
        layouts.emobox,
        _put("data/casia/label_map.json", '{"angry": 1}'),
        "label_map.json is not of the form.*copy it again",
    ),
    "a line that is a list": (
        "emobox",
        layouts.emobox,
        _put("data/casia/fold_1/casia_test_fold_1.jsonl", "[1]\n"),
        "line 1: not a line of EmoBox.*copy the list",
    ),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_changed_copy_is_refused_in_a_sentence(kind, tmp_path):
    name, write, spoil, sentence = SPOILT[kind]
    root = write(tmp_path / "copy")
    spoil(tmp_path / "copy")
    with pytest.raises(CorpusError, match=sentence):
        load_corpus(name, root or tmp_path / "copy")


def test_iemocap_is_read_where_a_byte_is_latin_1(tmp_path):
    """0xEF 0x76 would be one Chinese character in GB 18030."""
    head = "[6.29 - 8.23]\tSes01F_impro01_F000\tneu\t[2.5, 2.5, 2.5]\n"
    for name, text in (
        ("t", "Ses01F_impro01_F000 [1.0-2.0]: So naïve\n"),
        ("l", head + "C-F1:\tOther;\t(naïve)\n"),
        ("a", "  1 9 -70 NAïVE\n"),
    ):
        layouts.put(tmp_path / name, text, "latin-1")
    assert transcript(tmp_path / "t") == {"Ses01F_impro01_F000": "So naïve"}
    assert [line["code"] for line in labels(tmp_path / "l")] == ["neu"]
    assert alignment(tmp_path / "a")[0] == ["naïve"]
