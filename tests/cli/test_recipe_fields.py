"""A field of a recipe by name=value, as `vcemo train --set` takes it: right values, and one sentence for each wrong one."""

from itertools import product

import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app, model
from vcemo_lib.cli.arguments import encoder
from vcemo_lib.cli.recipe_fields import given
from vcemo_lib.config import ConfigError
from vcemo_lib.errors import VcemoError
from vcemo_lib.recipes import FIELDS, LAPTOP, PAPER_VCEMO, SMALL_BELOW, TINY, of_voices, sized


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("dropout=0.4", 0.4),
        ("dropout=0", 0.0),
        ("limit=300", 300),
        ("normalise=speaker", "speaker"),
        (" d = 64 ", 64),
        ("conv_channels=16,32", (16, 32)),
        ("reference_scale=True", True),
        ("speech=None", None),
    ],
)
def test_a_value_is_read_as_what_the_field_holds(text, value):
    (read,) = given(text).values()
    assert read == value
    assert type(read) is type(value)
    LAPTOP.but(**given(text))


@pytest.mark.parametrize(
    "text",
    "dropout dropout= dropout=abc dropout=1.5 dropout=-.1 d=-3 d=0 d=1.5 foo=1 mel=3 name=x limit=ten limit=0 epochs=0"
    " batch_size=0 normalise=none smoothing=1 mask_words=2 reference_scale=2 conv_channels=16 n_mels=0 n_layers=-1"
    " learning_rate=-1 learning_rate=nan min_updates=-1 temperature=0 statistics=-1".split(),
)
def test_what_cannot_be_is_one_sentence(text):
    with pytest.raises(VcemoError) as refused:
        LAPTOP.but(**given(text))
    assert len(str(refused.value).splitlines()) == 1


OPEN = {"name", "text", "vectors", "bert", "speech"}  # any word; what it names is looked for when it is read
BELOW_ZERO = {"snr_db"}


@pytest.mark.parametrize("name", sorted(set().union(*FIELDS.values())))
def test_no_field_takes_what_is_no_number_nor_word_of_its_own(name):
    words = [] if name in OPEN else ["no such word", ""]
    for wrong in (object(), [], {}, b"a", float("nan"), float("inf"), *words, *([] if name in BELOW_ZERO else [-1])):
        with pytest.raises(ConfigError):
            LAPTOP.but(**{name: wrong})


def test_a_recipe_goes_by_the_size_of_the_corpus():
    few, many = (sized(LAPTOP, n) for n in (SMALL_BELOW - 1, SMALL_BELOW))
    assert few.model.d < many.model.d == LAPTOP.model.d
    assert few.features.normalise == many.features.normalise == "band"
    assert sized(LAPTOP, 300, speakers_known=True).features.normalise == "speaker"
    assert sized(PAPER_VCEMO, 300, speakers_known=True) == PAPER_VCEMO


def test_the_tiny_profile_is_quick_on_a_large_corpus_alone():
    few, many = (sized(TINY, n) for n in (SMALL_BELOW - 1, SMALL_BELOW))
    assert (many.min_updates, many.model.statistics, many.features.mel.hop_length) == (350, 64, 640)
    assert few.model == sized(LAPTOP, SMALL_BELOW - 1).model
    assert sized(LAPTOP, SMALL_BELOW).min_updates == 1_000
    assert sized(TINY, SMALL_BELOW, words=13).model.length == 13


def test_statistics_are_read_where_the_corpus_is_small_and_the_speakers_are_known_and_heard():
    known, unknown = (sized(LAPTOP, 300, speakers_known=known) for known in (True, False))
    assert of_voices(known, SMALL_BELOW - 1, 4, heard=True) == {"statistics": 64, "shift_bands": 0.0}
    assert of_voices(known, SMALL_BELOW, 4, heard=True) == of_voices(known, 300, 4, heard=False) == {}
    for other in (unknown, PAPER_VCEMO.but(normalise="speaker"), known.but(modalities=("words", "bert"))):
        assert of_voices(other, 300, 4, heard=True) == {}


def test_what_statistics_tell_of_many_people_they_tell_of_new_ones():
    for recipe, heard in product([sized(LAPTOP, 300, speakers_known=known) for known in (True, False)], (True, False)):
        many = of_voices(recipe, 300, 20, heard)
        assert many == {"statistics": 64, "shift_bands": 0.0, "mask_words": 0.7, "weight_decay": 1e-2}
    assert of_voices(sized(LAPTOP, 300), 300, 19, heard=False) == {}
    assert of_voices(sized(LAPTOP, SMALL_BELOW), SMALL_BELOW, 20, heard=False) == {}
    assert of_voices(sized(LAPTOP, 300).but(modalities=("words", "bert")), 300, 20, heard=False) == {}


def test_where_nobody_is_named_who_is_tested_counts_as_heard():
    few, many = ([sized(LAPTOP, n, nobody_named=it) for it in (False, True)] for n in (SMALL_BELOW - 1, SMALL_BELOW))
    assert few[1] == few[0].but(statistics=64, shift_bands=0.0, normalise="utterance") != few[0]
    assert many[1] == many[0]


@pytest.mark.parametrize(("words", "positions"), [(0, 10), (7, 10), (13, 13), (48, 48), (90, 60)])
def test_there_are_as_many_positions_as_texts_have_words(words, positions):
    assert {sized(LAPTOP, n, words=words).model.length for n in (300, SMALL_BELOW)} == {positions}


@pytest.mark.parametrize("text", ["n_classes=3", "word_dim=5", "bert_dim=7", "speech_dim=1"])
def test_what_follows_from_something_else_is_not_taken_and_forgotten(text):
    with pytest.raises(VcemoError, match="follows from .*: leave it out"):
        given(text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--modalities words --bert bundled", ["--bert bundled changes nothing: the model reads words alone"]),
        (
            "--modalities bert,audio --vectors bundled --text text",
            ["--vectors bundled changes nothing: the model reads"],
        ),
        ("--bert bundled --vectors bundled --segmenter jieba --text text", []),
    ],
)
def test_an_option_of_a_modality_that_is_not_read_is_said(words, said, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "_train", lambda *_: {})
    done = CliRunner().invoke(app, ["train", str(tmp_path / "m"), *words.split()])
    assert done.exit_code == 0, done.output
    lines = [line for line in done.output.splitlines() if line.startswith("doubtful: ")]
    assert len(lines) == len(said)
    assert all(sentence in line for sentence, line in zip(said, lines, strict=True))


def test_a_folder_of_an_encoder_is_kept_by_its_whole_path_and_a_name_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "bundled").mkdir()
    assert encoder("./mine") == str(tmp_path / "mine")
    assert [encoder(name) for name in ("", "bundled", "google-bert/other")] == ["", "bundled", "google-bert/other"]
