"""Real runs of small courses: isolation of failures, resuming, reports, renewing and comparing notebooks."""

import csv
import json
import re
import time

import pytest
from courses import CourseMaker

from vcemo_lib.course.check.canonical import canonical
from vcemo_lib.course.check.check import drift_of, run_check
from vcemo_lib.course.check.lint import lint_chapter
from vcemo_lib.course.check.write_back import write_back
from vcemo_lib.course.notebook.reading import parse_notebook
from vcemo_lib.course.run.progress import Progress, outcome_line
from vcemo_lib.course.run.request import RunRequest
from vcemo_lib.course.run.runner import run_course
from vcemo_lib.course.run.state import StateStore

SETUP = 'from vcemo_lib import course\nctx = course.begin("00", profile=profile, seed=seed, out=out)'
SHOW = """import os
import matplotlib.pyplot as plt
import numpy as np
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot(np.random.rand(9))
ctx.show(fig, number="0.1", alt="A line that goes up and down.", caption="Nine draws.")
ctx.play(np.sin(np.arange(8000) / 9), 16000, transcript="你好")
print(os.environ["OMP_NUM_THREADS"], rate)
ctx.record(rate=rate)"""


pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of five chapters run once: sound, with an error, sound, with a warning, dying."""
    folder = tmp_path_factory.mktemp("course")
    maker = CourseMaker(folder / "notebooks")
    maker.add("00", SHOW, setup=SETUP)
    maker.add("01", "value = 1\nraise ValueError('no such\\nluck')")
    maker.add("02", "print('fine')")
    maker.add("03", "import warnings\nwarnings.warn('this grows old')")
    maker.add("04", "import os\nos._exit(3)")
    request = RunRequest(out=str(folder / "out"), jobs=2, assignments=("00:rate=0.25",))
    return maker, request, run_course(maker.plan(), request)


def test_a_failing_chapter_is_reported_and_does_not_stop_the_others(course):
    _, _, outcome = course
    assert {n: s.status for n, s in outcome.states.items()} == {
        "00": "done",
        "01": "failed",
        "02": "done",
        "03": "failed",
        "04": "failed",
    }
    failed = outcome.states["01"]
    assert failed.cell == "c01-body"
    assert failed.error.startswith("ValueError: no such")
    assert list(outcome.lost) == ["01", "03", "04"]


def test_a_warning_is_a_failure_with_its_cell(course):
    state = course[2].states["03"]
    assert state.cell == "c03-body"
    assert "this grows old" in state.error


def test_a_kernel_that_dies_is_a_failure_with_its_cell(course):
    _, request, outcome = course
    state = outcome.states["04"]
    assert state.cell == "c04-body"
    assert "died" in state.error
    assert "did not end" in state.error
    assert (request.folder / "html" / "04_chapter.html").is_file()


def test_lines_for_people_name_cell_and_reason(course):
    _, _, outcome = course
    lines = [outcome_line(spec, outcome.states[spec.number]) for spec in outcome.specs]
    assert lines[1].startswith("01 FAILED in cell c01-body: ValueError: no such")
    assert lines[0].startswith("00 done in ")
    assert lines[2].startswith("02 done")


def test_a_line_for_one_chapter_says_when_the_next_comes(course, capsys):
    spec = course[2].specs[0]
    progress = Progress()
    with progress.over([spec], 0):
        progress.started(spec)
    assert (
        capsys.readouterr().out
        == f"1 chapter: 0 done already, 1 to run\n  00 started, its next line comes when it ends: {spec.title}\n"
    )


def test_the_live_display_follows_a_run(course, capsys):
    _, _, outcome = course
    live = Progress(live=True)
    with live.over(outcome.specs, 0):
        for spec in outcome.specs:
            live.started(spec)
            live.ended(spec, outcome.states[spec.number])
    printed = capsys.readouterr().out
    assert "01 FAILED in cell c01-body" in printed
    assert "5/5" in printed


def test_parameters_threads_and_files_of_a_finished_chapter(course):
    _, request, outcome = course
    state = outcome.states["00"]
    record = json.loads((request.folder / "00" / "record.json").read_text())
    assert record["values"] == {"rate": 0.25}
    assert state.parameters["rate"] == 0.25
    assert state.seconds > 0
    assert state.megabytes > 20
    executed = (request.folder / "notebooks" / "00_chapter.ipynb").read_text()
    assert '"1 0.25\\n"' in executed.replace('"text": "1 0.25\\n"', '"1 0.25\\n"')
    assert (request.folder / "00" / "figures" / "00_1_nine-draws.png").is_file()


def test_pages_read_offline_and_keep_words(course):
    maker, request, outcome = course
    run_batch_reports(maker, request, outcome)
    page = (request.folder / "html" / "00_chapter.html").read_text(encoding="utf-8")
    assert '<img alt="A line that goes up and down." src="data:image/png;base64,' in page
    assert "你好" in page
    assert 'src="data:audio/mpeg;base64,' in page
    for file in [*request.folder.glob("html/*.html"), *request.folder.glob("*.html")]:
        fetched = r"""<(?!a )[^>]*(?:src|href)=["']?(?:https?:)?//|@import|<script"""  # a link waits to be followed
        assert not re.search(fetched, file.read_text(encoding="utf-8"))


def run_batch_reports(maker, request, outcome):
    from vcemo_lib.course.pages.report import write_reports

    return write_reports(maker.plan(), request, outcome)


def test_index_summary_and_record_tell_the_whole_run(course):
    maker, request, outcome = course
    page = run_batch_reports(maker, request, outcome).read_text(encoding="utf-8")
    for number in ("00", "01", "03", "04"):
        assert f'href="html/{number}_chapter.html"' in page
        assert f"Chapter {number}" in page
    assert "c01-body ValueError" in page
    assert "2 of 5" in page
    assert "arxiv.org/abs/2408.13019" in page and 'href="costs.html"' in page
    costs = (request.folder / "costs.html").read_text(encoding="utf-8")
    assert "MB</td>" in costs and "MB</td>" not in page  # what a run costs stands behind the course's home
    rows = list(csv.DictReader((request.folder / "summary.csv").open(encoding="utf-8")))
    assert [row["status"] for row in rows] == ["done", "failed", "done", "failed", "failed"]
    assert float(rows[0]["megabytes"]) > 20
    assert rows[0]["budget"] == "kept"
    assert rows[1]["cell"] == "c01-body"
    record = json.loads((request.folder / "record.json").read_text())
    assert record["profile"] == "tiny"
    assert record["assignments"] == ["00:rate=0.25"]
    assert record["versions"]["papermill"]
    assert record["chapters"]["00"]["seconds"] > 0


def mend(maker):
    """Chapters 01, 03 and 04 without their faults."""
    maker.add("01", "value = 2")
    maker.add("03", "print('quiet')")
    maker.add("04", "print('alive')")


def test_what_is_finished_is_not_repeated_and_a_mended_chapter_is(course):
    maker, request, first = course
    mend(maker)
    outcome = run_course(maker.plan(), request)
    assert not outcome.lost
    assert outcome.reused == {"00", "02"}
    assert outcome.states["00"] == first.states["00"]
    started = time.monotonic()
    again = run_course(maker.plan(), request)
    assert not again.lost
    assert again.reused == {"00", "01", "02", "03", "04"}
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("what", ["source", "parameter", "lost page", "damaged notebook", "lost figure"])
def test_whatever_a_chapter_rests_on_makes_it_run_again(course, what, monkeypatch):
    maker, request, outcome = course
    store = StateStore(request.folder)
    state = store.read("00")
    assert store.is_current("00", state.fingerprint)
    from vcemo_lib.course.run.state import Dependencies

    spec = maker.plan().chapters[0]
    dependencies = Dependencies()
    assert dependencies.fingerprint(spec, state.parameters) == state.fingerprint
    victim = {
        "lost page": "html/00_chapter.html",
        "damaged notebook": "notebooks/00_chapter.ipynb",
        "lost figure": "00/figures/00_1_nine-draws.png",
    }.get(what)
    if what == "parameter":
        assert dependencies.fingerprint(spec, {"rate": 0.3}) != state.fingerprint
    elif what == "source":
        before = spec.path.read_text()
        spec.path.write_text(before.replace("Nine draws", "Ten draws"))
        assert dependencies.fingerprint(spec, state.parameters) != state.fingerprint
        spec.path.write_text(before)
    else:
        path = request.folder / victim
        before = path.read_bytes()
        path.write_bytes(before[:-5]) if what == "damaged notebook" else path.unlink()
        assert not store.is_current("00", state.fingerprint)
        path.write_bytes(before)


def test_renewing_then_comparing_finds_no_drift_until_something_is_edited(course, tmp_path):
    maker, request, _ = course
    mend(maker)
    outcome = run_course(maker.plan(), request)
    assert write_back(outcome, request.folder, tmp_path) == ["00", "01", "02", "03", "04"]
    assert [path.name for path in tmp_path.iterdir()] == ["00_1_nine-draws.png"]
    assert not any(drift_of(outcome, request).values())
    spec = outcome.specs[0]
    # those of tests have no links, no tasks, no terms, nobody to care, and their figure's words beside it
    assert {f.rule for f in lint_chapter(spec)} == {"navigation", "exercises", "terms", "listener", "figure-words"}
    before = spec.path.read_text(encoding="utf-8")
    spec.path.write_text(before.replace("1 0.25", "1 0.26"), encoding="utf-8")
    assert [d.cell for d in drift_of(outcome, request)["00"]] == ["c00-body"]
    assert run_course(maker.plan(), request).reused  # outputs are not what a chapter rests on
    assert run_check(request, maker.folder) == 1
    spec.path.write_text(before, encoding="utf-8")
    assert run_check(request, maker.folder) == 0
    write_back(outcome, request.folder, tmp_path)
    assert spec.path.read_text(encoding="utf-8") == before


def test_the_folder_a_run_writes_to_leaves_no_trace_in_the_notebook(course):
    maker, request, _ = course
    spec = maker.plan().chapters[0]
    executed = (request.folder / "notebooks" / spec.path.name).read_text(encoding="utf-8")
    assert str(request.folder) in executed
    assert str(request.folder) not in canonical(parse_notebook(executed))
