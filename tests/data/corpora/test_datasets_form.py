"""Hugging Face's form of a corpus: what is written is read back, and by `datasets` itself where that is installed."""

import io
import json
import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.audio.signal import decode
from vcemo_lib.cli import app
from vcemo_lib.data.corpora import datasets_in, datasets_out, load_corpus, manifest
from vcemo_lib.data.corpus import Corpus, CorpusError

needs_datasets = pytest.mark.skipif(
    find_spec("datasets") is None, reason="datasets is not installed: pip install '.[datasets]'"
)
KEPT = ["id", "text", "text_asr", "emotion", "speaker"]


@pytest.fixture(autouse=True)
def _own_hub(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")


def wav(pitch: float = 220) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, 0.2 * np.sin(2 * np.pi * pitch * np.arange(4_000) / 16_000), 16_000, format="WAV")
    return out.getvalue()


def corpus(split: bool = True, **columns) -> Corpus:
    emotions = ["happy", "sad", "angry", "happy", "neutral", "sad"]
    frame = pd.DataFrame(
        {
            "id": [f"u{k}" for k in range(6)],
            "audio": [wav(200 + 10 * k) for k in range(6)],
            "text": ["好", "", "不", "要", "来", "去"],
            "text_asr": None,
            "emotion": emotions,
            "speaker": list("aabbcc"),
        }
    )
    parts = {"split": ["train", "train", "val", "val", "test", "test"]} if split else {}
    return Corpus("mine", frame.assign(**parts, **columns), licence="CC0")


def same(read: Corpus, given: Corpus) -> None:
    a, b = (c.frame.sort_values("id", ignore_index=True) for c in (read, given))
    pd.testing.assert_frame_equal(
        a[KEPT].astype(object).where(a[KEPT].notna(), None), b[KEPT].astype(object).where(b[KEPT].notna(), None)
    )
    for one, other in zip(a["audio"], b["audio"], strict=True):
        np.testing.assert_array_equal(decode(one), decode(other))


@pytest.mark.parametrize("split", [True, False])
def test_what_is_written_is_read_back(split, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets_out, "AT_ONCE", 1)
    given = corpus(split, turn=range(6), word_times=[[0.1, 0.2]] * 6)
    files = datasets_out.write(given, tmp_path / "set")
    names = ["test", "train", "validation"] if split else ["train"]
    assert [path.name for path in files] == ["README.md", *(f"{n}-00000-of-00001.parquet" for n in names)]
    loaded = manifest.load(tmp_path / "set")
    same(loaded, given)
    assert ("split" in loaded.frame) == split
    if split:
        assert dict(zip(loaded.frame["id"], loaded.frame["split"], strict=True)) == dict(
            zip(given.frame["id"], given.frame["split"], strict=True)
        )
    assert sorted(loaded.frame["turn"]) == list(range(6))
    assert "CC0" in (tmp_path / "set" / "README.md").read_text()


def test_a_corpus_of_text_has_no_column_of_sound(tmp_path):
    given = corpus(False)
    given = replace(given, frame=given.frame.assign(audio=None), has_audio=False)
    datasets_out.write(given, tmp_path / "set")
    loaded = manifest.load(tmp_path / "set")
    assert not loaded.has_audio and list(loaded.frame["text"]) == list(given.frame["text"])


@pytest.mark.parametrize("name", ["a.wav", os.fsdecode(b"\xffa.wav")])
def test_a_sound_that_is_a_file_is_written_with_its_content(name, tmp_path):
    (tmp_path / name).write_bytes(wav())
    given = corpus(False)
    given = replace(given, frame=given.frame.assign(audio=pd.Series([str(tmp_path / name)] * 6, dtype=object)))
    datasets_out.write(given, tmp_path / "set")
    (tmp_path / name).unlink()
    assert manifest.load(tmp_path / "set").frame["audio"].map(bytes).eq(wav()).all()
    with pytest.raises(CorpusError, match=r"a\.wav cannot be read .* check the corpus root"):
        datasets_out.write(given, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def saved(folder: Path, columns: dict, features: dict, **state) -> None:
    """A folder as `save_to_disk` leaves one."""
    folder.mkdir(parents=True)
    described = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table(columns).replace_schema_metadata(described)
    with pa.ipc.new_stream(folder / "data-00000-of-00001.arrow", table.schema) as stream:
        stream.write_table(table)
    files = [{"filename": "data-00000-of-00001.arrow"}]
    (folder / "state.json").write_text(json.dumps({"_data_files": files} | state))


LABELS = {"label": {"names": ["happy", "sad"], "_type": "ClassLabel"}}
ROWS = {"audio": [{"bytes": wav(), "path": None}] * 3, "label": [0, 1, 1], "text": ["a", "b", "c"]}


def test_classes_that_are_numbers_are_read_as_their_words_and_rows_get_ids(tmp_path):
    saved(tmp_path / "set", ROWS, LABELS)
    loaded = manifest.load(tmp_path / "set", columns={"emotion": "label"})
    assert list(loaded.frame["emotion"]) == ["happy", "sad", "sad"]
    assert loaded.frame["id"].is_unique


def test_a_sound_that_is_an_array_is_read(tmp_path):
    wave = (0.2 * np.sin(np.arange(4_000) / 9)).astype(np.float32)
    saved(tmp_path / "set", ROWS | {"audio": [{"array": wave, "path": None, "sampling_rate": 16_000}] * 3}, LABELS)
    loaded = manifest.load(tmp_path / "set", columns={"emotion": "label"})
    np.testing.assert_allclose(loaded.wave(loaded.ids[0]), wave, atol=1e-6)
    both = {"array": [wave.tolist()] * 2, "sampling_rate": 16_000.0}
    pa.parquet.write_table(pa.table({"emotion": ["sad"], "audio": [both]}), tmp_path / "a.parquet")
    loaded = manifest.load(tmp_path / "a.parquet")
    np.testing.assert_allclose(loaded.wave(loaded.ids[0]), wave, atol=1e-6)


@pytest.mark.parametrize(
    ("array", "rate"),
    [
        ([0.1] * 2000, 0),
        ([0.1] * 2000, -5),
        ([0.1] * 2000, "16k"),
        ([1, 2] * 1000, 16_000),
        (None, 16_000),
        ([[[0.1]]], 5),
    ],
)
def test_an_array_that_is_no_sound_is_named_with_its_row(array, rate, tmp_path):
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table({"emotion": ["sad"], "audio": [{"array": array, "sampling_rate": rate}]}), path)
    with pytest.raises(CorpusError, match=r"row 1 of audio is \{'array': .* and a sampling_rate are expected"):
        manifest.load(path)


@pytest.mark.parametrize(
    "described", ["[]", '{"info": null}', '{"info": {"features": []}}', '{"info": {"features": {"text": {"_type": "ClassLabel"}}}}',
                  '{"info": {"features": {"text": {"_type": "ClassLabel", "names": ["a"]}}}}'],
)  # fmt: skip
def test_a_damaged_description_is_refused(described, tmp_path):
    table = pa.table({"emotion": ["sad"], "text": ["x"]}).replace_schema_metadata({"huggingface": described})
    pa.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match=r"cannot be read as parquet \(what it says of its columns is damaged"):
        manifest.load(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("parts", "split"),
    [
        (["train", "validation", "test"], {"train", "val", "test"}),
        (["train", "dev", "test"], {"train", "val", "test"}),
        (["train", "test"], None),
    ],
)
def test_parts_become_the_split_where_there_are_three(parts, split, tmp_path, caplog):
    for part in parts:
        saved(tmp_path / "set" / part, ROWS, LABELS)
    (tmp_path / "set" / "dataset_dict.json").write_text(json.dumps({"splits": parts}))
    with caplog.at_level("INFO"):
        frame = manifest.load(tmp_path / "set", columns={"emotion": "label"}).frame
    assert len(frame) == 3 * len(parts) and frame["id"].is_unique
    assert (set(frame["split"]) if "split" in frame else None) == split
    assert ("its parts are train, test: no column split is made" in caplog.text) == (split is None)


def test_a_single_parquet_of_the_hub_has_words_for_numbers(tmp_path):
    datasets_out.write(corpus(False), tmp_path / "set")
    path = (tmp_path / "set" / "train-00000-of-00001.parquet").rename(tmp_path / "mine.parquet")
    same(manifest.load(path), corpus(False))


def test_what_is_damaged_or_old_is_refused_in_a_sentence(tmp_path):
    saved(tmp_path / "old", ROWS, LABELS, _indices_data_files=[{"filename": "indices.arrow"}])
    with pytest.raises(CorpusError, match="saved as a selection by an old 'datasets'"):
        manifest.load(tmp_path / "old")
    saved(tmp_path / "cut", ROWS, LABELS)
    path = tmp_path / "cut" / "data-00000-of-00001.arrow"
    for content in (path.read_bytes()[:300], path.read_bytes()[:-8], b"", b"x" * 1000):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match="is no whole data set of Hugging Face .* save or download it again"):
            manifest.load(tmp_path / "cut")
    for text in ("{", "[]", "{}", '{"_data_files": [1]}'):
        (tmp_path / "cut" / "state.json").write_text(text)
        with pytest.raises(CorpusError, match="is no whole data set of Hugging Face"):
            manifest.load(tmp_path / "cut")
    datasets_out.write(corpus(), tmp_path / "set")
    with pytest.raises(CorpusError, match="cannot be made .* give a new folder"):
        datasets_out.write(corpus(), tmp_path / "set")
    with pytest.raises(CorpusError, match="column 'odd' of mine holds what Arrow cannot"):
        datasets_out.write(corpus(odd=[1, "a", object(), 2, 3, 4]), tmp_path / "odd")
    with pytest.raises(CorpusError, match="a list was given: give a Dataset or a DatasetDict"):
        datasets_in.from_datasets([])


def test_the_commands_write_a_corpus_and_add_it_again(tmp_path):
    corpus().frame.to_parquet(tmp_path / "mine.parquet")
    for words in (
        ["corpus", "add", "manifest", tmp_path / "mine.parquet", "--as", "mine"],
        ["corpus", "export", "mine", tmp_path / "set"],
        ["corpus", "add", "manifest", tmp_path / "set", "--as", "again"],
    ):
        done = CliRunner().invoke(app, list(map(str, words)))
        assert done.exit_code == 0, done.output
        if words[1] == "export":
            assert "test, train, validation" in done.output and "not allowed: only you know" in done.output
    same(load_corpus("again"), corpus())


@needs_datasets
def test_datasets_itself_reads_what_is_written_and_writes_what_is_read(tmp_path):
    import datasets

    given = corpus()
    datasets_out.write(given, tmp_path / "set")
    dataset = datasets.load_dataset(str(tmp_path / "set"))
    assert {name: len(part) for name, part in dataset.items()} == {"train": 2, "validation": 2, "test": 2}
    features = dataset["train"].features
    assert isinstance(features["audio"], datasets.Audio)
    assert features["emotion"].names == list(given.labels)
    sound = dataset["train"].cast_column("audio", datasets.Audio(decode=False))[0]["audio"]
    np.testing.assert_array_equal(decode(sound["bytes"]), given.wave("u0"))
    dataset.save_to_disk(tmp_path / "disk")
    again = manifest.load(tmp_path / "disk")
    same(again, given)
    assert set(again.frame["split"]) == {"train", "val", "test"}


@needs_datasets
def test_objects_of_datasets_go_in_and_out(tmp_path):
    import datasets

    given = corpus()
    made = datasets_out.to_datasets(given)
    assert isinstance(made, datasets.DatasetDict) and isinstance(made["test"].features["audio"], datasets.Audio)
    same(datasets_in.from_datasets(made), given)
    (tmp_path / "a.wav").write_bytes(wav())
    rows = {"audio": [str(tmp_path / "a.wav")] * 3, "label": [0, 1, 1], "text": ["a", "b", "c"]}
    own = datasets.Dataset.from_dict(rows).cast_column("audio", datasets.Audio())
    own = own.cast_column("label", datasets.ClassLabel(names=["up", "down"])).select([2, 0])
    loaded = datasets_in.from_datasets(own, name="mine", columns={"emotion": "label"}, classes="own", language="en")
    assert (loaded.name, loaded.language, list(loaded.frame["emotion"])) == ("mine", "en", ["down", "up"])
    assert len(loaded.wave(loaded.ids[0])) == 4_000


@needs_datasets
def test_paths_of_a_dataset_in_memory_begin_where_python_does_and_an_empty_part_is_none(tmp_path, monkeypatch):
    import datasets

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.wav").write_bytes(wav())
    rows = datasets.Dataset.from_dict({"audio": ["a.wav"] * 2, "emotion": ["sad", "happy"], "id": ["1", "2"]})
    parts = datasets.DatasetDict({"train": rows, "test": rows.select([])})
    loaded = datasets_in.from_datasets(parts, strict=True)
    assert list(loaded.frame["emotion"]) == ["sad", "happy"] and len(loaded.wave("1")) == 4_000
    with pytest.raises(CorpusError, match="dataset: row 1.*'x'"):
        datasets_in.from_datasets(datasets.Dataset.from_dict({"text": ["a"], "emotion": ["x"]}))
    with pytest.raises(CorpusError, match="no rows|lacks the column"):
        datasets_in.from_datasets(rows.select([]))


def test_without_the_package_the_sentence_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(CorpusError, match="run 'pip install datasets', or 'vcemo corpus export'"):
        datasets_out.to_datasets(corpus())
