"""The workflows are whole, and call only what the Makefile and the command line offer."""

import re
import shlex

import pytest
import yaml
from typer.testing import CliRunner

from vcemo_lib import cli
from vcemo_lib.paths import ROOT

FOLDER = ROOT / ".github" / "workflows"
TRIGGER = True  # YAML 1.1 reads the key `on` as yes


def steps(name):
    content = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return [step for job in content["jobs"].values() for step in job["steps"]], content


def commands(name):
    """Each command of the run steps as words, continued lines joined."""
    scripts = [step["run"].replace("\\\n", " ") for step in steps(name)[0] if "run" in step]
    return [shlex.split(line) for script in scripts for line in script.splitlines() if "<<<" not in line]


@pytest.mark.parametrize("name", ["ci", "paper"])
def test_each_step_uses_or_runs_something_and_actions_are_pinned(name):
    listed, content = steps(name)
    assert all(("uses" in step) != ("run" in step) for step in listed)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in listed if "uses" in step)
    assert content["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] for job in content["jobs"].values())


@pytest.mark.parametrize("name", ["ci", "paper"])
def test_make_targets_and_commands_exist(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w./-]+):", makefile, flags=re.M))
    for words in commands(name):
        if words[0] == "sudo":
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


def test_paper_is_started_by_hand_on_a_gpu_runner_and_keeps_its_results():
    listed, content = steps("paper")
    inputs = content[TRIGGER]["workflow_dispatch"]["inputs"]
    assert set(content[TRIGGER]) == {"workflow_dispatch"}
    assert "gpu" in inputs["runner"]["default"]
    assert any(words[1:2] == ["run"] and "paper" in words for words in commands("paper"))
    assert any("upload-artifact" in step.get("uses", "") for step in listed)


def test_what_a_person_types_never_becomes_part_of_a_script():
    for name in ("ci", "paper"):
        assert not any("${{" in step.get("run", "") for step in steps(name)[0])
