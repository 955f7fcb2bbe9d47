"""A model in three lines of Python: any sound that Python has, one or many, with errors in sentences."""

import os
import re
import shutil
import warnings
from collections import UserList
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch

from vcemo_lib.inference.answer import PredictError
from vcemo_lib.inference.bundle import load_bundle
from vcemo_lib.inference.emotion import DoubtfulAnswer, Emotion
from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.inference.prediction import predict
from vcemo_lib.paths import ROOT

RATE = 16_000


@pytest.fixture(scope="module")
def emotion(folder):
    return Emotion.from_folder(folder)


@pytest.fixture(scope="module")
def wave(corpus):
    return corpus.wave(corpus.ids[0])


def scores(answer):
    return {one["label"]: one["score"] for one in answer}


def test_it_answers_as_predict_does_with_the_likeliest_first(emotion, folder, wave, tmp_path, cache):
    soundfile.write(tmp_path / "a.wav", wave, RATE, subtype="FLOAT")
    answer = emotion(tmp_path / "a.wav", text="你好")
    expected = predict(load_bundle(folder), [tmp_path / "a.wav"], ["你好"])[0][0].chance
    assert scores(answer) == pytest.approx(expected.to_dict(), abs=1e-5)
    assert [one["score"] for one in answer] == sorted((one["score"] for one in answer), reverse=True)
    assert emotion(tmp_path / "a.wav", text="你好", top_k=np.int64(1)) == answer[:1]


def test_a_model_that_is_not_above_simple_classifiers_warns_of_itself(folder):
    bundle, worth = load_bundle(folder), "it has learnt nothing: it says sad to every clip"
    bundle = replace(bundle, card=bundle.card | {"simulated": False, "disjoint": ["speaker"]})
    with pytest.warns(DoubtfulAnswer, match=f"doubtful model: {worth}"):
        Emotion(replace(bundle, verdict=worth))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for fine in ("", "it is above the simple classifiers"):
            Emotion(replace(bundle, verdict=fine))


def test_an_enrolment_that_changes_nothing_is_a_warning(folder):
    with pytest.warns(DoubtfulAnswer, match="the enrolment changes nothing, and is not read"):
        Emotion(load_bundle(folder), enrolment=iter(["none.wav"]))


@pytest.mark.parametrize("top_k", [0, -1, 1.5, "2", True])
def test_fewer_than_one_class_is_no_answer(emotion, wave, top_k):
    with pytest.raises(PredictError, match="top_k is .*: give 1 or more, or None for all classes"):
        emotion(wave, rate=RATE, text="", top_k=top_k)


def test_every_form_of_a_sound_gets_the_same_answer(emotion, wave, tmp_path):
    soundfile.write(tmp_path / "a.wav", wave, RATE, subtype="FLOAT")
    both = np.stack([wave, wave])
    samples = SimpleNamespace(data=torch.from_numpy(wave[None]), sample_rate=RATE)
    decoder = SimpleNamespace(get_all_samples=lambda: samples)
    forms = {
        "path": (tmp_path / "a.wav", None),
        "name": (str(tmp_path / "a.wav"), None),
        "bytes": ((tmp_path / "a.wav").read_bytes(), None),
        "array": (wave, RATE),
        "float64": (wave.astype(np.float64), RATE),
        "tensor": (torch.from_numpy(wave), RATE),
        "a tensor that learns": (torch.from_numpy(wave).requires_grad_(), RATE),
        "channels first": (both, RATE),
        "channels last": (both.T, RATE),
        "one row": (torch.from_numpy(wave[None]), RATE),
        "datasets": ({"array": wave, "sampling_rate": RATE, "path": None}, None),
        "datasets, undecoded": ({"bytes": (tmp_path / "a.wav").read_bytes(), "path": None}, None),
        "datasets, a path": ({"bytes": None, "path": str(tmp_path / "a.wav")}, None),
        "a row of datasets": ({"audio": {"bytes": None, "path": str(tmp_path / "a.wav")}, "emotion": "sad"}, None),
        "a decoder of torchcodec": ({"audio": decoder, "emotion": "sad"}, None),
        "a name that is no Unicode": (shutil.copy(tmp_path / "a.wav", tmp_path / os.fsdecode(b"\xff.wav")), None),
        "transformers": ({"raw": wave, "sampling_rate": RATE}, None),
    }
    expected = scores(emotion(wave, rate=RATE, text="你好"))
    for name, (sound, rate) in forms.items():
        assert scores(emotion(sound, rate=rate, text="你好")) == pytest.approx(expected, abs=1e-5), name
    short = emotion((wave * 32767).astype(np.int16), rate=RATE, text="你好")
    assert scores(short) == pytest.approx(expected, abs=0.02)
    half = emotion(torch.from_numpy(wave).to(torch.bfloat16), rate=RATE, text="你好")
    assert scores(half) == pytest.approx(expected, abs=0.1)


def test_a_list_is_answered_in_batches_in_its_order(folder, corpus):
    waves = [corpus.wave(i) for i in corpus.ids[:7]]
    texts = list(corpus.frame["text_asr"].iloc[:7])
    one = Emotion(load_bundle(folder), batch_size=1)
    three = Emotion(load_bundle(folder), batch_size=3)
    alone = [one(wave, rate=RATE, text=text) for wave, text in zip(waves, texts, strict=True)]
    together = three(waves, rate=RATE, text=texts)
    assert [scores(a) for a in together] == [pytest.approx(scores(b), abs=1e-5) for b in alone]
    assert three(UserList(waves), rate=RATE, text=UserList(texts)) == together  # as a column of a data set is
    assert three([], rate=RATE, text=[]) == []


def test_another_rate_is_resampled(emotion, wave):
    import soxr

    high = soxr.resample(wave, RATE, 44_100)
    assert scores(emotion(high, rate=44_100, text="你好")) == pytest.approx(
        scores(emotion(wave, rate=RATE, text="你好")), abs=0.05
    )


@pytest.mark.parametrize(
    ("sounds", "options", "message"),
    [
        (np.ones(9_000), {"text": "好"}, "an array does not say how many samples a second has: give rate="),
        (np.ones(9_000), {"text": "好", "rate": 5}, "a sampling rate of 5 Hz"),
        (0.5, {"text": "好"}, "sound 1 is a float: give a path, bytes, or samples"),
        (None, {"text": "好"}, "sound 1 is a NoneType"),
        ([np.ones((2, 2, 2))], {"text": ["好"], "rate": RATE}, r"sound 1 is an array of shape \(2, 2, 2\)"),
        (np.ones(0), {"text": "好", "rate": RATE}, r"sound 1 is an array of shape \(0,\)"),
        (np.zeros(RATE), {"text": "好", "rate": RATE}, "sound 1 is silent"),
        (np.full(RATE, np.nan), {"text": "好", "rate": RATE}, "sound 1 holds values that are not finite"),
        (np.ones(RATE, bool), {"text": "好", "rate": RATE}, "samples of type bool"),
        (np.arange(RATE), {"text": "好", "rate": RATE}, "samples of type int64: give .* 8, 16 or 32 bits$"),
        (torch.ones(RATE).to_sparse(), {"text": "好", "rate": RATE}, "sound 1 is a tensor without plain samples"),
        (torch.ones(RATE, device="meta"), {"text": "好", "rate": RATE}, "sound 1 is a tensor without plain samples"),
        (
            [np.ones(9_000)],
            {"rate": RATE, "text": {"a": "好"}},
            "the texts are a dict, which has no order: give a list",
        ),
        ([np.ones(9_000)], {"rate": RATE, "text": {"好"}}, "the texts are a set, which has no order"),
        (np.sin(np.arange(10)), {"text": "好", "rate": RATE}, "sound 1 lasts 0.00 s: an utterance lasts 0.05 to 60 s$"),
        (np.sin(np.arange(61 * RATE)), {"text": "好", "rate": RATE}, "lasts 61.00 s.*recordings are answered by 'seg"),
        ("no.wav", {"text": "好"}, "no such audio file: no.wav: check the path"),
        (np.ones(9_000), {"rate": RATE}, "nobody says what is said: give text="),
        ([np.ones(9_000)], {"rate": RATE, "text": "好"}, "one text for a list of 1 sounds"),
        ([np.ones(9_000)], {"rate": RATE, "text": ["好", "坏"]}, "2 texts for 1 sounds"),
        (np.ones(9_000), {"rate": RATE, "text": 5}, "text 1 is 5: give a string"),
        ([np.ones(9_000)], {"rate": RATE, "text": [None]}, "text 1 is None: give a string"),
        (
            iter([b"a", b"b"]),
            {"text": ["好", "坏"]},
            "the sounds are a .*iterator and the texts a list: give .* as lists",
        ),
    ],
)
def test_what_it_cannot_be_asked_is_a_sentence(emotion, sounds, options, message):
    with pytest.raises(ValueError, match=message):
        emotion(sounds, **options)


def test_a_folder_a_device_and_classes_that_there_are_not(folder, tmp_path):
    with pytest.raises(BundleError, match="is no model folder"):
        Emotion.from_folder(tmp_path)
    for device in ("cuda:99", "toaster", "meta"):
        with pytest.raises(PredictError, match=f"no device '{device}' on this machine"):
            Emotion.from_folder(folder, device=device)
    with pytest.raises(PredictError, match="has no class 'joy'"):
        Emotion.from_folder(folder, classes=["joy", "sad"])
    with pytest.raises(ValueError, match="weights 'none-such'.*or give texts"):
        Emotion.from_folder(folder, whisper="none-such")


def test_classes_are_masked(folder, wave, emotion):
    some = scores(Emotion.from_folder(folder, classes=["sad", "happy"])(wave, rate=RATE, text="你好"))
    for classes in (np.array(["sad", "happy"]), (name for name in ("sad", "happy"))):
        assert scores(Emotion.from_folder(folder, classes=classes)(wave, rate=RATE, text="你好")) == some
    with pytest.raises(PredictError, match="has no class 'sad,happy'"):
        Emotion.from_folder(folder, classes="sad,happy")
    whole = scores(emotion(wave, rate=RATE, text="你好"))
    assert some["sad"] == pytest.approx(whole["sad"] / (whole["sad"] + whole["happy"]), abs=1e-5)
    assert set(some) == {"sad", "happy"}


def test_a_doubt_is_a_warning(emotion, wave):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        emotion(wave, rate=RATE, text="你好")
    with pytest.warns(DoubtfulAnswer, match="sound 1: it reads words and was given none"):
        emotion(wave, rate=RATE, text="")
    with pytest.warns(DoubtfulAnswer, match="sound 2: clipped, its loud parts"):
        emotion([wave, np.clip(100 * wave, -1, 1)], rate=RATE, text=["你好", "你好"])


def test_what_a_recogniser_hears_is_read(folder, wave, emotion):
    class Ear:
        def texts(self, waves):
            return ["你好"] * len(waves)

        def other_language(self, wave):
            return ""

    listening = Emotion(load_bundle(folder), Ear())
    assert listening(wave, rate=RATE) == emotion(wave, rate=RATE, text="你好")
    rows = list(listening.segments(iter([wave, np.zeros(RATE)]), rate=RATE))
    assert [(row["text"], row["source"]) for row in rows] == [("你好", "heard")]


def test_a_recording_is_answered_in_rows(emotion, corpus, tmp_path):
    waves = [part for i in corpus.ids[:3] for part in (corpus.wave(i), np.zeros(RATE, np.float32))]
    soundfile.write(tmp_path / "a.wav", np.concatenate(waves), RATE, subtype="FLOAT")
    rows = list(emotion.segments(tmp_path / "a.wav", text=""))
    assert len(rows) == 3
    whole = np.concatenate(waves)
    for given, rate in (
        (waves, RATE),
        (whole, RATE),
        (torch.from_numpy(whole), RATE),
        ({"array": whole, "sampling_rate": RATE}, None),
        ({"audio": {"bytes": None, "path": str(tmp_path / "a.wav")}}, None),
    ):
        assert [row["chances"] for row in emotion.segments(given, rate=rate, text="")] == [
            row["chances"] for row in rows
        ]
    for given in (None, 5, 0.5):
        with pytest.raises(ValueError, match="the stream is a .*: give a list or an iterator of"):
            emotion.segments(given, rate=RATE, text="")
    for options, message in (({}, "nobody says what"), ({"text": "好"}, "many utterances, and one text")):
        with pytest.raises(PredictError, match=message):
            emotion.segments(tmp_path / "a.wav", **options)
    with pytest.raises(ValueError, match="give rate="):
        emotion.segments(iter(waves), text="")


@pytest.mark.parametrize("page", ["README.md", "book/models.md"])
def test_the_snippet_of_the_readme_runs_and_its_answer_is_right(page, monkeypatch, cache):
    """It is run as it stands; what it says it prints is what it prints, and what the corpus has as the emotion."""
    readme = (ROOT / page).read_text(encoding="utf-8")
    snippet = next(code for code in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "from_folder" in code)
    *body, last = snippet.strip().splitlines()
    call, _, said = last.partition("  # ")
    monkeypatch.chdir(ROOT)
    here = {}
    exec("\n".join(body), here)
    answer = eval(call, here)
    label, score = re.match(r"\[\{'label': '(\w+)', 'score': (0\.\d\d)", said).groups()
    assert (answer[0]["label"], f"{answer[0]['score']:.2f}") == (label, score)
    assert here["clip"]["emotion"] == label
