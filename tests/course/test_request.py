"""A run that cannot be meant is refused before anything runs or is written."""

import pytest

from vcemo_lib.course.run.plan import load_plan
from vcemo_lib.course.run.request import RunRequest
from vcemo_lib.course.run.runner import run_course
from vcemo_lib.errors import CourseError

BUDGET = "budget_seconds: 1\nbudget_megabytes: 1\n"


@pytest.fixture
def plan(maker):
    maker.add("00", "1 + 1")
    maker.add("01", "1 + 1")
    return maker.plan()


def parameters(plan, **fields):
    request = RunRequest(**fields)
    return request.parameters(plan.choose(request.chapters))


def test_defaults_inject_nothing(plan):
    assert parameters(plan) == {"00": {}, "01": {}}
    assert parameters(plan, seed="0", corpus="vcemo_sim") == {"00": {}, "01": {}}


def test_given_values_reach_the_chapters_meant(plan):
    values = parameters(plan, seed="3", profile="laptop", assignments=("rate=0.25", "01:rate=1"))
    assert values["00"] == {"seed": 3, "profile": "laptop", "rate": 0.25}
    assert values["01"] == {"seed": 3, "profile": "laptop", "rate": 1.0}


def test_a_path_means_the_folder_where_the_command_was_typed(plan, tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    monkeypatch.chdir(tmp_path / "real")
    assert parameters(plan, corpus_root="../real")["00"] == {"corpus_root": str(tmp_path / "real")}
    given = parameters(plan, assignments=("00:corpus_root=./../real", "01:corpus_root=not/there"))
    assert (given["00"]["corpus_root"], given["01"]["corpus_root"]) == (str(tmp_path / "real"), "not/there")
    long = "a/" * 3000
    assert parameters(plan, assignments=(f"00:corpus={long}",))["00"] == {"corpus": long}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"assignments": ("epochs=3",)}, "no parameter 'epochs'"),
        ({"assignments": ("rate=fast",)}, "Parameter rate is 'fast'"),
        ({"assignments": ("rate",)}, "name=value"),
        ({"assignments": ("07:rate=1",)}, "chapter 07"),
        ({"assignments": ("profile=huge",)}, "'huge'"),
        ({"seed": "x"}, "Parameter seed is 'x'"),
        ({"seed": "-1"}, "seed is -1"),
        ({"profile": "big"}, "'big'"),
        ({"jobs": 0}, "--jobs is 0"),
        ({"corpus_root": "/nowhere/at/all"}, "does not exist"),
        ({"chapters": ("7",)}, "no chapter '7'; the chapters are 00"),
        ({"write": True, "seed": "1"}, "--write"),
    ],
)
def test_refusals_name_what_is_wrong_and_leave_nothing(plan, tmp_path, fields, words):
    out = tmp_path / "out"
    with pytest.raises(CourseError, match=words):
        run_course(plan, RunRequest(out=str(out), **fields))
    assert not out.exists()


def test_a_malformed_cell_of_one_chapter_stops_the_run_before_it_starts(maker, tmp_path):
    maker.add("00", "1 + 1")
    path = maker.add("01", "1 + 1")
    path.write_text(path.read_text().replace("rate: float = 0.5", "rate = 0.5"))
    with pytest.raises(CourseError, match="01_chapter.ipynb, parameters cell"):
        run_course(maker.plan(), RunRequest(out=str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()


def test_chapters_are_chosen_in_course_order(plan):
    numbers = [[spec.number for spec in plan.choose(w)] for w in ((), ("1", "00"), ("00-05",), ("01_chapter",), ("0",))]
    assert numbers == [["00", "01"], ["00", "01"], ["00", "01"], ["01"], ["00"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chapters: [", "cannot be read"),
        ("budget_seconds: 1", "cannot be read"),
        (BUDGET + "chapters: [{number: '00', file: a}]", "cannot be read"),
        (BUDGET + "chapters: [" + ", ".join(["{number: '00', file: a, title: b}"] * 2) + "]", "twice"),
        (BUDGET + "longest: ['07']\nchapters: [{number: '00', file: a, title: b}]", "begins with chapter 07"),
    ],
)
def test_a_bad_course_file_is_named(tmp_path, text, words):
    (tmp_path / "course.yaml").write_text(text)
    with pytest.raises(CourseError, match=words):
        load_plan(tmp_path)
    with pytest.raises(CourseError, match="clone of the course"):
        load_plan(tmp_path / "other")


def test_the_chapters_that_take_longest_begin_first_and_the_others_in_order(tmp_path):
    rows = ", ".join(f"{{number: '{number}', file: a, title: b}}" for number in ("00", "01", "02"))
    (tmp_path / "course.yaml").write_text(f"{BUDGET}longest: ['02', '00']\nchapters: [{rows}]")
    plan = load_plan(tmp_path)
    assert [spec.number for spec in sorted(plan.chapters, key=plan.rank)] == ["02", "00", "01"]
