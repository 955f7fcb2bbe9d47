"""What a model answers about a file: the numbers that its corpus gives, a sentence for a bad file, and what was doubtful."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from small import CARD
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.cli.shown import lines
from vcemo_lib.inference.answer import PredictError
from vcemo_lib.inference.bundle import load_bundle, save_bundle
from vcemo_lib.inference.prediction import looked_at, predict
from vcemo_lib.models.registry import build_model


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
    written = [path for path in (tmp_path / "own").rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path / "own" / "features").parts[0] for path in written} <= {"fingerprint"}  # of BERT
    kept = predict(load_bundle(made[0]), [clip], ["你怎么才来"], keep=True)[0][0]
    there = {path.parent.name for path in (tmp_path / "own").rglob("*") if (path / "values.npy").exists()}
    assert there == {"mel", "tokens", "words", "bert", "fingerprint"}
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


@pytest.mark.parametrize("column", ["id", "speaker", "emotion", "audio", "label"])
def test_a_model_of_another_column_than_a_text_is_not_told_one_in_silence(made, clip, cache, column):
    bundle = load_bundle(made[0])
    other = replace(bundle.recipe, features=replace(bundle.recipe.features, text=column))
    with pytest.raises(PredictError, match=f"the model reads the column '{column}', which no file has: train on text"):
        predict(replace(bundle, recipe=other), [clip], ["好"])


def test_words_beyond_the_model_s_positions_are_not_cut_in_silence(made, clip, cache):
    bundle = load_bundle(made[0])
    positions = bundle.recipe.model.length
    said = [
        [doubt for doubt in predict(bundle, [clip], [" ".join("好" * n)])[0][0].doubts if "words, of which" in doubt]
        for n in (positions, positions + 1)
    ]
    assert said == [[], [f"{positions + 1} words, of which the first {positions} are read"]]


@pytest.mark.parametrize(("text", "doubt"), [
    ("。！？", "was given none"), (" \u200b", "was given none"), ("😀", "was given none"),
    ("שלום", "no vector for any of these words"), ("好", ""),
])  # fmt: skip
def test_a_text_of_which_no_word_is_read_is_doubtful(text, doubt, made, clip, cache):
    ((answer,), _) = predict(load_bundle(made[0]), [clip], [text])
    said = [one for one in answer.doubts if "words" in one]
    assert len(said) == bool(doubt) and doubt in "".join(said)


def test_a_clip_that_broke_off_or_has_a_second_behind_it_is_doubtful(made, tmp_path, cache):
    tone = 0.2 * np.sin(np.arange(32_000) / 9)
    soundfile.write(tmp_path / "whole.wav", tone, 16_000)
    data = (tmp_path / "whole.wav").read_bytes()
    (tmp_path / "part.wav").write_bytes(data[: len(data) // 2])
    bundle = load_bundle(made[0])
    (tmp_path / "two.wav").write_bytes(2 * data)
    files = [tmp_path / f"{name}.wav" for name in ("whole", "part", "two")]
    whole, part, two = predict(bundle, files, ["好"] * 3)[0]
    assert "broken off: 50% of the sound that its header promises is missing" in part.doubts
    assert any(
        doubt.startswith("another sound, or more of this one, stands beside or behind it") for doubt in two.doubts
    )
    assert not any("broken off" in doubt or "behind" in doubt for doubt in whole.doubts)


def test_a_text_cannot_move_the_cursor(made, clip, cache):
    ((answer,), _) = predict(load_bundle(made[0]), [clip], ["好\x1b[2J\n吧"])
    assert "  given     好\\x1b[2J\\n吧" in lines(answer)


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
