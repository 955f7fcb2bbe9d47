"""A model folder gives the same numbers elsewhere, and a foreign or damaged one is refused in a sentence."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from small import CARD
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.inference.bundle import load_bundle, round_to_half, save_bundle
from vcemo_lib.inference.model_folder import BundleError, check_place
from vcemo_lib.inference.prediction import predict
from vcemo_lib.models.registry import build_model

HEARD = (
    "import sys, json; from vcemo_lib.inference.bundle import load_bundle; from vcemo_lib.inference.prediction import "
    "predict; "
    "p = predict(load_bundle(sys.argv[1]), [sys.argv[2]], ['你怎么才来'])[0][0]; print(json.dumps(p.chance.tolist()))"
)


def test_it_holds_what_is_needed_and_says_what_it_is(made):
    bundle = load_bundle(made[0])
    assert sorted(path.name for path in made[0].iterdir()) == ["MODEL_CARD.md", "bundle.json", "model.safetensors"]
    assert bundle.labels == ("angry", "fear", "happy", "neutral", "sad", "surprise")
    assert not bundle.model.training
    text = (made[0] / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| wa | 0.500 |" in text
    assert "synthesised" in text
    assert "simulated corpus" in text
    for name, value in made[1].state_dict().items():
        assert torch.equal(value, bundle.model.state_dict()[name]), name


def test_rounded_weights_take_half_the_room_and_lose_nothing(made, small, tmp_path):
    model = build_model(small.model).eval()
    model.load_state_dict(made[1].state_dict())
    round_to_half(model)
    folder = save_bundle(tmp_path / "half", model, small, "zh", CARD, {"wa": 0.5})
    sizes = [(place / "model.safetensors").stat().st_size for place in (folder, made[0])]
    assert sizes[0] < 0.6 * sizes[1]
    for name, value in load_bundle(folder).model.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    assert not torch.equal(model.head.predictor.weight, made[1].head.predictor.weight)


def test_another_process_gives_the_same_numbers(made, clip, cache):
    here = predict(load_bundle(made[0]), [clip], ["你怎么才来"])[0][0]
    done = subprocess.run(
        [sys.executable, "-c", HEARD, str(made[0]), str(clip)], capture_output=True, text=True, check=True
    )
    np.testing.assert_allclose(json.loads(done.stdout.splitlines()[-1]), here.chance.to_numpy(), rtol=0, atol=1e-5)


def _json(change):
    def spoil(folder):
        path = folder / "bundle.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return spoil


def _cut(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(("spoil", "message"), [
    (lambda f: (f / "bundle.json").unlink(), "is no model folder .it lacks bundle.json"),
    (lambda f: (f / "bundle.json").write_text("{"), "is damaged or foreign"),
    (_cut, "checksum differs"),
    (_json(lambda c: c.update(format=9)), "has format 9"),
    (_json(lambda c: c["recipe"].update(colour=1)), "unknown field colour"),
    (_json(lambda c: c.pop("labels")), "damaged or foreign .KeyError"),
    (_json(lambda c: c.pop("language")), "copy/bundle.json is damaged or foreign .KeyError: 'language'"),
    (_json(lambda c: c.pop("recipe_key")), "copy/bundle.json is damaged or foreign .KeyError: 'recipe_key'"),
    (_json(lambda c: c.pop("scores")), "copy/bundle.json is damaged or foreign .KeyError: 'scores'"),
    (_json(lambda c: c.pop("card")), "copy/bundle.json is damaged or foreign .KeyError: 'card'"),
    (_json(lambda c: c.update(encoders=["bert"])), "copy/bundle.json is damaged or foreign .TypeError: encoders is"),
    (_json(lambda c: c.update(language=5)), "copy/bundle.json is damaged or foreign .TypeError: language is '5'"),
    (_json(lambda c: c["recipe"].update(model=[])), "copy/bundle.json is damaged or foreign .AttributeError"),
    (_json(lambda c: c["labels"].reverse()), "their order decides"),
    (_json(lambda c: c["recipe"]["model"].update(dropout=0.5)), "not the one it was saved with"),
    (_json(lambda c: c["encoders"].update(bert="bundled 00")), "made with bert bundled 00, here is bundled"),
    (_json(lambda c: c["scores"].update(wa=0.6)), "bundle.json is damaged or was changed .its checksum differs.: copy"),
], ids=["file missing", "json cut", "weights cut", "format", "unknown field", "no labels", "no language", "no key", "no scores", "no card",
        "encoders in a list", "language 5", "a model of lists", "labels", "recipe changed", "encoder",
        "another score"])  # fmt: skip
def test_foreign_and_damaged_folders_are_refused(made, tmp_path, spoil, message):
    folder = shutil.copytree(made[0], tmp_path / "copy")
    spoil(folder)
    with pytest.raises(BundleError, match=message):
        load_bundle(folder)


def test_a_place_where_nothing_may_be_written_is_refused_before_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(BundleError, match="new/model cannot be made: .* may be written to: give another place"):
        check_place(tmp_path / "new" / "model")


def test_a_folder_of_something_else_is_not_overwritten(made, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(BundleError, match="is no model folder: give another name"):
        save_bundle(tmp_path / "mine", made[1], load_bundle(made[0]).recipe, "zh", CARD, {})
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine" / "thesis.txt").is_file()


def test_train_makes_a_folder_that_predict_reads(tmp_path, clip, cache, sim_root, monkeypatch, small):
    import vcemo_lib.recipes

    monkeypatch.setitem(vcemo_lib.recipes.PROFILES, "tiny", small.but(epochs=1))
    words = ["train", str(tmp_path / "m"), "--profile", "tiny", "--corpus-root", str(sim_root), "--classes", "4"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert "epoch 1:" in result.output
    assert "no evidence about the paper" in result.output
    assert load_bundle(tmp_path / "m").labels == ("angry", "happy", "neutral", "sad")
    assert not (tmp_path / "m.work").exists()
    result = CliRunner().invoke(app, ["train", str(tmp_path / "n"), "--corpus", "iemo"])
    assert isinstance(result.exception, CorpusError)
    assert not (tmp_path / "n").exists()


def test_train_does_as_its_options_say(tmp_path, clip, cache, sim_root, monkeypatch, small):
    import vcemo_lib.recipes

    monkeypatch.setitem(vcemo_lib.recipes.PROFILES, "tiny", small.but(epochs=1))
    (tmp_path / "mine.txt").write_text("你 0.1 0.2\n好 0.3 0.4\n", encoding="utf-8")
    options = [
        "--modalities",
        "audio,words",
        "--vectors",
        str(tmp_path / "mine.txt"),
        "--segmenter",
        "char",
        "--text",
        "text",
        "--speech",
        "prosody",
        "--bert",
        "bundled",
    ]
    words = ["train", str(tmp_path / "m"), "--profile", "tiny", "--corpus-root", str(sim_root), *options]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    recipe = load_bundle(tmp_path / "m").recipe
    features = recipe.features
    assert recipe.model.modalities == ("audio", "words")
    assert recipe.model.word_dim == 2
    assert recipe.model.speech_dim
    assert (features.vectors, features.segmenter, features.text, features.speech) == (
        str(tmp_path / "mine.txt"),
        "char",
        "text",
        "prosody",
    )
    assert (
        CliRunner().invoke(app, ["predict", str(clip), "--model", str(tmp_path / "m"), "--text", "你好"]).exit_code == 0
    )
