"""`vcemo train` inside: folds of a small corpus, a model that takes each speaker's mean away, and its enrolment."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from vcemo_lib.config import SAMPLE_RATE as RATE
from vcemo_lib.data import split_8_1_1
from vcemo_lib.data.corpora.manifest import table_split
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.disk import StorageError
from vcemo_lib.errors import VcemoError
from vcemo_lib.evaluation import simple_answers
from vcemo_lib.experiments import (
    nobody_named,
    planned_splits,
    prepare,
    speakers_known,
    train_model,
    usual_words,
)
from vcemo_lib.inference.answer import STRANGER
from vcemo_lib.inference.bundle import load_bundle
from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.inference.prediction import predict


@pytest.fixture
def made(experiment, tmp_path):
    """A model folder of one split, and what was measured."""
    return tmp_path / "m", train_model(experiment, [experiment.split], tmp_path / "m", say=lambda line: None)


@pytest.fixture
def clips(corpus, tmp_path):
    paths = [tmp_path / f"{k}.ogg" for k in range(4)]
    for path, audio in zip(paths, corpus.frame["audio"], strict=False):
        path.write_bytes(audio)
    return paths


def test_a_small_corpus_has_folds_unless_a_split_is_asked_for(experiment):
    folds, doubts = planned_splits(experiment, "", 0)
    assert len(folds) == 5
    assert all("the validation part has" in doubt or "the training part has no" in doubt for doubt in doubts)
    assert sum("fewer than 30" in doubt for doubt in doubts) == 5
    assert sorted(i for fold in folds for i in fold.test) == sorted(experiment.corpus.ids)
    one, doubts = planned_splits(experiment, "speaker", 0)
    assert one == [experiment.split]
    assert any("fewer than 30" in doubt for doubt in doubts)


@pytest.mark.parametrize("speakers", [None, "one"])
def test_a_small_corpus_of_which_nobody_knows_who_speaks_has_folds_too(speakers, experiment):
    corpus = replace(experiment.corpus, frame=experiment.corpus.frame.assign(speaker=speakers))
    made = replace(experiment, corpus=corpus, split=table_split(corpus))
    folds, _ = planned_splits(made, "", 0)
    assert sorted(i for fold in folds for i in fold.test) == sorted(corpus.ids)
    assert {len(part) for fold in folds for part in (fold.val, fold.test)} == {12}  # not 6 of 60
    assert folds[0].name == "utterance-disjoint fold 1 of 5, seed 0"
    emotion = corpus.frame.set_index("id")["emotion"]
    shares = [emotion[list(fold.test)].value_counts(normalize=True).max() for fold in folds]
    assert max(shares) - min(shares) < 0.1
    assert planned_splits(made, "8/1/1", 0)[0] == [made.split]
    parts = corpus.frame.assign(split=["train"] * 40 + ["val"] * 10 + ["test"] * 10)
    given = replace(corpus, frame=parts)
    assert len(planned_splits(replace(made, corpus=given, split=table_split(given)), "", 0)[0]) == 1


def test_all_answers_of_the_folds_are_judged_together(experiment, tmp_path):
    folds, _ = planned_splits(experiment, "", 0)
    told = []
    done = train_model(experiment, folds[:3], tmp_path / "m", say=told.append)
    svm = [simple_answers(experiment.store, f, experiment.recipe)["MFCC + SVM"] for f in folds[:3]]
    truth = np.concatenate([answers.truth for answers in svm])
    right = sum(len(answers.truth) * answers.scores["wa"] for answers in svm)
    assert done.scores["MFCC + SVM"]["wa"] == pytest.approx(right / len(truth))
    assert done.scores["majority"]["wa"] == pytest.approx(np.bincount(truth).max() / len(truth))
    assert "3 speaker-disjoint folds, answers pooled" in done.evidence
    assert [line for line in told if "fold 2 of" in line]
    assert load_bundle(tmp_path / "m").scores == done.scores["model"]
    assert not (tmp_path / "m.work").exists()


def test_the_usual_words_are_what_nine_texts_of_ten_have(corpus, small, experiment):
    reader = small.but(modalities=("words",), segmenter="char")
    texts = ["好" * n for n in range(1, 61)]
    assert usual_words(replace(corpus, frame=corpus.frame.assign(text="好", text_asr=texts)), reader) == 54
    no_asr = corpus.frame.assign(text=texts, text_asr=None)  # as most corpora are: the reference text is read
    assert usual_words(replace(corpus, frame=no_asr), reader) == 54
    assert usual_words(replace(corpus, frame=no_asr.assign(text=None)), reader) == 0
    assert usual_words(corpus, experiment.recipe) == 0  # it reads no words


def test_a_training_that_is_refused_leaves_no_folder(corpus, small, cache, tmp_path):
    short = replace(corpus, frame=corpus.frame.assign(text_asr="好"))
    one = prepare(small.but(modalities=("words",), batch_size=1, copies=0), short, n_classes=6)
    with pytest.raises(VcemoError, match="BatchNorm"):
        train_model(one, [one.split], tmp_path / "models" / "m", say=lambda line: None)
    assert list((tmp_path / "models").iterdir()) == []


def test_whose_voice_is_known(experiment, corpus):
    assert speakers_known(experiment.corpus)
    for speakers in (["one"] * 60, [f"s{k}" for k in range(60)], [None, *["a", "b"] * 29, "a"]):
        assert not speakers_known(replace(corpus, frame=corpus.frame.assign(speaker=speakers)))


def test_nobody_is_named_where_there_is_one_person_or_none(experiment, corpus):
    assert not nobody_named(experiment.corpus)
    for speakers in ("one", None, "unknown"):
        assert nobody_named(replace(corpus, frame=corpus.frame.assign(speaker=speakers)))
    assert not nobody_named(replace(corpus, frame=corpus.frame.assign(audio=None, speaker=None), has_audio=False))


def test_the_bundle_carries_the_average_training_speaker(experiment, made):
    voices, split = experiment.store.sound.voices, experiment.split
    speakers = experiment.corpus.frame.set_index("id")["speaker"].loc[list(split.train)].unique()
    expected = np.mean([voices[s].mean for s in speakers], 0)
    np.testing.assert_allclose(load_bundle(made[0]).voice.mean, expected, rtol=1e-5)
    assert "--enrol" in (made[0] / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_card_of_a_model_that_only_listens_names_no_text_column(made):
    assert "text column" not in (made[0] / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert load_bundle(made[0]).card["text"] == "no text"


@pytest.mark.parametrize("apart", [True, False])
def test_parts_that_keep_people_apart_without_a_promise_leave_no_doubt(apart, experiment, tmp_path):
    split = experiment.split if apart else split_8_1_1(experiment.corpus)
    real = replace(experiment.corpus, simulated=False)
    of_parts = replace(experiment, corpus=real, split=replace(split, unseen=(), disjoint=()))
    train_model(of_parts, [of_parts.split], tmp_path / "m", say=lambda line: None)
    assert ("heard in training" in load_bundle(tmp_path / "m").doubt) is not apart


def test_clips_of_the_person_change_the_answer_and_take_the_doubt_away(made, clips):
    bundle = load_bundle(made[0])
    alone = predict(bundle, clips[:2])[0]
    assert STRANGER in alone[0].doubts
    known = predict(bundle, clips[:2], enrolment=clips[2:])[0]
    assert STRANGER not in known[0].doubts
    assert not np.allclose(alone[0].mel, known[0].mel)
    again = predict(bundle, clips[1:2])[0][0]  # other files beside it are no clips of the same person
    np.testing.assert_allclose(again.mel, alone[1].mel, atol=1e-6)


def test_of_an_enrolled_clip_the_speech_is_heard_and_one_without_any_is_left_out(made, clips, corpus, tmp_path):
    bundle, rng = load_bundle(made[0]), np.random.default_rng(0)
    noise = rng.normal(0, 1e-4, 15 * RATE).astype(np.float32)
    soundfile.write(tmp_path / "late.wav", np.concatenate([noise, corpus.wave(corpus.ids[2])]), RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "noise.wav", 1000 * noise[:RATE], RATE, subtype="FLOAT")
    alone, known, late, hum, both = (
        predict(bundle, clips[:1], enrolment=other)[0][0]
        for other in (
            [],
            clips[2:3],
            [tmp_path / "late.wav"],
            [tmp_path / "noise.wav"],
            [tmp_path / "noise.wav", clips[2]],
        )
    )
    away = np.abs(known.mel - alone.mel).mean()
    assert np.abs(known.mel - late.mel).mean() < 0.2 * away
    np.testing.assert_array_equal(hum.mel, alone.mel)
    np.testing.assert_array_equal(both.mel, known.mel)
    said = f"{tmp_path / 'noise.wav'} is left out as a clip of this person, no speech was found in it"
    assert [said in one.doubts for one in (alone, known, late, hum, both)] == [False, False, False, True, True]
    assert [STRANGER in one.doubts for one in (alone, known, late, hum, both)] == [True, False, False, True, False]


@pytest.mark.parametrize("voice", [None, {"mean": [0.0]}, {"mean": [0.0], "deviation": [1.0]}, "loud"])
def test_a_model_without_its_average_voice_is_refused(made, voice):
    path = made[0] / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"voice": voice}))
    with pytest.raises(BundleError, match="average voice"):
        load_bundle(made[0])


def test_the_confidence_is_fitted_on_validation_and_kept(made, clips):
    bundle = load_bundle(made[0])
    assert bundle.temperature == json.loads((made[0] / "bundle.json").read_text())["temperature"] != 1.0
    sure = predict(bundle, clips[:1])[0][0]
    flat = predict(replace(bundle, temperature=1e6), clips[:1])[0][0]
    assert flat.chance.max() == pytest.approx(1 / 6, abs=1e-3)
    assert sure.chance.max() > flat.chance.max()
    assert sure.at_least(0.0) == sure.emotion
    assert flat.at_least(0.5) == "uncertain"


@pytest.mark.parametrize("temperature", [0.0, -1.0, "warm", None])
def test_a_temperature_that_is_none_is_refused(made, temperature):
    path = made[0] / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"temperature": temperature}))
    with pytest.raises(BundleError, match="temperature"):
        load_bundle(made[0])


def test_what_stands_in_the_way_of_simple_classifiers_is_told_before_the_training(experiment, tmp_path, monkeypatch):
    def refused(*_):
        raise StorageError("full")

    monkeypatch.setattr("vcemo_lib.experiments.model_training.simple_answers", refused)
    monkeypatch.setattr("vcemo_lib.experiments.model_training.fit", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(StorageError, match="full"):
        train_model(experiment, [experiment.split], tmp_path / "m")


@pytest.mark.parametrize("nobody", [None, "unknown"])
def test_a_mean_of_speakers_whom_nobody_named_is_refused_before_sound_is_read(
    nobody, corpus, small, cache, monkeypatch
):
    recipe = small.but(normalise="speaker", modalities=("audio",))
    speakers = [nobody if k % 5 == 0 else f"s{k % 5}" for k in range(60)]
    monkeypatch.setattr("vcemo_lib.data.sound.unchanged", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(CorpusError, match="12 of 60 utterances, such as '.*', name no speaker: .*normalise to 'band'"):
        prepare(recipe, replace(corpus, frame=corpus.frame.assign(speaker=speakers)), n_classes=6)


def test_a_bad_clip_is_named_by_its_row_also_where_words_alone_are_read(corpus, small, cache):
    audio = [b"no sound" if k == 7 else sound for k, sound in enumerate(corpus.frame["audio"])]
    made = prepare(
        small.but(modalities=("words",)), replace(corpus, frame=corpus.frame.assign(audio=audio)), n_classes=6
    )
    with pytest.raises(VcemoError, match=rf"row 8 \(id '{corpus.ids[7]}'\): cannot read"):
        _ = made.store.lengths
