"""Weights that a training leaves are taken, whatever their variances; others are refused; none learns any more."""

import pytest
import torch
from safetensors.torch import save_file

from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.inference.model_weights import filled
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import TINY

CONFIG = TINY.but(d=16, d_ff=32, n_heads=2, length=8, conv_channels=(4, 8), modalities=("audio",)).model


def kept(folder, variance: float):
    """The file of an untrained model whose running variances are all this."""
    state = build_model(CONFIG).state_dict()
    state = {name: torch.full_like(x, variance) if name.endswith("running_var") else x for name, x in state.items()}
    save_file(state, folder / "model.safetensors")
    return folder / "model.safetensors"


@pytest.mark.parametrize("variance", [0.0, 0.5, 1.0, 30.0])
def test_any_variance_from_zero_on_is_taken(tmp_path, variance):
    model = filled(kept(tmp_path, variance), CONFIG)
    found = [value for name, value in model.state_dict().items() if name.endswith("running_var")]
    assert found and all((value == variance).all() for value in found)
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_a_variance_below_zero_is_refused(tmp_path):
    with pytest.raises(BundleError, match="running_var that no training leaves"):
        filled(kept(tmp_path, -0.001), CONFIG)


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.float8_e5m2], ids=str)
def test_weights_of_8_bits_of_which_torch_can_tell_no_nan_are_refused(tmp_path, kind):
    state = build_model(CONFIG).state_dict()
    save_file({name: x.to(kind) if x.is_floating_point() else x for name, x in state.items()}, tmp_path / "w")
    with pytest.raises(BundleError, match="do not fit its recipe .* of another type of number"):
        filled(tmp_path / "w", CONFIG)
