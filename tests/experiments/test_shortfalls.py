"""What a model will not learn or not read of a corpus is said before it is trained."""

from dataclasses import replace

import numpy as np
import pytest

from vcemo_lib.data import FeatureStore
from vcemo_lib.experiments import cut_texts, nobody_named, prepare, speakers_known, unknown_texts
from vcemo_lib.experiments.shortfalls import cut_sounds, fixed_texts, never_met, unnamed_voices


def test_texts_that_are_longer_than_the_model_reads_are_counted(corpus, small, cache, experiment):
    assert cut_texts(experiment) == []  # it reads no words
    reader = prepare(small.but(modalities=("words",), length=1, copies=0), corpus, n_classes=6)
    longer = sum(len(words) > 1 for words in FeatureStore(corpus, reader.recipe.features, ("words",)).tokens)
    assert 0 < longer <= len(corpus)
    for limited in (reader, prepare(small.but(modalities=("words",), max_tokens=1, copies=0), corpus, n_classes=6)):
        (said,) = cut_texts(limited)
        assert said.startswith(f"{longer} of {len(corpus)} texts have more than 1 words")
        assert "--set length=2 --set max_tokens=2" in said


def test_texts_that_are_longer_than_bert_reads_are_counted(corpus, small, cache):
    texts = ["好" * 2_000, "好" * 70, *["好" * 40] * (len(corpus) - 2)]
    long = replace(corpus, frame=corpus.frame.assign(text_asr=texts))
    assert cut_texts(prepare(small.but(modalities=("bert",), copies=0), long, n_classes=6)) == [
        f"2 of {len(corpus)} texts have more than 64 tokens: of those BERT reads the first 64"
    ]


def test_recordings_that_are_longer_than_the_model_reads_are_counted(experiment):
    assert cut_sounds(experiment) == []
    seconds = experiment.store.sound.samples() / 16_000
    short = experiment.recipe.but(max_seconds=float(np.median(seconds)))
    (said,) = cut_sounds(replace(experiment, recipe=short))
    assert said.startswith(f"{(seconds > np.median(seconds)).sum()} of 60 recordings are longer than ")
    assert cut_sounds(replace(experiment, recipe=short.but(modalities=("words",)))) == []


def test_texts_without_a_known_word_are_counted(corpus, small, cache, experiment):
    assert unknown_texts(experiment) == []  # it reads no words
    reader = small.but(modalities=("words",), copies=0)
    assert unknown_texts(prepare(reader, corpus, n_classes=6)) == []
    texts = ["שלום"] * 2 + ["好"] * (len(corpus) - 3) + ["。"]
    mixed = replace(corpus, frame=corpus.frame.assign(text=texts, text_asr=texts))
    (said,) = unknown_texts(prepare(reader, mixed, n_classes=6))
    assert said.startswith(
        f"2 of {len(corpus)} texts, such as 'שלום', have no word with a vector: is the corpus in 'zh'"
    )


def test_texts_that_stand_under_all_classes_are_said_to_tell_nothing(corpus, small, cache, experiment):
    assert fixed_texts(experiment) == []  # it reads no words
    reader = small.but(modalities=("audio", "words"), copies=0)
    assert fixed_texts(prepare(reader, corpus, n_classes=6)) == []
    common = 100 * corpus.frame["emotion"].value_counts(normalize=True).max()
    same = replace(corpus, frame=corpus.frame.assign(text="好", text_asr="好"))
    (said,) = fixed_texts(prepare(reader, same, n_classes=6))
    assert (
        f"would be right in {common:.1f} of a hundred, who always says the commonest in {common:.1f}, so they" in said
    )
    silent = prepare(reader.but(modalities=("words",)), replace(same, has_audio=False), n_classes=6)
    assert fixed_texts(silent)[0].endswith(f"says the commonest in {common:.1f}")


NOT_KNOWN, ONE = "it is not known who speaks: ", "one person speaks: "


@pytest.mark.parametrize(
    ("speakers", "said"),
    [
        ([None], NOT_KNOWN),
        (["unknown"], NOT_KNOWN),
        (["a"], ONE),
        (["a", None], NOT_KNOWN),
        (["a", "unknown"], NOT_KNOWN),
    ],
)
def test_scores_of_voices_that_nobody_names_are_said_to_tell_nothing_of_others(experiment, speakers, said):
    rows = len(experiment.corpus)
    frame = experiment.corpus.frame.assign(speaker=(speakers * rows)[:rows])
    corpus = replace(experiment.corpus, frame=frame)
    assert nobody_named(corpus) and not speakers_known(corpus)
    (sentence,) = unnamed_voices(replace(experiment, corpus=corpus))
    assert sentence.startswith(said) and "tell nothing of others" in sentence
    assert unnamed_voices(experiment) == []
    assert unnamed_voices(replace(experiment, corpus=corpus, recipe=experiment.recipe.but(modalities=("words",)))) == []


def test_a_class_that_the_corpus_has_not_is_said(experiment):
    assert never_met(experiment) == []
    met = experiment.corpus.frame["emotion"].isin(["sad", "angry"])
    (said,) = never_met(replace(experiment, corpus=experiment.corpus.select(met.tolist())))
    assert said.startswith("the corpus has no utterance of ")
    assert "happy" in said and "sad," not in said.partition(":")[0]
    assert "'vcemo corpus add --classes own'" in said
