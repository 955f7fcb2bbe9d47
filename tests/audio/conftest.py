"""A Whisper of random weights, and a machine on which no other is found."""

import pytest


@pytest.fixture
def no_other_whisper(tmp_path, monkeypatch):
    """Caches of its own, no hub, and nothing heard again."""
    from vcemo_lib.audio import whisper_loops

    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(whisper_loops, "LOOP", 1e9)  # random weights repeat themselves: `test_whisper_loops.py`


@pytest.fixture(scope="session")
def babble_weights(tmp_path_factory):
    """A Whisper that babbles: the right shape, two layers, random weights."""
    import torch
    import whisper

    torch.manual_seed(0)
    dims = whisper.ModelDimensions(80, 1500, 16, 2, 1, 51865, 48, 16, 2, 1)
    model = whisper.model.Whisper(dims)
    torch.nn.init.normal_(model.decoder.positional_embedding)  # left as it was in memory otherwise
    path = tmp_path_factory.mktemp("whisper") / "babble.pt"
    torch.save({"dims": vars(dims), "model_state_dict": model.state_dict()}, path)
    return path


@pytest.fixture
def babbler(babble_weights):
    from vcemo_lib.audio import whisper_asr as asr

    return asr.load(str(babble_weights))
