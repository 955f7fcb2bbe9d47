"""From classes of a corpus' own to a model folder, its answers, ONNX and a table."""

import json
import shutil

import layouts
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from vcemo_lib import recipes
from vcemo_lib.cli import app
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.labels import TaskError
from vcemo_lib.data.language import LanguageError
from vcemo_lib.evaluation.figures import COLOURS, boxes, class_counts, colours, scatters
from vcemo_lib.experiments import parallel_runs
from vcemo_lib.experiments.experiment import prepare
from vcemo_lib.experiments.request import Request
from vcemo_lib.experiments.tables import TABLES, TableError
from vcemo_lib.inference.bundle import load_bundle
from vcemo_lib.inference.model_folder import BundleError
from vcemo_lib.paths import ROOT
from vcemo_lib.training.run import fit

DATA = ROOT.parent / "shared" / "data"
SEVEN = ("10", "2", "NA", 'it\'s "so"', "two words", "生气了", "🙂" * 60)
ORDER = ("10", "2", "NA", 'it\'s "so"', "two words", "生气了", "🙂" * 60)


def vcemo(*words, code=0):
    """Run the command; its output, where it ends with this code."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output + repr(done.exception)
    return done.output


@pytest.fixture
def tiny(small, tmp_path, monkeypatch):
    """The profile tiny made smaller, and a registry of corpora of its own."""
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(recipes.PROFILES, "tiny", small.but(limit=None))


@pytest.fixture
def table(tmp_path):
    """A CSV of seven classes, ten utterances each, whose sounds and words tell the class."""
    rows = []
    for n, label in enumerate(SEVEN * 10):
        layouts.tone(tmp_path / f"{n}.wav", pitch=150 + 60 * (n % 7), seconds=0.3)
        rows.append({"id": n, "audio": f"{n}.wav", "emotion": label, "text": f"{'一二三四五六七'[n % 7]}号"})
    pd.DataFrame(rows).to_csv(tmp_path / "seven.csv", index=False)
    return tmp_path / "seven.csv"


@pytest.fixture
def seven(table, tiny):
    vcemo("corpus", "add", "manifest", table, "--classes", "own", "--as", "seven")
    return table.parent


def same_answers(folder, labels, clip):
    """What the folder, `predict` and ONNX say of these classes; returns the bundle."""
    bundle = load_bundle(folder)
    assert bundle.labels == labels and bundle.recipe.model.n_classes == len(labels)
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"{len(labels)} classes)" in card and ", ".join(labels) in card
    said = vcemo("predict", clip, "--model", folder, *(["--text", "一号"] if bundle.reads_text else []))
    assert all(f"{name} 0." in said or f"{name} 1." in said for name in labels)
    exported = vcemo("export", folder, folder.parent / "m.onnx")
    assert ("doubtful model: " in exported) == bool(bundle.doubt)
    session = onnxruntime.InferenceSession(str(folder.parent / "m.onnx"))
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["labels"]) == list(labels) and facts["verdict"] == bundle.verdict != ""
    assert session.get_outputs()[0].shape[-1] == len(labels)
    return bundle


def test_seven_made_up_classes_from_a_table_to_onnx(seven):
    said = vcemo("train", seven / "m", "--corpus", "seven", "--profile", "tiny", "--epochs", 2)
    assert "7 classes" in said and "the same split, late fusion" in said
    same_answers(seven / "m", ORDER, seven / "3.wav")
    for classes in (4, 6):
        done = CliRunner().invoke(app, ["train", str(seven / "n"), "--corpus", "seven", "--classes", str(classes)])
        assert isinstance(done.exception, TaskError) and "7 classes of its own" in str(done.exception)


def test_labels_that_are_not_those_of_the_weights_are_refused(seven):
    vcemo("train", seven / "m", "--corpus", "seven", "--profile", "tiny", "--epochs", 1)
    for spoil in (lambda c: c["labels"].reverse(), lambda c: c["labels"].pop(), lambda c: c.update(labels=[1] * 7)):
        folder = shutil.copytree(seven / "m", seven / "copy", dirs_exist_ok=True)
        content = json.loads((seven / "m" / "bundle.json").read_text(encoding="utf-8"))
        spoil(content)
        (folder / "bundle.json").write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(BundleError, match="their order decides what a number means"):
            load_bundle(folder)


def test_a_table_of_its_classes_has_no_value_of_the_paper(seven, monkeypatch):
    """Worker processes would not know the small profile, so this one does their work."""
    monkeypatch.setattr(
        parallel_runs,
        "_in_processes",
        lambda request, missing, *_: [parallel_runs._run(request, c) for c in missing][:0],
    )
    rows = TABLES[3].rows
    monkeypatch.setitem(TABLES, 3, type(TABLES[3])((rows[1], rows[6]), TABLES[3].tasks, TABLES[3].lead))
    words = ["--corpus", "seven", "--profile", "tiny", "--seeds", 0, "--folder", seven / "records"]
    said = vcemo("table", 3, *words)
    assert "**7 classes**" in said and "accuracy here" in said and "accuracy paper" not in said
    assert "- 7 classes, the same test part, late fusion: accuracy " in said
    record = json.loads(next((seven / "records").glob("*.json")).read_text(encoding="utf-8"))
    assert record["labels"] == list(ORDER) == list(record["recall"]) and record["card"]["n_classes"] == 7
    assert np.shape(record["confusion"]) == (7, 7)
    with pytest.raises(TableError, match="four of the six emotions and this corpus has classes of its own"):
        assert Request(2, "tiny", "seven").table


@pytest.mark.parametrize(("task", "classes"), [("voice", 3), ("both", 9)])
def test_deeply_is_trained_on_by_sound_alone(tiny, tmp_path, task, classes):
    layouts.deeply(tmp_path / "deeply")
    option = ["--option", f"task={task}", "--strict=false"]
    vcemo("corpus", "add", "deeply", tmp_path / "deeply", *option)
    words = ["train", tmp_path / "m", "--corpus", "deeply", "--profile", "tiny", "--epochs", 2, "--split", "auto"]
    with pytest.raises(LanguageError, match="is in 'ko', .*use modalities=.'audio',"):
        raise CliRunner().invoke(app, [str(word) for word in words]).exception
    vcemo(*words, "--modalities", "audio")
    labels = load_corpus("deeply").labels
    assert len(labels) == classes
    clip = load_corpus("deeply").frame["audio"][0]
    assert same_answers(tmp_path / "m", labels, clip).language == "ko"


@pytest.mark.skipif(not (DATA / "deeply").is_dir(), reason="Deeply is not in ../shared/data/deeply")
@pytest.mark.parametrize(("task", "classes"), [("voice", 3), ("both", 9)])
def test_real_deeply_is_trained_on(small, cache, task, classes):
    corpus = load_corpus("deeply", DATA / "deeply", 150, task=task)
    recipe = small.but(modalities=("audio",), hop_length=320, n_mels=40, copies=0, epochs=2, batch_size=32)
    experiment = prepare(recipe, corpus)
    run = fit(experiment.store, experiment.split, experiment.recipe)
    truth, logits = run.predict("test")
    assert run.labels == corpus.labels and logits.shape == (len(truth), classes)
    assert np.isfinite(logits).all() and torch.isfinite(run.model.head.predictor.weight).all()


def test_figures_name_and_colour_every_class():
    assert colours(["sad", "fear"]) == COLOURS
    many = [f"class {n}" for n in range(9)]
    assert len(set(colours(many).values())) == 9
    assert len(set(colours(["sad", "bored", "生气了"]).values())) == 3
    labels = [*ORDER, *ORDER]
    figure = scatters({"a": np.random.default_rng(0).normal(size=(14, 2))}, labels)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(ORDER)
    frame = pd.DataFrame({"pitch": np.arange(14.0)})
    assert [tick.get_text() for tick in boxes(frame, labels).axes[0].get_xticklabels()] == list(ORDER)
    counts = pd.Series(labels).value_counts()
    assert len(class_counts(counts).axes[0].patches) == 7
