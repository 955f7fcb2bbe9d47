"""Chinese vectors under another language are named before anything is computed with them."""

from dataclasses import replace

import pytest

from vcemo_lib.experiments import experiment
from vcemo_lib.experiments.experiment import foreign, prepare
from vcemo_lib.recipes import PAPER_IEMOCAP


def test_what_knows_chinese_alone_is_named_with_the_cure(corpus, small):
    english, polish = (replace(corpus, name="other", language=code) for code in ("en", "pl"))
    assert foreign(english, small) == (
        "corpus other is in 'en', but vectors='bundled' and bert='bundled' know Chinese alone and tell nothing of its "
        "words: "
        "set vectors to 'en_core_web_lg' and set bert to 'google-bert/bert-base-uncased', or use modalities=('audio',)"
    )
    only = foreign(polish, small.but(modalities=("audio", "bert"), vectors="bundled"))
    assert "bert='bundled' know" in only
    assert "vectors" not in only
    assert only.endswith("of its words: use modalities=('audio',)")


@pytest.mark.parametrize(
    ("language", "changes"), [("zh", {}), ("en", {"modalities": ("audio",)}), ("pl", {"modalities": ("audio",)})]
)
def test_nothing_is_said_where_nothing_is_wrong(language, changes, corpus, small):
    assert foreign(replace(corpus, language=language), small.but(**changes)) == ""
    assert foreign(replace(corpus, language="en"), PAPER_IEMOCAP) == ""


def test_a_bench_says_it_once(corpus, small, cache, capsys, monkeypatch):
    monkeypatch.setattr(experiment, "FeatureStore", lambda *_: None)  # only what is said
    experiment._say_once.cache_clear()
    english = replace(corpus, name="said", language="en")
    prepare(small, english, features=False)
    assert capsys.readouterr().out == ""
    for _ in range(2):
        prepare(small, english)
    prepare(small, corpus)
    assert capsys.readouterr().out.count("know Chinese alone") == 1
