"""A frozen speech model in place of the mel: its frames, their way into every model, and what is refused."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
import whisper
from transformers import AutoConfig, AutoModel, Wav2Vec2FeatureExtractor, WhisperConfig, WhisperModel

from vcemo_lib.audio import speech_encoder as speech
from vcemo_lib.audio.signal import decode
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.models.encoders import FrameEncoder
from vcemo_lib.models.registry import SYSTEMS, build_model
from vcemo_lib.training.run import fit


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Whisper's file format around a small model whose weights are random."""
    torch.manual_seed(0)
    dims = whisper.model.ModelDimensions(80, 1500, 24, 2, 4, 100, 448, 24, 2, 1)
    model = whisper.model.Whisper(dims)
    torch.nn.init.normal_(model.encoder.positional_embedding)
    path = tmp_path_factory.mktemp("whisper") / "small_random.pt"
    torch.save({"dims": asdict(dims), "model_state_dict": model.state_dict()}, path)
    return str(path)


def hugging_face(folder, family):
    """Hugging Face's folder form around a small model whose weights are random."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        family,
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    AutoModel.from_config(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def wav2vec(tmp_path_factory):
    return hugging_face(tmp_path_factory.mktemp("hf"), "wav2vec2")


def test_whisper_frames_are_those_of_its_own_encoder(checkpoint):
    """On a clip of 30 s, where nothing is cut, they are what the whole encoder gives, but for its last normalisation."""
    wave = np.random.default_rng(0).standard_normal(30 * 16_000).astype(np.float32) * 0.1
    model = whisper.load_model(checkpoint, device="cpu").eval()
    with torch.no_grad():
        whole = model.encoder(whisper.log_mel_spectrogram(torch.from_numpy(wave))[None])[0]
        ours = model.encoder.ln_post(torch.from_numpy(speech.load(checkpoint, 4).frames(wave)))
    torch.testing.assert_close(ours, whole, rtol=0, atol=1e-4)
    assert speech.load(checkpoint).layer == 2
    assert speech.load(checkpoint).frames(wave[:16_000]).shape == (50, 24)


# how transformers calls what openai-whisper has in a block of the encoder
NAMES = {
    "attn.query": "self_attn.q_proj",
    "attn.key": "self_attn.k_proj",
    "attn.value": "self_attn.v_proj",
    "attn.out": "self_attn.out_proj",
    "attn_ln": "self_attn_layer_norm",
    "mlp.0": "fc1",
    "mlp.2": "fc2",
    "mlp_ln": "final_layer_norm",
}


def test_whisper_in_hugging_face_form_gives_the_frames_of_its_checkpoint(checkpoint, tmp_path):
    state = {}
    for name, value in whisper.load_model(checkpoint, device="cpu").encoder.state_dict().items():
        block, _, kind = name.removeprefix("blocks.").rpartition(".")
        number, _, part = block.partition(".")
        state[f"layers.{number}.{NAMES[part]}.{kind}" if part in NAMES else name] = value
    state["embed_positions.weight"] = state.pop("positional_embedding")
    state |= {f"layer_norm.{kind}": state.pop(f"ln_post.{kind}") for kind in ("weight", "bias")}
    config = WhisperConfig(
        vocab_size=60,
        d_model=24,
        encoder_layers=4,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=96,
        decoder_ffn_dim=96,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    model = WhisperModel(config)
    model.encoder.load_state_dict(state)
    model.save_pretrained(tmp_path)
    wave = np.random.default_rng(0).standard_normal(20_000).astype(np.float32) * 0.1
    for layer in (None, 1, 4):
        here, there = speech.load(str(tmp_path), layer), speech.load(checkpoint, layer)
        assert here.layer == there.layer
        assert here.frames(wave).shape == (63, 24)
        np.testing.assert_allclose(here.frames(wave), there.frames(wave), atol=1e-5)
    assert (
        speech.load(str(tmp_path), 1).fingerprint
        == speech.load(str(tmp_path), 1).fingerprint
        != speech.load(str(tmp_path), 2).fingerprint
    )
    with pytest.raises(speech.SpeechError, match="layers 1 to 4"):
        speech.load(str(tmp_path), 5)


@pytest.mark.parametrize("family", ["wav2vec2", "hubert", "wavlm", "data2vec-audio"])  # the last is emotion2vec's build
def test_frames_of_a_hugging_face_folder(family, tmp_path):
    folder = hugging_face(tmp_path, family)
    wave = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    encoder = speech.load(folder, 3)
    frames = encoder.frames(wave)
    inputs = Wav2Vec2FeatureExtractor()(wave, sampling_rate=16_000, return_tensors="pt")
    with torch.no_grad():
        expected = AutoModel.from_pretrained(folder).eval()(**inputs).last_hidden_state[0]
    np.testing.assert_allclose(frames, expected.numpy(), atol=1e-5)
    assert frames.shape == (49, 16)
    assert encoder.fingerprint != speech.load(folder, 2).fingerprint
    assert len(encoder.frames(wave[:10])) >= 1  # shorter than one frame


def test_every_system_trains_on_frames_and_padding_changes_nothing(checkpoint, corpus, small, tmp_path, cache):
    experiment = prepare(
        small.but(speech=checkpoint, epochs=1, copies=0, mask_bands=0, mask_frames=0), corpus, n_classes=6
    )
    assert experiment.recipe.model.speech_dim == 24
    batch = experiment.store.batch(experiment.split.train[:6], experiment.labels)
    assert batch.mel.shape[2] == 24
    alone = experiment.store.batch([experiment.split.train[0]], experiment.labels)
    for system in SYSTEMS:
        model = build_model(experiment.recipe.but(system=system).model).eval()
        with torch.no_grad():
            torch.testing.assert_close(model(batch).logits[:1], model(alone).logits, rtol=0, atol=1e-5)
    run = fit(experiment.store, experiment.split, experiment.recipe, 0, tmp_path)
    assert isinstance(run.model.encoders["audio"], FrameEncoder)
    assert len(run.history) == 1


def test_a_speaker_s_own_mean_makes_each_speaker_alike(corpus, small, cache):
    store = FeatureStore(corpus, small.but(normalise="speaker").features)
    speakers = corpus.frame["speaker"].to_numpy()
    speaker = max(set(speakers), key=list(speakers).count)
    ids = [i for i, s in zip(corpus.ids, speakers, strict=True) if s == speaker]
    batch = store.batch(ids, ["angry", "fear", "happy", "neutral", "sad", "surprise"])
    frames = batch.mel[batch.mel_mask]
    assert len(ids) > 1
    assert frames.mean(0).abs().max() < 0.01
    assert (frames.std(0) - 1).abs().max() < 0.01


def test_words_keep_their_place_in_longer_frames(checkpoint, corpus, small, cache, monkeypatch):
    monkeypatch.setattr("vcemo_lib.data.features.has_times", lambda frame: True)
    monkeypatch.setattr("vcemo_lib.data.features.timed_letters", lambda frame: [()] * len(frame))
    monkeypatch.setattr(
        "vcemo_lib.data.features.word_spans",
        lambda tokens, rate: (np.array([[0.1, 0.2]] * max(len(tokens), 1)) * rate).astype(int),
    )
    store = FeatureStore(corpus, small.but(speech=checkpoint).features)
    assert store.spans[0][0].tolist() == [5, 10]
    assert abs(2 * store.mel.lengths[0] - len(decode(corpus.frame["audio"].iloc[0])) / 160) < 4


@pytest.mark.parametrize(
    ("name", "layer", "message"),
    [
        ("large-v3", None, "not on this machine.* fetches it., or leave 'speech' out"),
        ("nobody/nothing", None, "hf download nobody/nothing"),
        ("CHECKPOINT", 9, "layers 1 to 4"),
    ],
)
def test_what_cannot_be_had_is_named(name, layer, message, checkpoint, cache):
    with pytest.raises(speech.SpeechError, match=message):
        speech.load(checkpoint if name == "CHECKPOINT" else name, layer)


def test_a_damaged_folder_is_refused(wav2vec, tmp_path):
    for file in ("config.json", "preprocessor_config.json"):
        (tmp_path / file).write_bytes(open(f"{wav2vec}/{file}", "rb").read())
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(speech.SpeechError, match="is damaged.*copy its folder again, or leave"):
        speech.load(str(tmp_path))
