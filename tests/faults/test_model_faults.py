"""Model folders and checkpoints changed at random: what is loaded is whole, or one sentence says why not."""

import io
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from campaign import Campaign, amount
from mutations import VALUES, attempt, changed
from stored import CARD, RECIPE

from vcemo_lib.digests import sha256
from vcemo_lib.inference.bundle import _rebuilt, load_bundle, save_bundle
from vcemo_lib.inference.prediction import predict
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import Recipe
from vcemo_lib.storage import sealed, unsealed, write_sealed
from vcemo_lib.training import run as training


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A model folder that reads sound alone, so that loading it takes milliseconds."""
    torch.manual_seed(0)
    recipe = RECIPE.but(modalities=("audio",))
    return save_bundle(
        tmp_path_factory.mktemp("b") / "m", build_model(recipe.model).eval(), recipe, "zh", CARD, {"wa": 0.5}
    )


def _leaves(value, path=()):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield from ([path] if path else [])
    for key, inner in inside:
        yield from _leaves(inner, (*path, key))


def test_model_folders_whose_facts_were_changed(bundle, tmp_path, finish):
    """Signed anew, as by somebody who means harm: what is loaded is a model of finite numbers, as its facts say.

    It is asked about a second of noise: it answers in chances, or one sentence says why not.
    """
    campaign, rng, folder = Campaign("facts of a model"), np.random.default_rng(4), tmp_path / "m"
    noise = tmp_path / "noise.wav"
    soundfile.write(noise, 0.1 * rng.standard_normal(16_000), 16_000)
    for number in range(amount(40, 700)):
        shutil.copytree(bundle, folder, dirs_exist_ok=True)
        content = unsealed(json.loads((folder / "bundle.json").read_text(encoding="utf-8")))
        leaves = [leaf for leaf in _leaves(content) if "environment" not in leaf]
        leaf, value = leaves[rng.integers(len(leaves))], VALUES[rng.integers(len(VALUES))]
        place = content
        for key in leaf[:-1]:
            place = place[key]
        place[leaf[-1]] = value
        try:
            content["recipe_key"] = _rebuilt(Recipe, content["recipe"]).key
        except Exception:  # no recipe: its key is as it was
            pass
        (folder / "bundle.json").write_text(json.dumps(sealed(content)), encoding="utf-8")

        def asked():
            read = load_bundle(folder)
            return read, *predict(read, [noise])

        def right(made):
            read, answers, refused = made
            fits = len(read.labels) == read.recipe.model.n_classes and np.isfinite(read.temperature)
            whole = fits and all(w.isfinite().all() for w in read.model.state_dict().values())
            return whole and all(refused.values()) and all(abs(one.chance.sum() - 1) < 1e-4 for one in answers)

        attempt(campaign, asked, right, f"{leaf} {str(value)[:30]!r}, {number}")
    finish(campaign)


def test_model_folders_whose_weights_were_changed(bundle, tmp_path, finish):
    campaign, rng, folder = Campaign("weights of a model"), np.random.default_rng(5), tmp_path / "m"
    shutil.copytree(bundle, folder)
    content = unsealed(json.loads((folder / "bundle.json").read_text(encoding="utf-8")))
    whole, shapes = (bundle / "model.safetensors").read_bytes(), load_bundle(bundle).model.state_dict()
    for number in range(amount(20, 400)):
        (folder / "model.safetensors").write_bytes(changed(whole, rng))
        content["sha256"] = sha256(folder / "model.safetensors")
        (folder / "bundle.json").write_text(json.dumps(sealed(content)), encoding="utf-8")

        def right(read):
            weights = read.model.state_dict()
            return all(weights[name].shape == w.shape and weights[name].isfinite().all() for name, w in shapes.items())

        attempt(campaign, lambda: load_bundle(folder), right, f"number {number}")
    finish(campaign)


def test_changed_checkpoints(tmp_path, finish):
    """Sealed after the change, so that no checksum refuses them: what torch makes of them is whole, or one sentence."""
    campaign, rng, path = Campaign("checkpoints"), np.random.default_rng(7), tmp_path / "c.pt"
    saved = {"key": "k", "epoch": 3, "model": {"w": torch.arange(200.0)}}
    out = io.BytesIO()
    torch.save(saved, out)
    for number in range(amount(20, 300)):
        write_sealed(path, changed(out.getvalue(), rng))
        attempt(campaign, lambda: training._read(path), lambda read: isinstance(read, dict), f"number {number}")
    finish(campaign)


def test_a_checkpoint_without_what_training_keeps_is_refused(tmp_path):
    content = io.BytesIO()
    torch.save({"epoch": 1}, content)
    write_sealed(tmp_path / "c.pt", content.getvalue())
    with pytest.raises(training.TrainError, match="does not hold what a training keeps .KeyError.: delete it"):
        saved = training._read(tmp_path / "c.pt")
        training._go_on(SimpleNamespace(restore=lambda saved: saved["key"]), saved, tmp_path / "c.pt")
