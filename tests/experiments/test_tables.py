"""Tables as experiments: run in processes, never twice, shown from records, and judged in plain sentences."""

import json
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from vcemo_lib import recipes
from vcemo_lib.cli import app
from vcemo_lib.evaluation.metrics import paired_bootstrap
from vcemo_lib.experiments import beside_tables
from vcemo_lib.experiments import parallel_runs as table_runs
from vcemo_lib.experiments.beside_tables import beside
from vcemo_lib.experiments.comparison import by_seed, difference, gap_between
from vcemo_lib.experiments.parallel_runs import markdown, records, run_table, show
from vcemo_lib.experiments.request import Request
from vcemo_lib.experiments.studies import STUDIES
from vcemo_lib.experiments.tables import TABLES, TableError

TWO = replace(TABLES[3], rows=(TABLES[3].rows[1], TABLES[3].rows[6]))  # BERT alone, and all three


@pytest.fixture
def request_(small, sim_root, cache, tmp_path, monkeypatch):
    """Two rows of Table 3 on sixty utterances; worker processes would not know them, so that one does the work here."""
    monkeypatch.setitem(TABLES, 3, TWO)
    monkeypatch.setitem(recipes.PROFILES, "small", small.but(epochs=1))
    monkeypatch.setattr(table_runs, "_in_processes", here)
    return Request(3, "small", root=str(sim_root), seeds=(0, 1), folder=str(tmp_path / "records"))


def here(request, missing, jobs, say):
    for cell in missing:
        table_runs._run(request, cell)
    return {}


def test_a_table_is_made_once_and_shown_from_its_records(request_, monkeypatch):
    with pytest.raises(
        TableError, match="4 of 4 runs of table 3 have no record .* 'vcemo table 3 --profile small"
    ) as e:
        show(request_)
    options = f"--corpus vcemo_sim --corpus-root {request_.root} --seeds 0,1 --folder {request_.folder}'"
    assert str(e.value).endswith(options)  # else its runs would go elsewhere
    run_table(request_, 1, lambda line: None)
    files = sorted(request_.records_folder.glob("*.json"))
    assert len(files) == 4
    assert {len(kept) for kept in records(request_).values()} == {2}
    monkeypatch.setattr(table_runs, "run", None)  # a second time nothing is run
    said = []
    threads = torch.get_num_threads()
    run_table(request_, threads + 1, said.append)
    assert "0 run(s) to make" in said[0]
    assert torch.get_num_threads() == threads  # more of them made the features, and are given back
    files[0].unlink()
    with pytest.raises(TableError, match="1 of 4 runs"):
        show(request_)


def test_what_stops_several_runs_is_said_once(request_, monkeypatch):
    def fails(request, missing, jobs, say):
        made = [(cell, Future()) for cell in missing]
        for k, (_, future) in enumerate(made):
            future.set_exception(TableError("no sound" if k < 5 else "no room"))
        return table_runs._told(made, len(made), say)

    monkeypatch.setattr(table_runs, "_in_processes", fails)
    with pytest.raises(TableError) as e:
        run_table(replace(request_, seeds=(0, 1, 2)), 1, lambda line: None)
    said = str(e.value)
    assert said.startswith("6 of 6 runs failed: ") and said.count("no sound") == said.count("no room") == 1
    assert " and 2 more (TableError: no sound); " in said


def test_five_folds_test_each_utterance_once_a_seed_and_stand_as_one_record(request_, monkeypatch):
    monkeypatch.setitem(STUDIES, "supcon", replace(STUDIES["supcon"], rows=TWO.rows[:1], lead=TWO.rows[0].name))
    asked = replace(request_, which="supcon")
    run_table(asked, 1, lambda line: None)
    ((_, kept),) = records(asked).items()
    corpus = asked.prepare(4, features=False).corpus
    assert len(list(asked.records_folder.glob("*.json"))) == 2 * 5
    assert [sorted(record["test_ids"]) for record in kept] == [sorted(corpus.ids)] * 2
    emotion = corpus.frame.set_index("id")["emotion"]
    for record in kept:
        truth = [record["labels"][k] for k in record["truth"]]
        assert truth == emotion[record["test_ids"]].tolist()
        assert record["scores"]["wa"] == pytest.approx(np.mean(np.equal(record["truth"], record["predicted"])))
    assert "split 5 folds, speaker in one only" in show(asked)


@pytest.mark.parametrize("which", [3, "supcon"])
def test_under_a_table_stand_simple_classifiers_and_models_of_one_answer(request_, which, monkeypatch):
    monkeypatch.setitem(STUDIES, "supcon", replace(STUDIES["supcon"], rows=TWO.rows[:1], lead=TWO.rows[0].name))
    asked = replace(request_, which=which)
    run_table(asked, 1, lambda line: None)
    made = asked.prepare(4)
    emotion = made.corpus.frame.set_index("id")["emotion"]
    if which == 3:
        right = (emotion[list(made.split.test)] == emotion[list(made.split.train)].mode()[0]).mean()
        assert f"- 4 classes, the same test part, majority: accuracy {100 * right:.1f}, F1 " in beside(asked)
    assert "the validation part has" in beside(asked)  # of so few utterances
    assert ("the test part has" in beside(asked)) == (which == 3)
    assert "character n-grams + LR: accuracy" in beside(asked)
    assert ("late fusion: accuracy" in beside(asked)) == (which == 3)  # the lead row of the other reads no sound
    kept = records(asked)
    for record in (record for of_row in kept.values() for record in of_row):
        record["predicted"] = [0] * len(record["predicted"]) if record["seed"] else [0, 1]
    monkeypatch.setattr(beside_tables, "records", lambda _: kept)
    said = [line for line in beside(asked).splitlines() if "has learnt nothing" in line]
    assert said == [
        f"- 4 classes, {row.name}, seed 1, has learnt nothing: it says angry to every clip" for row in asked.table.rows
    ]


def test_folds_of_two_seeds_are_not_joined_to_one():
    fold = {"seed": 0, "card": {"split": "a", "disjoint": ["speaker"]}, "test_ids": ["u"], "labels": ["x", "y"]}
    fold |= {"truth": [0], "predicted": [0], "probabilities": [[1, 0]], "seconds": 1.0}
    assert [record["seed"] for record in by_seed([fold, fold | {"seed": 1}])] == [0, 1]
    with pytest.raises(TableError, match="test an utterance twice"):
        by_seed([fold, fold])


@pytest.mark.parametrize("change", ["recipe", "corpus", "seeds"])
def test_records_of_another_recipe_corpus_or_seed_are_not_shown(
    request_, small, sim_root, tmp_path, monkeypatch, change
):
    run_table(request_, 1, lambda line: None)
    table_runs._prepared.cache_clear()
    if change == "recipe":
        monkeypatch.setitem(recipes.PROFILES, "small", small.but(epochs=1, learning_rate=2e-3))
    if change == "corpus":
        monkeypatch.setitem(recipes.PROFILES, "small", small.but(epochs=1, limit=50))
    asked = replace(request_, seeds=(2,)) if change == "seeds" else request_
    with pytest.raises(TableError, match="have no record"):
        show(asked)


def test_what_is_shown_are_the_numbers_of_the_records(request_):
    run_table(request_, 1, lambda line: None)
    text = show(request_)
    for name in ("BERT", "Embeddings + BERT + Acoustic"):
        wa = [100 * r["scores"]["wa"] for r in records(request_)[4, "", name]]
        row = next(line for line in text.splitlines() if line.startswith(f"| {name} |"))
        assert f"| {np.mean(wa):.1f} ± {np.std(wa, ddof=1):.1f} |" in row
        assert f"| {next(r for r in TWO.rows if r.name == name).paper[0]:.2f} |" in row
    assert "Embeddings + BERT + Acoustic against BERT:" in text
    assert "seeds 0, 1" in text
    assert "simulated corpus, no evidence about the paper" in text
    assert "text column text_asr" in text


def test_a_process_makes_a_run_and_names_the_one_that_fails(sim_root, cache, tmp_path):
    request = Request(3, "tiny", root=str(sim_root), folder=str(tmp_path))
    experiment = request.prepare(4)
    good = table_runs.Cell(4, TWO.rows[0], experiment.split, 0)
    said = []
    problems = table_runs._in_processes(request, [good, replace(good, split=None, seed=1)], 1, said.append)
    assert list(problems.values()) == [["BERT, 4 classes, seed 1"]]
    record = json.loads(good.path(experiment, tmp_path).read_text())
    assert f"BERT, 4 classes, seed 0: accuracy {100 * record['scores']['wa']:.1f} %" in said[0]


def test_the_command_shows_the_records_and_says_before_what_takes_its_time(request_, sim_root):
    run_table(request_, 1, lambda line: None)
    words = [
        "table",
        "3",
        "--profile",
        "small",
        "--corpus-root",
        str(sim_root),
        "--seeds",
        "0,1",
        "--folder",
        request_.folder,
        "--show",
    ]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    assert result.stderr == "reading the corpus and the records …\n"
    assert result.stdout.endswith(show(request_) + "\n")


def test_the_command_refuses_what_it_cannot_do():
    for arguments, message in ((["table", "4"], "no table or study 4"), (["table", "3", "--seeds", "a"], "seeds 'a'")):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code != 0
        assert message in str(result.exception)


def test_a_table_of_folds_says_which_corpus_it_needs_and_how_to_get_it():
    with pytest.raises(
        TableError,
        match=(
            "Table 2 .* corpus vcemo_sim has none: get IEMOCAP .*'vcemo corpus add iemocap FOLDER', give --corpus "
            "iemocap"
        ),
    ):
        show(Request(2, "tiny"))


def test_a_record_is_small_and_one_line_a_field(request_):
    run_table(request_, 1, lambda line: None)
    text = next(request_.records_folder.glob("*.json")).read_text()
    record = json.loads(text)
    assert len(text.splitlines()) == len(record) + 2
    assert {"settings", "seconds", "seed", "environment", "card", "test_part", "predicted"} <= set(record)
    assert {"torch", "python", "commit"} <= set(record["environment"])
    assert record["settings"]["epochs"] == 1
    assert all(len(repr(p)) <= len("0.123") for row in record["probabilities"] for p in row)


# ---- the sentence about a difference


def made(right, ids=None):
    """A record whose utterances are right or not as given."""
    right = np.array(right, bool)
    return {
        "scores": {"wa": right.mean()},
        "truth": [0] * len(right),
        "predicted": (1 - right).tolist(),
        "test_ids": ids or [f"u{k}" for k in range(len(right))],
    }


def rights(share, seed, n=400):
    return np.random.default_rng(seed).random(n) < share


def test_a_large_gap_is_more_than_noise_and_a_small_one_is_not():
    b = [made(rights(0.5, seed)) for seed in (0, 1, 2)]
    better = [made(rights(0.8, seed)) for seed in (3, 4, 5)]
    assert difference(better, b, ("A", "B")).endswith(": more than noise.")
    assert difference(b, better, ("B", "A")).endswith(": more than noise.")
    assert difference([made(rights(0.51, seed)) for seed in (6, 7, 8)], b, ("A", "B")).endswith(
        ": not more than noise."
    )
    assert difference(b, b, ("B", "B")).endswith(": not more than noise.")


def test_one_seed_that_points_the_other_way_keeps_a_gap_within_noise():
    low, high = made([True] * 40 + [False] * 60), made([True] * 70 + [False] * 30)
    assert "not more" in difference([high, high, low], [low, low, high], ("A", "B"))


def test_the_interval_is_that_of_the_utterances_mean_gap():
    a, b = rights(0.7, 0), rights(0.6, 1)
    gain = 100 * (a.astype(int) - b)
    low, high = paired_bootstrap(lambda rows: gain[rows].mean(), len(gain))
    assert f"interval over utterances {low:+.1f} to {high:+.1f}" in difference([made(a)], [made(b)], ("A", "B"))
    half = gain.std() * 1.96 / np.sqrt(len(gain))
    assert (low, high) == pytest.approx((gain.mean() - half, gain.mean() + half), abs=0.6)


def test_seeds_that_disagree_widen_the_interval_and_what_could_have_been_seen():
    """Gaps of 1, 9 and 5 points: the utterances alone leave out zero, other seeds may not."""
    base = [made([True] * 100 + [False] * 300)] * 3
    runs = [made([True] * (100 + 4 * more) + [False] * (300 - 4 * more)) for more in (1, 9, 5)]
    one, all_three = gap_between([runs[2]] * 3, base), gap_between(runs, base)
    assert (one.mean, all_three.mean) == pytest.approx((5, 5))
    assert all_three.high - all_three.low > 1.5 * (one.high - one.low)
    assert all_three.seen == pytest.approx(2.8 / 3.92 * (all_three.high - all_three.low), rel=0.1)
    assert "interval over utterances and runs" in difference(runs, base, ("A", "B"))


def test_runs_on_other_utterances_are_not_compared():
    with pytest.raises(TableError, match="tested on other utterances"):
        difference([made([1, 0])], [made([1, 0], ["x", "y"])], ("A", "B"))


def test_markdown_has_a_line_for_each_row():
    text = markdown(pd.DataFrame({"model": ["A", "B"], "accuracy here": ["1.0 ± 0.1", "2.0"]}))
    assert text.splitlines() == ["| model | accuracy here |", "|:---|---:|", "| A | 1.0 ± 0.1 |", "| B | 2.0 |"]
