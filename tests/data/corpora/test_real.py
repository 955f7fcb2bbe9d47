"""nEMO and CPED as they really are, where they are at hand; and one corpus by two routes."""

from collections import Counter

import numpy as np
import pytest

from vcemo_lib.config import FeatureConfig
from vcemo_lib.data.corpora import CARDS, brighter, deeply, load_corpus
from vcemo_lib.data.corpora.card import label_table
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.paths import ROOT
from vcemo_lib.storage import read_json
from vcemo_lib.training.run import fit

DATA = ROOT.parent / "shared" / "data"
nemo_here = pytest.mark.skipif(not (DATA / "nemo" / "data.tsv").is_file(), reason="nEMO is not in ../shared/data/nemo")
cped_here = pytest.mark.skipif(
    not (DATA / "cped" / "valid_split.csv").is_file(), reason="CPED is not in ../shared/data/cped"
)

deeply_here = pytest.mark.skipif(not (DATA / "deeply").is_dir(), reason="Deeply is not in ../shared/data/deeply")
brighter_here = pytest.mark.skipif(
    not (DATA / "brighter_chn").is_dir(), reason="BRIGHTER is not in ../shared/data/brighter_chn"
)


@nemo_here
def test_nemo_by_two_routes_gives_equal_features(tmp_path):
    """The clips of nEMO by its own loader, and by a table with other column names and the corpus' own label words."""
    direct = load_corpus("nemo", DATA / "nemo")
    direct = direct.select(direct.ids[::60])
    table = direct.frame.rename(
        columns={"id": "Name", "audio": "Wav", "text": "Said", "label": "Feeling", "speaker": "Who"}
    )
    table[["Name", "Wav", "Said", "Feeling", "Who"]].to_csv(tmp_path / "own.tsv", sep="\t", index=False)
    columns = {"id": "Name", "audio": "Wav", "text": "Said", "emotion": "Feeling", "speaker": "Who"}
    by_table = load_corpus("manifest", tmp_path / "own.tsv", strict=True, columns=columns, language="pl")
    assert by_table.ids == direct.ids
    assert by_table.frame["emotion"].tolist() == direct.frame["emotion"].tolist()
    config = FeatureConfig(text="text", segmenter="spacy")
    one, two = FeatureStore(direct, config), FeatureStore(by_table, config)
    for a, b in ((one.mel, two.mel), (one.words, two.words), (one.bert, two.bert)):
        assert len(a) == len(b) == len(direct)
        np.testing.assert_array_equal(a.values, b.values)
        np.testing.assert_array_equal(a.offsets, b.offsets)


@nemo_here
def test_this_part_of_nemo_is_known_not_to_be_whole():
    with pytest.raises(CorpusError, match="598 instead of 4,481; speakers 4 instead of 9"):
        load_corpus("nemo", DATA / "nemo", strict=True)


@cped_here
def test_the_validation_part_of_cped():
    corpus = load_corpus("cped", DATA / "cped", strict=True)
    assert len(corpus) + sum(corpus.dropped.values()) == 11_137
    assert len(corpus.dropped) == 7
    assert (corpus.counts() > 0).all()
    assert corpus.text_is_informative
    assert not corpus.has_audio
    split = CARDS["cped"].split(corpus)
    assert split.promises == ("dialogue",)
    assert min(len(split.train), len(split.val), len(split.test)) > 300
    assert set(label_table(CARDS["cped"], corpus)["label"]) - {""} == set(CARDS["cped"].labels)


@deeply_here
def test_deeply_is_the_sample_of_which_one_room_sounds_here():
    corpus = load_corpus("deeply", DATA / "deeply")
    assert (len(corpus), corpus.speakers, corpus.language) == (572, 2, "ko")
    assert corpus.dropped == {"its clip is not in this copy": 1_697 - 572}
    assert corpus.frame.groupby("script")["text"].nunique().eq(1).all() and corpus.frame["script"].nunique() == 197
    described = read_json(DATA / "deeply" / "dataset" / "Korean_Read_Speech_Corpus_sample.json")
    clips = [it for room in described.values() for it in room.values()]
    for task, counts in deeply.TASKS.items():
        assert load_corpus("deeply", DATA / "deeply", task=task).labels == tuple(counts)
        assert sum(counts.values()) == len(clips) == 1_697
        counted = Counter(deeply._row(DATA, "room", "id", it, task)["label"] for it in clips)
        assert counted == counts
    with pytest.raises(CorpusError, match="572 instead of 1,697; negative 196 instead of 588"):
        load_corpus("deeply", DATA / "deeply", strict=True)


@brighter_here
def test_brighter_is_whole_and_half_of_it_has_one_emotion():
    corpus = load_corpus("brighter", DATA / "brighter_chn", strict=True)
    assert sum(corpus.dropped.values()) == 1_224 + 1_311
    assert corpus.counts().to_dict() == {name: CARDS["brighter"].published[name] for name in brighter.MARKS}
    split = CARDS["brighter"].split(corpus)
    assert [len(part) for part in (split.train, split.val, split.test)] == [1_416, 109, 1_424]
    assert len(brighter.table(DATA / "brighter_chn")) == 5_484


@cped_here
def test_the_words_of_cped_are_trained_on(small):
    experiment = prepare(small.but(modalities=("words",), epochs=1, limit=300), "cped", str(DATA / "cped"))
    truth, logits = fit(experiment.store, experiment.split, experiment.recipe).predict("test")
    assert len(experiment.corpus) >= 290
    assert logits.shape == (len(experiment.split.test), 6)
    assert np.isfinite(logits).all()
