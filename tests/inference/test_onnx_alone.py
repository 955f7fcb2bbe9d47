"""An exported model answers as `predict` does, from the sound on, where this package cannot be imported."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx_alone
import onnxruntime
import pytest
import soundfile
import torch

from vcemo_lib.data.voices import Voice
from vcemo_lib.inference.bundle import Bundle, load_bundle
from vcemo_lib.inference.model_folder import SHIPPED
from vcemo_lib.inference.onnx_export import OneUtterance, export_onnx
from vcemo_lib.inference.prediction import predict
from vcemo_lib.models.registry import build_model
from vcemo_lib.text.word_vectors import segment

SCRIPT = Path(onnx_alone.__file__)
LABELS = ("angry", "fear", "happy", "neutral", "sad", "surprise")


@pytest.fixture(scope="module")
def clips(corpus, tmp_path_factory):
    """Three clips as 16-bit WAV, with what is said in them, and one in which nobody says a word."""
    folder = tmp_path_factory.mktemp("clips")
    for number, utterance in enumerate(corpus.ids[:3]):
        soundfile.write(folder / f"{number}.wav", corpus.wave(utterance), 16_000, subtype="PCM_16")
    texts = [*corpus.frame["text"][:3], ""]
    return [folder / f"{number}.wav" for number in (0, 1, 2, 0)], texts


def asked_alone(file: Path, clip: Path, text: str) -> dict[str, float]:
    words = segment(text)
    command = [sys.executable, "-I", SCRIPT, file, clip, text, *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=file.parent, check=True)
    return json.loads(done.stdout)


def untrained(recipe, voice=None) -> Bundle:
    torch.manual_seed(0)
    return Bundle(build_model(recipe.model).eval(), recipe, LABELS, "zh", {}, {}, voice=voice)


def same(bundle: Bundle, file: Path, clips) -> None:
    answers, problems = predict(bundle, clips[0], texts=clips[1])
    assert not problems
    for one, clip, text in zip(answers, clips[0], clips[1], strict=True):
        assert one.start == 0  # nothing is cut from these: what is asked about is the file
        alone = asked_alone(file, clip, text)
        assert list(alone) == list(bundle.labels)
        np.testing.assert_allclose(list(alone.values()), one.chance, rtol=0, atol=1e-4)
        assert max(alone, key=alone.get) == one.emotion


def test_the_shipped_model_answers_alike_from_the_sound_to_the_label(clips, cache, tmp_path):
    bundle = replace(load_bundle(SHIPPED), temperature=1.7)
    assert export_onnx(bundle, tmp_path / "m.onnx") < 1e-4
    same(bundle, tmp_path / "m.onnx", clips)


@pytest.mark.parametrize(
    "changes",
    [
        {"normalise": "utterance", "max_seconds": 0.5},
        {"level": "reference", "range_db": 60.0},
        {"normalise": "speaker", "hop_length": 200},
        {"normalise": "speaker", "level": "speaker"},
    ],
    ids=str,
)
def test_every_kind_of_front_end_is_part_of_the_file(small, changes, clips, cache, tmp_path):
    """Of samples that are not finite, or far beyond all sound, the file gives no answer."""
    recipe = small.but(modalities=("audio",), **changes)
    rng = np.random.default_rng(0)
    voice = Voice(rng.normal(-6, 1, 80).astype(np.float32), rng.uniform(1, 3, 80).astype(np.float32))
    bundle = untrained(recipe, voice if changes.get("normalise") == "speaker" else None)
    export_onnx(bundle, tmp_path / "m.onnx")
    same(bundle, tmp_path / "m.onnx", clips)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    for value in (np.nan, np.inf, -1e30):
        wave = rng.normal(0, 0.1, (1, 16_000)).astype(np.float32)
        assert np.isfinite(session.run(None, {"wave": wave})).all()
        wave[0, 7] = value
        assert np.isnan(session.run(None, {"wave": wave})).all()


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_every_pooling_of_bert_is_part_of_the_file(small, pooling, clips, cache, tmp_path):
    bundle = untrained(small.but(modalities=("words", "bert"), bert_pooling=pooling))
    export_onnx(bundle, tmp_path / "m.onnx")
    same(bundle, tmp_path / "m.onnx", clips)


def test_the_file_says_all_that_a_caller_must_know(small, tmp_path):
    bundle = replace(untrained(small), temperature=1.25, card={"simulated": True})
    export_onnx(bundle, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"))
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["labels"]) == list(LABELS)
    assert facts["sample_rate"] == "16000"
    assert float(facts["temperature"]) == 1.25
    assert facts["language"] == "zh" and "simplified" in facts["inputs"]
    assert "synthesised" in facts["doubt"]
    assert "的" in json.loads(facts["vocabulary"])
    assert "[CLS]" in json.loads(facts["tokenizer"])["model"]["vocab"]
    told = json.loads(facts["inputs"])
    assert list(told) == [each.name for each in session.get_inputs()] == ["wave", "word_ids", "token_ids"]
    assert "16000 Hz" in told["wave"] and "12 s" in told["wave"]
    assert "jieba" in told["word_ids"] and "-1" in told["word_ids"]
    assert "[CLS] and [SEP]" in told["token_ids"] and "at most 64" in told["token_ids"]
    assert list(json.loads(facts["outputs"])) == [each.name for each in session.get_outputs()]


def test_frames_of_a_speech_model_go_in_as_they_are(small):
    bundle = untrained(small.but(modalities=("audio",), speech_dim=7))
    bundle = replace(bundle, recipe=bundle.recipe.but(speech="prosody"))
    reader = OneUtterance(bundle).readers[0]
    assert reader.told == {"mel": "float32 (1, steps, 7): audio by prosody, as a batch holds it"}
