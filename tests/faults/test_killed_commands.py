"""`vcemo train`, `table`, `transcribe`, `add` and `run`, killed at random moments until they end: as if nothing had been.

Each command is called as the shell calls it, in a process forked from the tests. The normal tests run a short form,
`make faults` the long one.
"""

import contextlib
import json
import random
import time
import zipfile
from dataclasses import replace
from functools import partial

import nbformat
import pytest
import torch
from campaign import Campaign, amount
from courses import CourseMaker
from processes import killed_until_done

from vcemo_lib import recipes
from vcemo_lib.audio import whisper_asr
from vcemo_lib.audio.whisper_asr import Settings
from vcemo_lib.audio.whisper_language import OtherLanguages
from vcemo_lib.cli import app
from vcemo_lib.config import MODALITIES
from vcemo_lib.course.pages import TEMPLATES
from vcemo_lib.course.run import state
from vcemo_lib.course.run.request import RunRequest
from vcemo_lib.course.run.runner import run_batch
from vcemo_lib.data.corpora import added, load_corpus
from vcemo_lib.experiments import parallel_runs
from vcemo_lib.experiments.tables import TABLES
from vcemo_lib.inference.bundle import load_bundle

TINY = ["d=16", "d_ff=32", "n_heads=2", "length=8", "batch_size=8", "copies=0", "min_updates=8", "normalise=band"]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


def vcemo(*words: str) -> None:
    """One command, in this process."""
    with contextlib.suppress(SystemExit):
        app([str(word) for word in words], standalone_mode=False)


def seconds_of(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def tried(name: str, work, seconds: float, same, attempts: int, capfd) -> None:
    """Count the kills that were survived. Args: work, same: of the number of an attempt, the command and its check."""
    campaign, rng = Campaign(f"kill -9, {name}"), random.Random(name)
    for attempt in range(attempts):
        kills, code = killed_until_done(partial(work, attempt), seconds, rng)
        outcome = "survived" if code == 0 and same(attempt) else "lost"
        campaign.count_kills(kills, outcome, f"{attempt}, exit code {code}")
    with capfd.disabled():  # the figures, without what the commands print
        campaign.finish()


def table_of_texts(folder, rows: int = 48) -> None:
    """Texts of two emotions by six speakers, who make it a corpus that is measured by folds."""
    lines = [
        f"u{k},{'高兴的' if k % 2 else '难过的'}第{k}句话,{'happy' if k % 2 else 'sad'},s{k % 6}" for k in range(rows)
    ]
    (folder / "a.csv").write_text("\n".join(["id,text,emotion,speaker", *lines]), encoding="utf-8")
    vcemo("corpus", "add", "manifest", folder / "a.csv", "--as", "mine", "--classes", "own")


def kept(folder) -> tuple:
    """All that a model folder says, without the time of its making."""
    bundle = load_bundle(folder)
    weights = {name: value.tolist() for name, value in bundle.model.state_dict().items()}
    return weights, bundle.scores, bundle.card, bundle.temperature, bundle.verdict


def test_a_training_killed_between_any_two_of_its_folds_makes_the_same_model(tmp_path, capfd):
    table_of_texts(tmp_path)
    settings = [word for setting in TINY for word in ("--set", setting)]
    words = ["--corpus", "mine", "--modalities", "words", "--profile", "tiny", "--epochs", "2", *settings]

    def train(folder):
        vcemo("train", tmp_path / f"m{folder}", *words)

    seconds = seconds_of(partial(train, "whole"))
    whole = kept(tmp_path / "mwhole")
    tried("train", train, seconds, lambda k: kept(tmp_path / f"m{k}") == whole, amount(1, 25), capfd)
    assert not [*tmp_path.rglob("*.part"), *tmp_path.glob("*.work")]


def test_a_table_killed_at_any_run_has_the_same_records(small, sim_root, tmp_path, monkeypatch, capfd):
    """Its workers are killed in tests/experiments/test_surviving_pool.py: here the command itself, as it works."""
    # One job is one thread: a process forked from one that has a pool of threads waits for them for ever.
    quick = [row for row in TABLES[3].rows if "audio" not in row.changes.get("modalities", MODALITIES)]
    monkeypatch.setitem(TABLES, 3, replace(TABLES[3], rows=tuple(quick), lead=quick[0].name))
    monkeypatch.setitem(recipes.PROFILES, "small", small.but(epochs=1, copies=0))
    monkeypatch.setattr(parallel_runs, "_in_processes", here)
    words = ["3", "--profile", "small", "--corpus-root", sim_root, "--seeds", "0,1", "--jobs", "1", "--folder"]

    def table(folder):
        vcemo("table", *words, tmp_path / f"t{folder}")

    def records(folder):
        found = [json.loads(path.read_text()) for path in sorted((tmp_path / f"t{folder}").glob("*.json"))]
        return [(r["seed"], r["card"], r["predicted"], r["probabilities"], r["history"]) for r in found]

    seconds = seconds_of(partial(table, "whole"))
    whole = records("whole")
    assert len(whole) == 2 * len(quick)
    tried("table", table, seconds, lambda k: records(k) == whole, amount(1, 15), capfd)
    assert not [*tmp_path.rglob("*.part"), *tmp_path.rglob("*.run")]


def here(request, missing, jobs, say):
    """The runs in the process of the command."""
    for cell in missing:
        parallel_runs._run(request, cell)
    return []


def test_transcribing_killed_at_any_clip_hears_each_the_same(corpus, tmp_path, monkeypatch, capfd):
    rows = []
    for k, audio in enumerate(corpus.frame["audio"][:8]):
        (tmp_path / f"{k}.ogg").write_bytes(audio)
        rows.append(f"u{k},{k}.ogg,happy,s")
    (tmp_path / "a.csv").write_text("\n".join(["id,audio,emotion,speaker", *rows]), encoding="utf-8")
    vcemo("corpus", "add", "manifest", tmp_path / "a.csv", "--as", "mine")
    monkeypatch.setattr(whisper_asr, "load", lambda weights, *_: Ear(weights))

    def transcribe(weights):
        vcemo("corpus", "transcribe", "mine", "--weights", weights)

    seconds = seconds_of(partial(transcribe, "whole"))
    whole = load_corpus("mine").frame["text_asr"].tolist()
    assert all(text.startswith("听见") for text in whole)

    def same(weights):
        return load_corpus("mine").frame["text_asr"].tolist() == whole

    tried("corpus transcribe", transcribe, seconds, same, amount(1, 25), capfd)


class Ear:
    """Hears how long a clip is, in the time that it takes to hear."""

    loops = 0

    def __init__(self, weights):
        self.settings, self.others = Settings("whisper", str(weights)), OtherLanguages("zh")

    def texts(self, waves):
        time.sleep(0.02)
        return [f"听见{len(wave)}个" for wave in waves]


def test_adding_an_archive_killed_at_any_file_unpacks_all_of_it(corpus, tmp_path, capfd):
    attempts = amount(2, 40)
    for name in ("whole", *range(attempts)):  # each another one: what was unpacked before is not unpacked again
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.comment = str(name).encode()
            for k, audio in enumerate(corpus.frame["audio"]):
                archive.writestr(f"{'happy' if k % 2 else 'sad'}/{k}.ogg", audio)

    def add(name):
        vcemo("corpus", "add", "manifest", tmp_path / f"{name}.zip", "--as", f"c{name}")

    seconds = seconds_of(partial(add, "whole"))
    whole = load_corpus("cwhole").hash

    def same(name):
        return {"cwhole", f"c{name}"} <= set(added.added()) and load_corpus(f"c{name}").hash == whole

    tried("corpus add, archive", add, seconds, same, attempts, capfd)
    assert not [*tmp_path.rglob("*.part")]


def test_a_course_killed_at_any_chapter_ends_with_each_done_once(tmp_path, monkeypatch, capfd):
    for name in ("LIBRARY", "DATA", "ASSETS"):
        monkeypatch.setattr(state, name, TEMPLATES)
    maker = CourseMaker(tmp_path / "notebooks")
    for number in ("00", "01", "02"):
        maker.add(number, f"print('chapter', {int(number)} + 40)")

    def run(folder):
        assert run_batch(RunRequest(out=str(tmp_path / f"out{folder}"), jobs=1), maker.folder) == 0

    def outputs(folder):
        paths = sorted((tmp_path / f"out{folder}" / "notebooks").glob("*.ipynb"))
        return [[c.get("outputs") for c in nbformat.read(path, as_version=4).cells][-1][0]["text"] for path in paths]

    seconds = seconds_of(partial(run, "whole"))
    assert outputs("whole") == [f"chapter {40 + k}\n" for k in range(3)]
    tried("run", run, seconds, lambda k: outputs(k) == outputs("whole"), amount(1, 12), capfd)
    assert not [*tmp_path.rglob("*.part")]
