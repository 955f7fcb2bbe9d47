"""Studies beyond the paper: every row is another system than the one it is held against, and a study runs as a table does."""

import pytest

from vcemo_lib import recipes
from vcemo_lib.experiments import parallel_runs as table_runs
from vcemo_lib.experiments.parallel_runs import cells, records, run_table, show
from vcemo_lib.experiments.request import Request
from vcemo_lib.experiments.studies import LEARNING, STUDIES
from vcemo_lib.experiments.tables import TABLES, TableError
from vcemo_lib.models.registry import build_model
from vcemo_lib.recipes import LAPTOP, PROFILES, TINY, sized
from vcemo_lib.training.sampling import uses_copies


@pytest.mark.parametrize("name", STUDIES)
def test_the_rows_of_a_study_differ_and_can_be_built(name, small):
    study = STUDIES[name]
    made = [row.recipe(small) for row in study.rows]
    assert len({recipe.key for recipe in made}) == len(study.rows) == len({row.name for row in study.rows})
    assert study.lead == (TABLES[3].lead if name == "contrast" else study.rows[0].name)
    assert not any(row.paper for row in study.rows)  # the paper has no number for any of them
    for recipe in made:
        assert sum(p.numel() for p in build_model(recipe.model).parameters()) > 0


def test_no_row_of_a_study_is_lost_where_the_features_are_shared(small):
    """`fitted` gives every row the copies of the experiment: a row that differed in them alone would be run twice."""
    study = STUDIES["augmentation"]
    with_copies, alone = (row.recipe(small).but(copies=small.features.copies) for row in study.rows)
    assert uses_copies(with_copies)
    assert not uses_copies(alone)


def test_contrast_is_in_the_rows_that_name_it():
    alphas = {row.name: row.recipe(PROFILES["laptop"]).alpha for row in STUDIES["weight"].rows}
    assert alphas == {"α = 0.1": 0.1, "α = 0": 0.0, "α = 1": 1.0, "α = 100": 100.0}
    assert {row.recipe(PROFILES["laptop"]).alpha for row in STUDIES["temperature"].rows} == {0.1}


def test_a_study_is_run_and_shown_without_a_value_of_the_paper(small, sim_root, cache, tmp_path, monkeypatch):
    monkeypatch.setitem(recipes.PROFILES, "small", small.but(epochs=1))
    monkeypatch.setattr(
        table_runs,
        "_in_processes",
        lambda request, missing, jobs, say: [table_runs._run(request, cell) for cell in missing] and [],
    )
    asked = Request("depth", "small", root=str(sim_root), seeds=(0,), folder=str(tmp_path / "records"))
    with pytest.raises(
        TableError, match="2 of 2 runs of study depth have no record .* 'vcemo table depth --profile small"
    ):
        show(asked)
    run_table(asked, 1, lambda line: None)
    text = show(asked)
    assert "| model | accuracy here | F1 here |" in text
    assert "paper" not in text.split("guided")[0]
    assert "guided by the final output against guided at the same depth" in text


def test_unknown_names_are_refused():
    with pytest.raises(TableError, match="no split 'voices': choose 8/1/1 or speaker"):
        Request(1, split="voices")
    with pytest.raises(
        TableError,
        match="no table or study 'nothing': choose a table of the paper, 1, 2, 3, or a study, text, contrast, order",
    ):
        Request("nothing")


@pytest.mark.parametrize(("which", "folds"), [(2, "session"), ("supcon", "speaker")])
def test_a_split_that_would_have_no_effect_is_refused(which, folds):
    with pytest.raises(TableError, match=f"{which} cuts folds of its own, by {folds}: leave --split out"):
        Request(which, split="speaker")


def test_systems_are_tuned_by_the_recipe_that_train_takes_on_a_corpus_of_that_size():
    taken = sized(LAPTOP, 7_252, speakers_known=True, words=9)
    network = {name: getattr(TINY.model, name) for name in ("d", "n_layers", "d_ff")}
    steps = {name: getattr(TINY, name) for name in ("epochs", "batch_size", "queue_size")}
    assert LAPTOP.but(**LEARNING) == taken.but(**network, **steps, views="dropout")


def test_a_study_and_a_table_share_the_runs_they_have_in_common():
    paths = {}
    for which in (1, 3, "order", "contrast"):
        asked = Request(which)
        experiment = asked.prepare(4, features=False)
        paths[which] = {
            c.path(experiment, asked.records_folder) for c in cells(asked.table, asked.table.tasks[0], experiment, (0,))
        }
    assert len(paths[1] & paths[3]) == len(paths["order"] & paths[3]) == 1  # Ours
    assert len(paths["contrast"] & paths[1]) == 1
    assert not paths["contrast"] & paths[3]  # Ours (SupCon)


def test_rows_may_read_other_texts_and_the_table_names_them(small, sim_root, cache, tmp_path, monkeypatch):
    monkeypatch.setitem(recipes.PROFILES, "small", small.but(epochs=1, modalities=("words",), copies=0))
    monkeypatch.setattr(
        table_runs,
        "_in_processes",
        lambda request, missing, jobs, say: [table_runs._run(request, cell) for cell in missing] and [],
    )
    asked = Request("text", "small", root=str(sim_root), seeds=(0,), folder=str(tmp_path / "records"))
    run_table(asked, 1, lambda line: None)
    texts = {row: kept[0]["card"]["text"] for (_, _, row), kept in records(asked).items()}
    assert texts == {
        "recognised by Whisper": "text_asr",
        "as it was said": "text",
        "10% misheard": "text, 10% misheard",
        "20% misheard": "text, 20% misheard",
        "40% misheard": "text, 40% misheard",
    }
    assert "text column text_asr / text / text, 10% misheard" in show(asked)
