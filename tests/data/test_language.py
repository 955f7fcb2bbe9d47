"""Encoders that do not know a corpus' language are refused where a model is trained on them, and nowhere else."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.language import LanguageError, foreign, require_language
from vcemo_lib.experiments.request import Request
from vcemo_lib.recipes import PAPER_IEMOCAP
from vcemo_lib.training.run import fit

AUDIO = {"modalities": ("audio",)}


@pytest.fixture
def polish(corpus):
    return replace(corpus, name="other", language="pl")


def test_the_sentence_names_what_does_not_fit_and_the_cure(corpus, polish, small):
    assert foreign(replace(polish, language="en"), small) == (
        "corpus other is in 'en', but vectors='bundled', for 'zh', and bert='bundled', for 'zh', know another language and "
        "tell nothing of its words: set vectors to 'en_core_web_lg' and set bert to 'google-bert/bert-base-uncased', or "
        "use modalities=('audio',)"
    )
    only = foreign(polish, small.but(modalities=("audio", "bert")))
    assert "but bert='bundled', for 'zh', know another language" in only
    assert "vectors" not in only
    assert only.endswith("of its words: use modalities=('audio',)")
    assert "set vectors to 'bundled' and set bert to 'bundled', or" in foreign(corpus, PAPER_IEMOCAP)


@pytest.mark.parametrize(("language", "cure"), [
    ("en", "set vectors to 'en_core_web_lg' and set bert to 'google-bert/bert-base-uncased'"),
    ("pl", "set vectors and bert to what knows 'pl'"),
])  # fmt: skip
def test_a_corpus_of_text_is_not_told_to_use_its_sound(language, cure, polish, small):
    texts = replace(polish, language=language, has_audio=False)
    assert foreign(texts, small).endswith(f"tell nothing of its words: {cure}")


@pytest.mark.parametrize(("language", "changes"), [("zh", {}), ("en", AUDIO), ("pl", AUDIO)])
def test_nothing_is_said_where_nothing_is_wrong(language, changes, corpus, small):
    require_language(replace(corpus, language=language), small.but(**changes))
    require_language(replace(corpus, language="en"), PAPER_IEMOCAP)
    require_language(replace(corpus, language="pl"), small.but(vectors="pl_core_news_lg", bert="some/polish"))


@pytest.mark.parametrize(
    ("language", "refused"), [("ja", True), ("th", True), ("zh-TW", True), ("ko", False), ("zz", False)]
)
def test_words_that_nothing_parts_are_refused_and_the_sound_is_not(corpus, small, cache, language, refused):
    known = {"vectors": "mine.txt", "bert": "my/bert"}  # that these fit is believed
    other = replace(corpus, language=language)
    if refused:
        with pytest.raises(LanguageError, match=f"is in {language!r}, in which no space parts the words"):
            require_language(other, small.but(**known))
    else:
        require_language(other, small.but(**known))
    store = FeatureStore(other, small.features, ("audio",))
    assert store.batch(other.ids[:2], other.labels).mel.any()


def test_training_refuses_the_words_and_takes_the_sound(store, split, small, polish):
    other = store.__class__.__new__(store.__class__)
    other.__dict__ = {**store.__dict__, "corpus": polish}
    with pytest.raises(LanguageError, match="corpus other is in 'pl'"):
        fit(other, split, small.but(epochs=1))
    assert len(fit(other, split, small.but(epochs=1, **AUDIO)).history) == 1


def test_train_and_table_refuse_before_a_feature_is_computed(polish, tmp_path, monkeypatch):
    import vcemo_lib.data.corpora
    import vcemo_lib.experiments.request
    import vcemo_lib.inference.bundle

    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(vcemo_lib.inference.bundle, "encoders", lambda recipe: None)
    for module in (vcemo_lib.data.corpora, vcemo_lib.experiments.request):
        monkeypatch.setattr(module, "load_corpus", lambda *_: polish)
    with pytest.raises(LanguageError):
        Request(1, "tiny", "nemo").prepare(4)
    shown = CliRunner().invoke(app, ["train", str(tmp_path / "m"), "--corpus", "nemo", "--profile", "tiny"])
    assert isinstance(shown.exception, LanguageError)
    assert not (tmp_path / "cache").exists()
