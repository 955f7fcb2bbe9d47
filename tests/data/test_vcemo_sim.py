"""The corpus that ships, whole: counts of Figure 4, 120 voices, unique texts, a fair size."""

import pytest

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.paths import DATA


@pytest.fixture(scope="module")
def whole():
    return load_corpus("vcemo_sim", strict=True)  # strict: 7,477 utterances in the class counts of Figure 4


def test_all_of_it_is_there(whole):
    frame = whole.frame
    assert len(whole) == 7_477
    assert frame["speaker"].nunique() == 120
    assert frame["text"].is_unique
    assert frame["text"].str.replace(r"\W", "", regex=True).str.len().between(4, 30).all()
    assert frame["situation"].nunique() == 399  # 400 were written; two of them are at a breakfast stall
    assert (frame["text_asr"].str.len() > 0).mean() > 0.99


def test_it_stays_small():
    shards = list((DATA / "vcemo_sim").glob("shard-*.parquet"))
    assert len(shards) == 16
    assert sum(shard.stat().st_size for shard in shards) < 36e6


def test_each_emotion_is_in_each_part_and_planted_in_both_channels(whole):
    counts = whole.frame.groupby(["split", "emotion"]).size().unstack()
    assert counts.notna().all().all()
    assert set(counts.index) == {"train", "val", "test"}
    assert whole.frame["text_cue"].nunique() >= 3
    assert whole.frame["voice_cue"].between(0, 1).all()
