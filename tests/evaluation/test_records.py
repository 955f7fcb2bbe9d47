"""A record on disk: its card, its environment, and what is refused."""

import json
import time
from dataclasses import FrozenInstanceError, asdict, replace

import pytest
import torch

from vcemo_lib.evaluation import records
from vcemo_lib.evaluation.records import (
    ProtocolCard,
    RecordError,
    fill_record,
    read_record,
    read_record_of,
    write_record,
    write_rows,
)
from vcemo_lib.storage import StorageError, read_json

CARD = ProtocolCard("c", "0123", False, 6, "8/1/1", ("speaker",), "validation", "text", "bundled", "bundled", "tiny")


def test_a_record_is_read_as_it_was_written_one_line_a_field(tmp_path):
    kept = write_record(tmp_path / "r.json", CARD, {"scores": {"wa": 0.5}, "said": "好"})
    assert kept["card"] == asdict(CARD) and kept["scores"] == {"wa": 0.5}
    lines = (tmp_path / "r.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads("{" + line.rstrip(",") + "}").popitem()[0] for line in lines[1:-1]] == sorted([*kept, "_sha256"])
    assert '"said": "好",' in lines
    assert read_record(tmp_path / "r.json") == json.loads(json.dumps(kept))
    assert read_record(tmp_path / "none.json") is None


def test_the_keys_of_a_field_are_in_order_so_that_git_shows_what_changed(tmp_path):
    write_record(tmp_path / "r.json", CARD, {"scores": {"wa": 1, "f1": 2}})
    assert '"scores": {"f1": 2, "wa": 1}' in (tmp_path / "r.json").read_text()


def test_a_test_part_stands_once_beside_all_records_of_it(tmp_path):
    a, b, other = (tmp_path / f"{name}.json" for name in "abc")
    for path, ids in ((a, ["u1", "u2"]), (b, ["u1", "u2"]), (other, ["u2", "u1"])):
        kept = write_record(path, CARD, {"test_ids": ids, "truth": [0, 1], "predicted": [1, 1]})
        assert read_record(path) == json.loads(json.dumps(kept)) and kept["test_ids"] == ids
    parts = sorted((tmp_path / records.PARTS).iterdir())
    assert len(parts) == 2 and not {"u1", "truth"} & set(a.read_text().split('"'))
    (tmp_path / "old.json").write_text('{"test_ids": ["u3"]}')  # a record of before holds its part itself
    assert read_record(tmp_path / "old.json") == {"test_ids": ["u3"]}
    part = next(path for path in parts if path.stem in a.read_text())
    part.write_text(part.read_text().replace("u1", "u9"))
    with pytest.raises(StorageError, match="checksum differs"):
        read_record(b)
    part.unlink()
    with pytest.raises(StorageError, match="names test_parts/.* is not beside it: get it back, or delete the record"):
        read_record(a)


@pytest.mark.parametrize("wrong", [{"corpus": ""}, {"text": None}])
def test_a_card_says_everything(wrong):
    with pytest.raises(RecordError, match=f"a protocol card without {next(iter(wrong))}: give it"):
        replace(CARD, **wrong)
    assert replace(CARD, simulated=False, n_classes=2, disjoint=())  # what is false or empty is said
    with pytest.raises(FrozenInstanceError):
        CARD.corpus = "another"


def test_a_record_without_a_card_is_none(tmp_path):
    with pytest.raises(TypeError, match="needs a ProtocolCard"):
        write_record(tmp_path / "r.json", asdict(CARD), {})
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize("simulated", [True, False])
def test_the_label_says_whether_the_corpus_is_simulated(simulated):
    said = replace(CARD, simulated=simulated).label()
    assert ("simulated corpus, no evidence about the paper" in said) is simulated
    assert ("real corpus" in said) is not simulated
    assert "6 classes · split 8/1/1 · text column text · chosen on validation · profile tiny" in said


def test_a_growing_record_is_of_one_key(tmp_path):
    path = tmp_path / "r.json"
    assert read_record_of(path, "k", "make it") == {}
    write_record(path, CARD, {"key": "k", "runs": [1]})
    assert read_record_of(path, "k", "make it")["runs"] == [1]
    with pytest.raises(RecordError, match="r.json was made by other settings: delete it and run 'make it'"):
        read_record_of(path, "l", "make it")


def test_a_growing_record_makes_what_it_lacks_and_keeps_each_when_it_is_done(tmp_path):
    path, made, said = tmp_path / "r.json", [], []

    def make(number: int) -> tuple[dict, ProtocolCard]:
        if number > 2:
            raise OSError("killed")
        return {"squared": made.append(number) or number**2}, CARD

    assert fill_record(path, "k", "make it", {"one": 1, "two": 2}, make, said.append) == read_record_of(path, "k", "")
    with pytest.raises(OSError, match="killed"):
        fill_record(path, "k", "make it", {"one": 1, "zero": 0, "three": 3}, make, said.append)
    kept = {"one": {"squared": 1}, "two": {"squared": 4}, "zero": {"squared": 0}}
    assert read_record_of(path, "k", "") == kept
    assert made == [1, 2, 0] and said == ["one", "two", "zero"]
    with pytest.raises(RecordError, match="delete it and run 'make it'"):
        fill_record(path, "l", "make it", {"one": 1}, make, said.append)


def test_rows_stand_on_a_line_each_and_are_sealed(tmp_path):
    write_rows(tmp_path / "r.json", {"corpus": "好"}, "runs", {"a": [1, 2], "b": {"x": "好"}})
    lines = (tmp_path / "r.json").read_text(encoding="utf-8").splitlines()
    assert '"corpus": "好",' in lines and '"a": [1, 2],' in lines and '"b": {"x": "好"}' in lines
    assert read_json(tmp_path / "r.json") == {"corpus": "好", "runs": {"a": [1, 2], "b": {"x": "好"}}}
    (tmp_path / "r.json").write_text("\n".join(lines).replace("[1, 2]", "[1, 3]"), encoding="utf-8")
    with pytest.raises(StorageError, match="checksum differs"):
        read_json(tmp_path / "r.json")


def test_records_of_one_table_have_one_protocol():
    same, other = {"card": asdict(CARD)}, {"card": asdict(replace(CARD, n_classes=4))}
    records.same_protocol([])
    records.same_protocol([same, same])
    records.same_protocol([same, other], except_for=("n_classes",))
    with pytest.raises(RecordError, match=r"differ in n_classes \(4, 6\)"):
        records.same_protocol([same, other])
    with pytest.raises(RecordError, match="differ in n_classes"):
        records.same_protocol([same, other], except_for=("split",))


def test_the_environment_names_versions_and_no_machine(monkeypatch):
    found = records.environment()
    assert found["torch"].partition("+")[0] == torch.__version__.partition("+")[0]  # without what it was built for
    assert found["date"] == time.strftime("%Y-%m-%d")
    assert set(found) == {
        "python", "torch", "torchaudio", "numpy", "transformers", "spacy", "commit", "machine", "device", "date",
    }  # fmt: skip
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    assert records.environment()["device"] == "a GPU"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert records.environment()["device"] == "cpu"
