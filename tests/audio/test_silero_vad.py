"""The voice detector as an ear: its convolutions against onnxruntime on the file itself, and what is refused."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from vcemo_lib.audio import silero_vad as detector
from vcemo_lib.audio import speech_encoder as speech
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.features import FeatureStore

HOP = 320


@pytest.fixture(scope="module")
def voice(sim_root):
    corpus = load_corpus("vcemo_sim", str(sim_root), limit=8)
    return corpus.wave(corpus.ids[0])


def by_onnxruntime(windows: np.ndarray, layer: int) -> np.ndarray:
    """What this ReLU of the file gives: (N, 576) → (N, channels, steps)."""
    model = onnx.load(str(Path(find_spec("faster_whisper").origin).parent / detector.FILE))
    name = [node.output[0] for node in model.graph.node if node.op_type == "Relu"][layer - 1]
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    state = np.zeros((1, 1, 128), np.float32)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(
        [name], {"input": windows, "h": state, "c": state}
    )[0]


@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_each_layer_is_that_of_the_file(voice, layer):
    windows = np.stack([voice[k : k + detector.WINDOW] for k in range(0, 9600, 480)])
    ours = detector.load()(torch.from_numpy(windows), layer).detach().numpy()
    theirs = by_onnxruntime(windows, layer)
    assert theirs.any()
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max())


def test_a_frame_is_the_window_at_its_place(voice):
    """Frame k looks 64 samples back and 512 ahead of sample 320 · k, with the clip's peak at 0.9."""
    frames = speech.load("silero").frames(voice)
    assert frames.shape == (1 + len(voice) // HOP, 128)
    start = 10 * HOP - detector.BEFORE
    window = voice[start : start + detector.WINDOW] * (0.9 / np.abs(voice).max())
    np.testing.assert_allclose(frames[10], by_onnxruntime(window[None], 4)[0, :, 0], atol=1e-3)


def test_how_loud_the_clip_is_does_not_matter(voice):
    ear = speech.load("silero")
    np.testing.assert_allclose(ear.frames(voice), ear.frames(0.05 * voice), atol=1e-2)


@pytest.mark.parametrize(
    "wave",
    [np.zeros(16_000), np.zeros(1), np.full(200, 0.5), np.random.default_rng(0).normal(0, 0.1, 8_000)],
    ids=["silence", "one sample", "too short", "noise"],
)
def test_any_clip_gives_finite_frames(wave):
    x = speech.load("silero").frames(wave.astype(np.float32))
    assert x.shape == (1 + max(len(wave), 640) // HOP, 128)
    assert np.isfinite(x).all()


def test_it_stands_in_place_of_the_mel(sim_root, small, cache):
    corpus = load_corpus("vcemo_sim", str(sim_root), limit=8)
    store = FeatureStore(corpus, small.but(speech="silero", copies=0).features)
    assert store.widths["speech_dim"] == 128
    assert store.speech.layer == 4


def test_layers_have_fingerprints_of_their_own():
    assert len({speech.load("silero", layer).fingerprint for layer in (1, 2, 3, None)}) == 4
    with pytest.raises(speech.SpeechError, match="speech_layer=5: 'silero' has the layers 1 to 4"):
        speech.load("silero", 5)


@pytest.mark.parametrize(
    "missing, sentence",
    [
        (
            dict(find_spec=lambda name: None),
            "needs faster-whisper, which is not installed: run 'pip install faster-whisper'; or leave 'speech' out",
        ),
        (dict(FILE="assets/other.onnx"), "the installed faster-whisper has no assets/other.onnx: install the version"),
    ],
)
def test_a_detector_that_is_not_there_is_named_with_its_cure(monkeypatch, missing, sentence):
    for name, value in missing.items():
        monkeypatch.setattr(detector, name, value)
    with pytest.raises(speech.SpeechError, match=sentence):
        speech.load("silero")


def test_without_onnx_the_cure_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(speech.SpeechError, match="needs onnx, which is not installed: run 'pip install onnx'"):
        speech.load("silero")
