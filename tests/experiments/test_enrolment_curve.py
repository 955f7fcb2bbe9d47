"""What clips of a person are worth: strangers alone are asked, the same ones by every mean; recorded once."""

import pytest

from vcemo_lib.data.speaker_splits import speaker_disjoint
from vcemo_lib.evaluation.records import RecordError
from vcemo_lib.experiments import enrolment_curve as enrolment
from vcemo_lib.experiments.experiment import prepare


@pytest.fixture(scope="module")
def whole():
    return prepare(enrolment.RECIPE.but(limit=400), "vcemo_sim", n_classes=4, split=speaker_disjoint)


def test_everybody_is_asked_the_same_clips(whole, monkeypatch):
    monkeypatch.setattr(enrolment, "CLIPS", (0, 1))  # the small corpus has few clips of each
    curve = enrolment.by_enrolment(whole.store, speaker_disjoint(whole.corpus, 0), seed=0)
    assert list(curve) == ["0", "1", enrolment.ALL_CLIPS, enrolment.CLIP_ALONE]
    speakers = whole.corpus.frame.set_index("id")["speaker"]
    split = speaker_disjoint(whole.corpus, 0)
    strangers = speakers.loc[list(split.val + split.test)]
    assert {its["asked"] for its in curve.values()} == {len(strangers) - strangers.nunique()}
    assert all(0 < its["ua"] < 1 for its in curve.values())


def test_what_is_recorded_is_not_made_again(tmp_path, whole, monkeypatch):
    made = []
    monkeypatch.setattr(enrolment, "prepare", lambda *args, **named: whole)
    ways = [enrolment.CLIP_ALONE, *map(str, enrolment.CLIPS), enrolment.ALL_CLIPS]
    monkeypatch.setattr(
        enrolment, "by_enrolment", lambda store, split, seed: made.append(seed) or {w: {"wa": 0.5} for w in ways}
    )
    file = tmp_path / "enrolment.json"
    first = enrolment.make_record(2, file)
    assert enrolment.make_record(2, file) == first and made == [0, 1]
    assert enrolment.accuracy_by_enrolment(first).shape == (2, len(ways))
    monkeypatch.setattr(enrolment, "CLIPS", (0, 2))
    with pytest.raises(RecordError, match="other settings"):
        enrolment.recorded_enrolment(file)


def test_the_committed_record_has_every_way_to_know_a_voice():
    table = enrolment.accuracy_by_enrolment(enrolment.recorded_enrolment())
    assert list(table)[1:-1] == [str(k) for k in enrolment.CLIPS]
    assert len(table) >= 3
    assert table["30"].mean() > table["0"].mean()
