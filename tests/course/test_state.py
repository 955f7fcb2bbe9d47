"""What a finished chapter rests on."""

import subprocess
import sys

import numpy as np
import pandas as pd
import soundfile

from vcemo_lib.paths import ROOT


def test_the_ground_covers_library_data_and_corpus(tmp_path, monkeypatch):
    from vcemo_lib.course.run import state

    library, data, corpus = tmp_path / "lib", tmp_path / "data", tmp_path / "corpus"
    for folder in (library, data, corpus):
        folder.mkdir()
    for name, path in (("LIBRARY", library), ("DATA", data), ("ASSETS", data), ("ROOT", tmp_path)):
        monkeypatch.setattr(state, name, path)
    seen = [state.Dependencies([("nemo", str(corpus))]).common]
    for path in (library / "a.py", data / "x.parquet", corpus / "a.wav", tmp_path / "requirements.lock"):
        path.write_text("1")
        seen.append(state.Dependencies([("nemo", str(corpus))]).common)
    (library / "notes.txt").write_text("not code")
    assert len(set(seen)) == 5
    assert state.Dependencies([("nemo", str(corpus))]).common == seen[-1]


def test_a_sound_beside_the_table_of_a_corpus_counts(tmp_path, cache):
    from vcemo_lib.cli import sounds_outside
    from vcemo_lib.course.run.state import Dependencies

    rows = [f"a{k}.wav,Anger,{k}" for k in range(2)] + [f"s{k}.wav,sadness,{k}" for k in range(2)]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["audio,emotion,speaker", *rows]), encoding="utf-8")
    for row in rows:
        soundfile.write(tmp_path / row.partition(",")[0], np.full(8000, 0.1), 16000)
    asked = [("manifest", str(table))], sounds_outside
    before = Dependencies(*asked).common
    assert Dependencies(*asked).common == before
    (tmp_path / "notes.txt").write_text("no sound of this corpus")
    assert Dependencies(*asked).common == before
    soundfile.write(tmp_path / "a0.wav", np.full(9000, 0.1), 16000)
    assert Dependencies(*asked).common != before


def test_a_table_that_is_a_parquet_is_read_by_what_runs_chapters(tmp_path):
    table = tmp_path / "table.parquet"
    rows = {"id": ["1", "2"], "audio": ["a.wav", "b.wav"], "emotion": ["sad", "happy"]}
    pd.DataFrame(rows).to_parquet(table)
    program = (
        "import sys; from vcemo_lib.cli import sounds_outside;"
        "from vcemo_lib.course.notebook.reading import parse_notebook;"
        "from vcemo_lib.course.run import runner; from vcemo_lib.course.pages import report;"
        'parse_notebook(\'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\');'
        "print(*sounds_outside('manifest', sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(table)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert done.stdout.split() == [str(tmp_path / "a.wav"), str(tmp_path / "b.wav")], done.stderr
