"""The workflows are whole, and call only what the Makefile and the command line offer."""

import importlib.util
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from vcemo_lib import cli
from vcemo_lib.course.pages.report import COLUMNS
from vcemo_lib.paths import ROOT
from vcemo_lib.recipes import PAPER_IEMOCAP, PAPER_VCEMO

spec = importlib.util.spec_from_file_location("run_summary", ROOT / "tools" / "run_summary.py")
run_summary = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run_summary)

PINS = "".join((ROOT / f"requirements{of}.lock").read_text(encoding="utf-8") for of in ("", "-installer"))
FOLDER = ROOT / ".github" / "workflows"
TRIGGER = True  # YAML 1.1 reads the key `on` as yes


def steps(name):
    content = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return [step for job in content["jobs"].values() for step in job["steps"]], content


def commands(name):
    """Each command of the run steps as words, continued lines joined."""
    scripts = [step["run"].replace("\\\n", " ") for step in steps(name)[0] if "run" in step]
    return [shlex.split(line) for script in scripts for line in script.splitlines() if "<<<" not in line]


@pytest.mark.parametrize("name", ["ci", "gpu"])
def test_each_step_uses_or_runs_something_and_actions_are_pinned(name):
    listed, content = steps(name)
    assert all(("uses" in step) != ("run" in step) for step in listed)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in listed if "uses" in step)
    assert content["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in content["jobs"].values())


@pytest.mark.parametrize("name", ["ci", "gpu"])
def test_make_targets_and_commands_exist(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w./-]+):", makefile, flags=re.M))
    for words in commands(name):
        if words[0] in ("sudo", "echo"):
            continue
        if words[0] in (".venv/bin/uv", ".venv/bin/spacy", ".venv/bin/hf"):
            assert re.search(rf"^{Path(words[0]).name.replace('hf', 'huggingface[-_]hub')}==", PINS, re.M)
            continue
        if words[0] == ".venv/bin/python":
            assert (ROOT / words[1]).is_file()
            continue
        if words[0] == ".ci/closed":  # closed env NAME=VALUE make …
            assert words[1] == "env"
            assert "=" in words[2]
            assert (ROOT / words[0]).stat().st_mode & 0o100
            words = words[3:]
        if words[0] == "make":
            assert set(words[1:]) <= targets
        else:
            assert words[0] == ".venv/bin/vcemo"
            shown = CliRunner().invoke(cli.app, [words[1], "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
            assert shown.exit_code == 0
            assert all(option in shown.output for option in words if option.startswith("--"))


def test_ci_runs_tests_lint_and_the_course_without_network_on_every_push_for_each_python():
    _, content = steps("ci")
    assert {"push", "pull_request"} <= set(content[TRIGGER])
    assert content["jobs"]["course"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert [words[-2:] for words in commands("ci") if "make" in words] == [
        ["make", what] for what in ("test", "lint", "course", "ray", "pages")
    ]
    assert [words[0] for words in commands("ci") if words[-1] == "course"] == [".ci/closed"]


def test_a_gpu_checks_the_tiny_course_on_each_push_and_runs_the_paper_s_sizes_weekly_and_by_hand():
    listed, content = steps("gpu")
    assert content[TRIGGER]["push"] == {"branches": ["main"]}
    assert set(content[TRIGGER]) == {"push", "schedule", "workflow_dispatch"}
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", content[TRIGGER]["schedule"][0]["cron"])  # once a week
    conditions = {" ".join(step["run"].split()): step.get("if") for step in listed if "run" in step}
    (pushed,) = [of for run, of in conditions.items() if "vcemo check" in run]
    (otherwise,) = [of for run, of in conditions.items() if "--profile paper" in run]
    assert (pushed, otherwise) == ("github.event_name == 'push'", "github.event_name != 'push'")
    fetched = " ".join(run for run, of in conditions.items() if of == otherwise)
    for recipe in (PAPER_VCEMO, PAPER_IEMOCAP):
        assert {recipe.features.vectors, recipe.features.bert} <= set(fetched.split())
    assert "spacy-pkuseg" in fetched.split()  # the segmenter "pkuseg"
    for action in ("actions/cache@", "actions/upload-artifact@"):
        assert any(action in step.get("uses", "") for step in listed)


def test_without_a_gpu_runner_one_sentence_on_the_page_of_the_run_says_so():
    jobs = steps("gpu")[1]["jobs"]
    assert jobs["skipped"]["if"] == "vars.GPU_RUNNER == ''"
    assert jobs["course"]["if"] == "vars.GPU_RUNNER != ''"
    (told,) = [step["run"] for step in jobs["skipped"]["steps"]]
    assert "no runner with a GPU is registered" in told
    assert told.endswith('>> "$GITHUB_STEP_SUMMARY"')


def test_the_summary_of_a_run_is_a_table_on_its_page(tmp_path):
    assert run_summary.table(tmp_path / "none.csv").startswith("No chapter was run")
    rows = {name: [""] for name in COLUMNS} | {"chapter": ["04"], "title": ["A, b"], "error": ["x | y\nz"]}
    pd.DataFrame(rows).to_csv(tmp_path / "summary.csv", index=False)
    head, _, row = run_summary.table(tmp_path / "summary.csv").splitlines()
    assert head == "| chapter | title | status | seconds | megabytes | budget | cell | error |"
    assert row == "| 04 | A, b |  |  |  |  |  | x \\| y z |"
    assert set(run_summary.COLUMNS) <= set(COLUMNS)


def test_what_a_person_types_never_becomes_part_of_a_script():
    for name in ("ci", "gpu"):
        assert not any("${{" in step.get("run", "") for step in steps(name)[0])
