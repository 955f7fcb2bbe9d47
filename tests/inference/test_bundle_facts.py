"""What bundle.json says beside the recipe: how the confidence is scaled, the average voice; and how long it may be."""

import json
from dataclasses import FrozenInstanceError, asdict, replace

import numpy as np
import pytest
from small import CARD

from vcemo_lib.config import MelConfig
from vcemo_lib.data.voices import Voice
from vcemo_lib.inference.bundle import Bundle, load_bundle, save_bundle
from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import TINY
from vcemo_lib.storage import sealed, unsealed

PLAIN = TINY.but(name="small", d=16, d_ff=32, n_heads=2, length=8, conv_channels=(4, 8), modalities=("audio",))
HEARD_BEFORE = "it was tried on people it may have heard in training: how right it is about others is not known"
VOICED = PLAIN.but(normalise="speaker")
BANDS = PLAIN.model.frame_dim
VOICE = Voice(np.linspace(-1, 1, BANDS, dtype=np.float32), np.linspace(0.5, 2, BANDS, dtype=np.float32))


@pytest.fixture
def kept(tmp_path):
    """The folder of an untrained model, after `change` of what its bundle.json says, which is signed anew."""

    def make(recipe=PLAIN, change=lambda content: None):
        folder = save_bundle(tmp_path / "m", build_model(recipe.model), recipe, "zh", CARD, {"wa": 0.5}, voice=VOICE)
        content = unsealed(json.loads((folder / "bundle.json").read_text(encoding="utf-8")))
        change(content)
        (folder / "bundle.json").write_text(json.dumps(sealed(content)), encoding="utf-8")
        return folder

    return make


def test_a_loaded_model_is_not_changed_in_place(kept):
    with pytest.raises(FrozenInstanceError):
        load_bundle(kept()).labels = ("sad",)


@pytest.mark.parametrize(
    ("reads", "simulated", "disjoint", "said"),
    [
        ("audio", False, (), HEARD_BEFORE),
        ("audio", False, ("text",), HEARD_BEFORE),
        ("audio", False, ("text", "speaker"), ""),
        ("words", False, (), ""),
        ("audio", True, ("speaker",), "its training voices were synthesised: of people it knows nothing"),
        ("words", True, ("speaker",), "its training texts were synthesised: of people it knows nothing"),
    ],
)
def test_card_and_model_say_whose_voices_it_knows(tmp_path, reads, simulated, disjoint, said):
    card, recipe = replace(CARD, simulated=simulated, disjoint=disjoint), PLAIN.but(modalities=(reads,))
    folder = save_bundle(tmp_path / "m", build_model(recipe.model), recipe, "zh", card, {"wa": 0.5})
    text = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert load_bundle(folder).doubt == said
    assert f"- {(said or 'it knows the kind of speech it was trained on').capitalize()}.\n" in text


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize("verdict", ["", "it is above the simple classifiers", "it is not above the majority"])
def test_a_verdict_is_a_doubt_where_the_model_is_not_above_simple_ones(verdict, simulated):
    card, told = {"simulated": simulated, "disjoint": ["speaker"]}, [verdict] if "not above" in verdict else []
    told += ["its training voices were synthesised: of people it knows nothing"] if simulated else []
    bundle = Bundle(build_model(PLAIN.model), PLAIN, ("sad",), "zh", card, {}, verdict)
    assert bundle.doubt == "; ".join(told)


def test_the_logits_of_a_model_in_memory_are_read_as_they_are():
    assert Bundle(build_model(PLAIN.model), PLAIN, ("sad",), "zh", {}, {}).temperature == 1.0


def test_a_temperature_is_given_back_and_is_1_where_none_was_kept(kept):
    for value in (0.001, 0.25, 1.0, 40.0, 1000.0):
        assert load_bundle(kept(change=lambda c, value=value: c.update(temperature=value))).temperature == value
    assert load_bundle(kept()).temperature == 1.0
    assert load_bundle(kept(change=lambda c: c.pop("temperature"))).temperature == 1.0


@pytest.mark.parametrize("value", [0.0, 1e-320, 9.9e-4, 1001.0, -1.0, float("inf"), float("nan"), "1.5", None])
def test_a_temperature_by_which_logits_cannot_be_divided_is_refused(kept, value):
    with pytest.raises(BundleError, match="the temperature in .*bundle.json is .*: expected is a number from 0.001 to"):
        load_bundle(kept(change=lambda c: c.update(temperature=value)))


@pytest.mark.parametrize(
    "changes", [{"mel": MelConfig(n_mels=BANDS + 1)}, {"speech": "prosody"}], ids=["a band more", "prosody"]
)
def test_frames_that_the_model_does_not_read_are_refused_when_it_is_loaded(kept, changes):
    other = replace(PLAIN, features=replace(PLAIN.features, **changes))
    facts = {"recipe": json.loads(json.dumps(asdict(other))), "recipe_key": other.key}
    with pytest.raises(BundleError, match="makes other frames of a sound than its model reads: train the model again"):
        load_bundle(kept(change=lambda content: content.update(facts)))


def test_the_average_voice_is_given_back_to_a_model_that_takes_voices(kept):
    voice = load_bundle(kept(VOICED)).voice
    np.testing.assert_array_equal(voice.mean, VOICE.mean)
    np.testing.assert_array_equal(voice.deviation, VOICE.deviation)
    assert load_bundle(kept(PLAIN)).voice is None


@pytest.mark.parametrize(
    "voice",
    [None, {}, {"mean": [0.0] * BANDS}, {"mean": "x", "deviation": "y"}, [1, 2]],
    ids=["none", "nothing", "no deviation", "texts", "a list"],
)
def test_a_model_that_takes_voices_and_has_none_is_refused(kept, voice):
    with pytest.raises(BundleError, match="takes each speaker's mean away and has no average voice: train it again"):
        load_bundle(kept(VOICED, lambda c: c.update(voice=voice)))


@pytest.mark.parametrize(("name", "value"), [
    ("mean", float("nan")), ("mean", float("inf")), ("deviation", float("nan")), ("deviation", float("inf")),
    ("deviation", 0.0), ("deviation", -1.0),
])  # fmt: skip
def test_one_number_that_no_voice_has_is_enough(kept, name, value):
    with pytest.raises(BundleError, match="the average voice in .*bundle.json is damaged: copy the folder again"):
        load_bundle(kept(VOICED, lambda c: c["voice"][name].__setitem__(BANDS // 2, value)))


@pytest.mark.parametrize("shorter", [("mean",), ("deviation",), ("mean", "deviation")], ids="+".join)
def test_a_voice_has_a_number_for_each_band(kept, shorter):
    with pytest.raises(BundleError, match="the average voice in .*bundle.json is damaged"):
        load_bundle(kept(VOICED, lambda c: [c["voice"][name].pop() for name in shorter]))


def test_ten_million_bytes_are_read_and_one_more_is_not(kept):
    folder = kept()
    path = folder / "bundle.json"
    path.write_text(path.read_text(encoding="utf-8").ljust(10_000_000), encoding="utf-8")
    assert path.stat().st_size == 10_000_000
    assert load_bundle(folder).recipe == PLAIN
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(BundleError, match="bundle.json is damaged or foreign .ValueError: 10,000,001 bytes"):
        load_bundle(folder)
