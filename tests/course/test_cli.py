"""The command line: what it offers, and how it fails."""

import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from vcemo_lib import cli
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.errors import CourseError
from vcemo_lib.experiments.studies import STUDIES
from vcemo_lib.inference.model_folder import SHIPPED
from vcemo_lib.paths import ROOT


def test_help_names_the_commands():
    shown = CliRunner().invoke(cli.app, ["--help"])
    assert shown.exit_code == 0
    for command in ("run", "check", "lint", "doctor", "lab", "student", "grade"):
        assert f" {command} " in shown.output


def help_of(*words):
    """The help of a command, its lines joined as if there were no end of a line and no frame."""
    shown = CliRunner().invoke(cli.app, [*words, "--help"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0
    return " ".join(shown.output.replace("│", " ").split())


def test_help_names_every_study_and_each_default_split():
    assert f"or a study: {', '.join(STUDIES)}." in help_of("table")
    assert "[default: 8/1/1]" in help_of("table")
    assert "Default: auto where it can be made, else 8/1/1" in help_of("train")


def test_help_of_predict_explains_what_it_prints_and_names_the_model_that_ships():
    shown = help_of("predict")
    assert f"Default: {SHIPPED.relative_to(ROOT)}, which ships" in shown
    for said in ("chances:", "sound:", "words:", "no silenced input in training"):
        assert said in shown


@pytest.mark.parametrize(
    "words", [["run", "--write"], ["table", "--show"], ["train", "--half"], ["corpus", "transcribe", "--times"]]
)
def test_a_flag_takes_no_value_in_its_help(words):
    assert f"{words[-1]} <" not in help_of(*words[:-1])
    assert words[-1] in help_of(*words[:-1])


def test_run_hands_over_what_was_asked(monkeypatch):
    from vcemo_lib.course.run import runner

    asked = []
    monkeypatch.setattr(runner, "run_batch", lambda request: asked.append(request) or 1)
    words = "run 04 05-06 --profile laptop --corpus nemo --corpus-root P --seed 7 --out O --jobs 3"
    words += " -p a=1 -p 04:b=2"
    assert CliRunner().invoke(cli.app, words.split()).exit_code == 1
    request = asked[0]
    assert request.chapters == ("04", "05-06")
    assert request.assignments == ("a=1", "04:b=2")
    assert not request.write
    assert (request.profile, request.corpus, request.corpus_root) == ("laptop", "nemo", "P")
    assert (request.seed, request.out, request.jobs) == ("7", "O", 3)


def test_the_process_that_starts_chapters_brings_no_torch():
    program = (
        "import sys; from vcemo_lib import cli; from vcemo_lib.course.run import runner;"
        "runner.run_batch = lambda request: int('torch' in sys.modules); cli.app(['run', '04'])"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["run", "99"],
        ["check", "99"],
        ["lint", "99"],
        ["run", "--jobs", "0"],
        ["run", "--help"],
        ["grade", "none.ipynb"],
    ],
)
def test_help_and_refusals_load_nothing_heavy(words):
    program = (
        "import sys; from vcemo_lib import cli\n"
        f"sys.argv[1:] = {words}\n"
        "try: cli.main()\n"
        "except SystemExit as end: print(end.code, {'torch', 'pandas', 'nbformat', 'papermill'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == ("0 set()" if "--help" in words else "2 set()")


def test_student_and_grade_go_round(tmp_path):
    asked = CliRunner().invoke(cli.app, ["student", str(tmp_path / "class"), "12"])
    assert (asked.exit_code, asked.output) == (0, f"1 notebook without solutions in {tmp_path / 'class'}\n")
    marked = CliRunner().invoke(cli.app, ["grade", str(tmp_path / "class" / "12_fool_yourself.ipynb")])
    assert marked.exit_code == 1
    assert set(line.partition(" ")[2] for line in marked.output.splitlines()) == {"not attempted"}


@pytest.mark.parametrize("kind", [CourseError, CorpusError])
def test_an_error_of_the_library_is_one_sentence_and_code_2(monkeypatch, capsys, kind):
    def fail():
        raise kind("The thing is missing; bring it.")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "vcemo: The thing is missing; bring it.\n"


@pytest.mark.parametrize("words", [["--corpus", "nonsense"], ["-p", "04:corpus=nonsense"]])
def test_a_corpus_nobody_knows_is_refused_before_anything_runs(monkeypatch, words):
    from vcemo_lib.course.run import runner

    monkeypatch.setattr(runner, "run_batch", lambda request: pytest.fail("it ran"))
    result = CliRunner().invoke(cli.app, ["run", *words])
    assert isinstance(result.exception, CorpusError)
    assert "vcemo_sim" in str(result.exception)


@pytest.mark.parametrize("words", [["--corpus", "nemo"], ["-p", "corpus=nemo"], ["-p", "04:corpus=nemo"]])
def test_a_corpus_that_was_not_added_is_refused_before_anything_runs(monkeypatch, tmp_path, words):
    from vcemo_lib.course.run import runner
    from vcemo_lib.data.corpora import added

    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))
    monkeypatch.setattr(runner, "run_batch", lambda request: pytest.fail("it ran"))
    result = CliRunner().invoke(cli.app, ["run", *words])
    assert isinstance(result.exception, CorpusError)
    assert "run 'vcemo corpus add nemo FOLDER' once" in str(result.exception)
    added.remember("nemo", tmp_path / "gone", {})
    result = CliRunner().invoke(cli.app, ["run", *words])
    assert isinstance(result.exception, CorpusError)
    assert "gone any more" in str(result.exception)
    (tmp_path / "gone").mkdir()
    monkeypatch.setattr(runner, "run_batch", lambda request: 0)
    assert CliRunner().invoke(cli.app, ["run", *words]).exit_code == 0


def test_a_corpus_whose_folder_is_given_need_not_be_added(monkeypatch, tmp_path):
    from vcemo_lib.course.run import runner

    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))
    monkeypatch.setattr(runner, "run_batch", lambda request: 0)
    given = ["--corpus", "nemo", "--corpus-root", str(tmp_path)], ["-p", "corpus=nemo", "-p", f"corpus_root={tmp_path}"]
    for words in given:
        assert CliRunner().invoke(cli.app, ["run", *words]).exit_code == 0


def test_the_version_is_told():
    told = CliRunner().invoke(cli.app, ["--version"])
    assert told.exit_code == 0
    assert told.output.startswith(f"vcemo {version('vcemo-lib')}")


def test_the_shell_completes_commands_and_options():
    for words, expected in (("vcemo pre", "predict"), ("vcemo predict --at", "--at-least")):
        environment = {"_VCEMO_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        told = CliRunner().invoke(cli.app, [], env=environment, prog_name="vcemo")
        assert expected in told.output.split()
    assert "--install-completion" in CliRunner().invoke(cli.app, ["--help"]).output


def test_a_fault_of_the_code_keeps_its_traceback(monkeypatch):
    def fail():
        raise KeyError("x")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(KeyError):
        cli.main()
