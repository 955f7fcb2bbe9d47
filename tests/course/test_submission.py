"""Marking survives what students do to a notebook; the edition they get has no solutions."""

import copy
import json
import multiprocessing
import random
import time

import pytest

from vcemo_lib.course.exercise import worker
from vcemo_lib.course.exercise.edition import write_edition
from vcemo_lib.course.exercise.marking import grade_file
from vcemo_lib.errors import CourseError

ANSWERS = {
    "c07-exercise1-task": "seven = 7",
    "c07-exercise2-task": "def twice(x):\n    return double(x)",
    "c07-exercise3-task": "def scaled(x):\n    return x * SCALE",
}
LAST = "c07-exercise3-task"
PASSED = ["7.1 passed", "7.2 passed", "7.3 passed"]


@pytest.fixture
def handed_in(source, tmp_path):
    """The students' notebook as JSON, all answered rightly; `marks` reads what is said of it."""
    (path,) = write_edition(tmp_path / "students", ("07",), source)
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = ANSWERS.get(cell["id"], cell["source"])
    return notebook


@pytest.fixture
def marks(source, tmp_path, capsys):
    def mark(notebook, name="answers.ipynb", seconds=20):
        path = tmp_path / name
        path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
        code = grade_file(path, seconds, source)
        lines = capsys.readouterr().out.splitlines()
        assert code == (0 if lines == PASSED else 1)
        return lines

    return mark


def cell(notebook, name):
    return next(c for c in notebook["cells"] if c["id"] == name)


def answer(notebook, source, name=LAST):
    cell(notebook, name)["source"] = source
    return notebook


def test_right_answers_pass_and_the_untouched_edition_is_not_attempted(handed_in, marks, source, tmp_path):
    assert marks(handed_in) == PASSED
    untouched = (tmp_path / "students" / "07_chapter.ipynb").read_text()
    assert marks(untouched) == ["7.1 not attempted", "7.2 not attempted", "7.3 not attempted"]
    assert marks((source / "07_chapter.ipynb").read_text()) == [
        "7.1 not attempted",
        "7.2 not attempted",
        "7.3 not attempted",
    ]


def no_metadata(notebook):
    for c in notebook["cells"]:
        c["metadata"] = {}
        del c["id"]
    notebook["metadata"], notebook["nbformat_minor"] = {}, 4


def only_answers(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] in ANSWERS]


def outputs_kept(notebook):
    error = {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["x"] * 1000}
    for c in notebook["cells"]:
        if c["cell_type"] == "code":
            c["outputs"] = [error]


def shuffled(notebook):
    random.Random(0).shuffle(notebook["cells"])


def doubled(notebook):
    notebook["cells"] = [one for c in notebook["cells"] for one in (c, copy.deepcopy(c))]


def retyped(notebook):
    for c in notebook["cells"]:
        if c["id"] in ANSWERS:
            c["cell_type"] = "raw" if "1" in c["id"] else "markdown"


def typed_anew(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] not in ANSWERS]
    notebook["cells"] += [{"cell_type": "code", "source": [s], "metadata": {}, "outputs": []} for s in ANSWERS.values()]


def blank_copy_below(notebook):
    blank = copy.deepcopy(cell(notebook, LAST))
    blank["source"] = "def scaled(x):\n    ..."
    notebook["cells"].append(blank)


def broken_chapter(notebook):
    cell(notebook, "c07-body")["source"] = "SCALE = 99\nraise RuntimeError"


def broken_grader(notebook):
    cell(notebook, "c07-exercise3-grade")["source"] = 'course.Grader = print\ngrade = "passed"'


def helper_elsewhere(notebook):
    answer(notebook, "def scaled(x):\n    return helper(x)")
    code = "FACTOR = SCALE\n%matplotlib inline\ndef helper(x):\n    return FACTOR * x"
    notebook["cells"].insert(0, {"cell_type": "code", "source": code, "metadata": {}, "outputs": []})


def magics(notebook):
    answer(notebook, "%time\n!pip list\ndef scaled(x):\n    print(x)\n    ctx.table(x)\n    return 10 * x")


def carriage_returns(notebook):
    for c in notebook["cells"]:
        c["source"] = "".join(c["source"]).replace("\n", "\r\n")


def first_wrong_then_right(notebook):
    notebook["cells"].insert(0, {"cell_type": "code", "source": "seven = 8", "metadata": {}, "outputs": []})


SURVIVED = [
    no_metadata, only_answers, outputs_kept, shuffled, doubled, retyped, typed_anew, blank_copy_below, broken_chapter,
    broken_grader, helper_elsewhere, magics, carriage_returns, first_wrong_then_right,
]  # fmt: skip


@pytest.mark.parametrize("how", SURVIVED, ids=lambda how: how.__name__)
def test_right_answers_pass_whatever_happened_to_the_notebook(handed_in, marks, how):
    how(handed_in)
    assert marks(handed_in, "07.ipynb" if how is only_answers else "answers.ipynb") == PASSED


@pytest.mark.parametrize(
    ("source_", "said"),
    [
        ("def scaled(x):\n    return x + SCALE", "7.3 not yet: add"),
        ("def scaled(x):\n  return (x", "7.3 line 2 of your cell is not Python: '(' was never closed"),
        ("x = 1", "7.3 your cell defines no scaled; keep that name"),
        ("", "7.3 not attempted"),
        ("def scaled(x):\n    # here\n    return ...", "7.3 not attempted"),
        ("scaled = ... * 3", "7.3 not attempted"),
        ("def scaled(x):\n    return nowhere(x)", "7.3 not yet: your function stops with NameError"),
        ("scaled = nowhere", "7.3 your cell uses nowhere, which nothing before it defines"),
        ("def scaled(x):\n    while True: pass", "7.3 your code had not ended after 4 seconds"),
        ("while True:\n    try:\n        scaled = 1\n    except BaseException: pass", "7.3 your code had not ended"),
        ("import os\nscaled = 1\nos._exit(0)", "7.3 your code ended the process that ran it"),
        ("scaled = 1\nexit()", "7.3 your cell stops with"),
        ("scaled = input()", "7.3 your cell stops with EOFError"),
        ("import sys\nscaled = 1\nsys.exit(0)", "7.3 your cell stops with SystemExit: 0"),
        ("raise KeyboardInterrupt\nscaled = 1", "7.3 your cell stops with KeyboardInterrupt"),
        ("def scaled(x):\n    return scaled(x)", "7.3 not yet: your function stops with RecursionError"),
        ("scaled = 10", "7.3 not yet: that is an int, and a function is expected"),
        ("scaled = 1 / 0", "7.3 your cell stops with ZeroDivisionError: division by zero"),
        ("scaled = 'a\0b'", "7.3 your cell is not Python"),
    ],
)
def test_a_fault_is_one_line_and_costs_the_others_nothing(handed_in, marks, source_, said):
    lines = marks(answer(handed_in, source_), seconds=4)
    assert lines[:2] == PASSED[:2]
    assert len(lines) == 3
    assert lines[2].startswith(said)


def test_a_deleted_answer_is_not_attempted(handed_in, marks):
    handed_in["cells"] = [c for c in handed_in["cells"] if c["id"] != LAST]
    assert marks(handed_in) == [*PASSED[:2], "7.3 not attempted"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', '{"worksheets": []}', '{"cells": [{"source": 3}]}'],
)
def test_what_is_no_notebook_is_refused_in_a_sentence(source, tmp_path, content):
    (tmp_path / "a.ipynb").write_text(content)
    with pytest.raises(CourseError, match=r"no notebook of format 4; give the \.ipynb file"):
        grade_file(tmp_path / "a.ipynb", 20, source)


def test_a_notebook_of_something_else_a_lost_file_and_a_time_of_zero_are_refused(source, tmp_path):
    other = tmp_path / "holiday.ipynb"
    other.write_text('{"cells": [{"cell_type": "code", "source": "1 + 1"}, {"source": ["# 99 · Another"]}]}')
    with pytest.raises(CourseError, match="a notebook of no chapter of this course"):
        grade_file(other, 20, source)
    with pytest.raises(CourseError, match="There is no file"):
        grade_file(tmp_path / "lost.ipynb", 20, source)
    for seconds in (0, float("nan")):
        with pytest.raises(CourseError, match=f"--seconds is {seconds}"):
            grade_file(other, seconds, source)


def test_a_chapter_without_exercises_has_nothing_to_mark(source, tmp_path):
    with pytest.raises(CourseError, match="08 has no exercises"):
        grade_file(source / "08_chapter.ipynb", 20, source)


def test_a_grader_that_cannot_run_is_not_the_students_fault(handed_in, source, tmp_path):
    path = source / "07_chapter.ipynb"
    path.write_text(path.read_text().replace("right=7", "right=missing_name"))
    (tmp_path / "a.ipynb").write_text(json.dumps(handed_in))
    with pytest.raises(CourseError, match=r"could not be marked: the grader of exercise 7\.1 stops with NameError"):
        grade_file(tmp_path / "a.ipynb", 20, source)


@pytest.mark.parametrize(
    ("code", "ends"), [("time.sleep(99)", False), ("while True: pass", False), ("send.send(1)", True)]
)
def test_an_answer_has_seconds_of_a_core_and_ten_times_as_long_at_most(code, ends):
    receive, send = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=exec, args=(code, {"time": time, "send": send}))
    process.start()
    try:
        assert worker._answered(receive, process.pid, 0.3) is ends
    finally:
        process.kill()
        process.join()


def test_an_answer_may_call_the_grader_as_the_chapter_does(handed_in, marks):
    answer(handed_in, f"{ANSWERS[LAST]}\n\ngrade(scaled)")
    assert marks(handed_in) == PASSED


def test_the_solution_itself_is_an_answer_where_the_answer_is_asked_for(handed_in, marks, source):
    solutions = json.loads((source / "07_chapter.ipynb").read_text())
    answer(handed_in, cell(solutions, LAST.replace("-task", "-solution"))["source"])
    assert marks(handed_in) == PASSED


@pytest.mark.parametrize("content", [{"a": "b"}, 7, None, [1]])
def test_a_cell_whose_text_is_none_is_of_no_notebook(content, handed_in, marks):
    answer(handed_in, content)
    with pytest.raises(CourseError, match="is no notebook of format 4"):
        marks(handed_in)


def test_an_answer_that_kills_who_marks_it_costs_no_other_its_mark(handed_in, marks):
    answer(handed_in, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nseven = 7", "c07-exercise1-task")
    said = marks(handed_in)
    assert said[0].startswith("7.1 your code ended the process that marks it")
    assert said[1:] == PASSED[1:]
