"""A model folder gives the same numbers elsewhere, and a foreign or damaged one is refused in a sentence."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.cli.shown import lines
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.evaluation.records import ProtocolCard
from vcemo_lib.inference.bundle import load_bundle, round_to_half, save_bundle
from vcemo_lib.inference.model_folder import BundleError, check_place
from vcemo_lib.inference.prediction import looked_at, predict
from vcemo_lib.models.registry import build_model

CARD = ProtocolCard(
    "vcemo_sim", "0123456789", True, 6, "8/1/1", (), "validation, best wa", "text_asr", "bundled", "bundled", "small"
)
HEARD = (
    "import sys, json; from vcemo_lib.inference.bundle import load_bundle; from vcemo_lib.inference.prediction import "
    "predict; "
    "p = predict(load_bundle(sys.argv[1]), [sys.argv[2]], ['你怎么才来'])[0][0]; print(json.dumps(p.chance.tolist()))"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory, small):
    """A model folder and the model it was made of; untrained weights are as good as others here."""
    torch.manual_seed(0)
    model = build_model(small.model).eval()
    folder = tmp_path_factory.mktemp("models") / "one"
    return save_bundle(folder, model, small, "zh", CARD, {"wa": 0.5}), model


@pytest.fixture
def clip(corpus, tmp_path):
    path = tmp_path / "clip.ogg"
    path.write_bytes(corpus.frame["audio"].iloc[0])
    return path


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


def test_a_file_gets_the_numbers_its_corpus_gives(made, corpus, store, clip):
    text = corpus.frame["text_asr"].iloc[0]
    bundle = load_bundle(made[0])
    with torch.no_grad():
        expected = bundle.model(store.batch([corpus.ids[0]], bundle.labels)).logits.softmax(-1)[0].numpy()
    answer = predict(bundle, [clip], [text])[0][0]
    np.testing.assert_allclose(answer.chance.to_numpy(), expected, rtol=0, atol=1e-5)
    assert answer.chance.sum() == pytest.approx(1, abs=1e-5)
    assert answer.emotion == bundle.labels[int(expected.argmax())]
    assert list(answer.without.index) == ["without audio", "without words", "without bert"]
    assert (np.abs(answer.without.to_numpy() - answer.chance.to_numpy()).max(1) > 0).all()
    assert answer.sound.shape == (8,)
    assert answer.sound.sum() == pytest.approx(1, abs=1e-5)
    assert answer.words.sum() == pytest.approx(1, abs=1e-5)
    assert (answer.words >= 0).all()


def test_a_bad_file_does_not_stop_the_others(made, clip, tmp_path, cache):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    answers, problems = predict(load_bundle(made[0]), [tmp_path / "bad.wav", clip], ["一", "二"])
    assert [p.text for p in answers] == ["二"]
    assert "cannot read" in problems[str(tmp_path / "bad.wav")]
    assert predict(load_bundle(made[0]), [tmp_path / "bad.wav"], ["一"])[0] == []
    for texts, message in ((None, "nobody says what is said"), (["一", "二"], "2 texts for 1 files")):
        with pytest.raises(ValueError, match=message):
            predict(load_bundle(made[0]), [clip], texts)


def test_nothing_of_a_speaker_is_kept_unless_asked(made, clip, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "own"))
    first = predict(load_bundle(made[0]), [clip], ["你怎么才来"])[0][0]
    assert not [path for path in (tmp_path / "own").rglob("*") if path.is_file()]
    kept = predict(load_bundle(made[0]), [clip], ["你怎么才来"], keep=True)[0][0]
    assert {path.parent.name for path in (tmp_path / "own").rglob("*") if (path / "values.npy").exists()} == {
        "mel",
        "words",
        "bert",
    }
    assert kept.chance.tolist() == first.chance.tolist()


def test_the_command_answers_and_fails_on_a_bad_file(made, clip, tmp_path, cache):
    result = CliRunner().invoke(app, ["predict", str(clip), "--model", str(made[0]), "--text", "你怎么才来"])
    assert result.exit_code == 0, result.output
    shown = result.output.splitlines()
    looked, silenced = (
        shown.index("  where the model looked, shares of 1:"),
        shown.index("  chances where one input is silenced:"),
    )
    assert [line.split()[0] for line in shown[looked + 1 : silenced]] == ["sound", "words"]
    assert [line.split()[:2] for line in shown[silenced + 1 :]] == [
        ["without", name] for name in ("audio", "words", "bert")
    ]
    result = CliRunner().invoke(
        app, ["predict", str(clip), str(tmp_path / "no.wav"), "--model", str(made[0]), "--text", "一", "--text", "二"]
    )
    assert result.exit_code == 1
    assert "no such audio file" in result.output
    assert "chances" in result.output


def test_a_doubtful_clip_is_answered_and_the_doubt_is_said(made, tmp_path, cache):
    long = 0.2 * np.sin(np.arange(13 * 16_000) / 20)
    clips = {
        "good.wav": (long[:16_000], 16_000, None),
        "loud.wav": (np.sign(long[:16_000]), 16_000, "clipped"),
        "long.wav": (long, 16_000, "13.0 s long, of which the first 12 s are read"),
        "phone.wav": (long[:8_000], 8_000, "recorded at 8000 Hz, so nothing is heard above 4000 Hz"),
    }
    for name, (wave, rate, _) in clips.items():
        soundfile.write(tmp_path / name, wave, rate)
    answers, problems = predict(load_bundle(made[0]), [tmp_path / name for name in clips], ["好"] * 4)
    assert not problems
    assert answers[2].seconds == 12
    for one, (_, _, doubt) in zip(answers, clips.values(), strict=True):
        shown = [line for line in lines(one) if line.startswith("  doubtful  ")]
        assert any("no speech was found" in line for line in shown)  # a hum is none
        assert any("hears how loud a clip was recorded" in line for line in shown)  # this model does
        assert len(shown) == 2 + (doubt is not None)
        assert (doubt or "") in "".join(shown)
        assert "  given     好" in lines(one)


def test_a_model_of_audio_alone_asks_nobody_what_is_said(small, clip, tmp_path, cache):
    recipe = small.but(modalities=("audio",))
    save_bundle(tmp_path / "ear", build_model(recipe.model).eval(), recipe, "zh", CARD, {"wa": 0.5})
    result = CliRunner().invoke(app, ["predict", str(clip), "--model", str(tmp_path / "ear")])
    assert result.exit_code == 0 and "chances" in result.output, result.output + repr(result.exception)
    assert "heard" not in result.output
    assert "given" not in result.output


def test_what_whisper_heard_is_said_to_be_heard(made, clip, cache):
    class Ear:
        def texts(self, waves):
            return ["你好"] * len(waves)

        def other_language(self, wave):
            return ""

    assert "  heard     你好" in lines(predict(load_bundle(made[0]), [clip], None, Ear())[0][0])


def test_words_are_weighed_by_where_the_pooling_looked():
    pool = torch.tensor([[0.6, 0.2, 0.2]])  # two stretches, and BERT's place
    taken = torch.tensor([[[[1.0, 0.0], [0.0, 1.0]]]])  # each stretch reads one word
    sound, words = looked_at({"pool": pool, "audio_by_words": taken}, 2, ["好", "坏"])
    assert sound.tolist() == pytest.approx([0.75, 0.25])
    assert words.to_dict() == pytest.approx({"好": 0.75, "坏": 0.25})
    assert looked_at({}, 2, ["好"]) == (None, None)


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
