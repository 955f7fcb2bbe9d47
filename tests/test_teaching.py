"""The teacher's pages: one a chapter, plans that fill their time, and nothing named that the chapter lacks."""

import re

import pytest

from vcemo_lib.course.exercise.cells import HEADING
from vcemo_lib.course.notebook.reading import code_cells, read_notebook
from vcemo_lib.course.run.plan import load_plan
from vcemo_lib.paths import RESULTS, ROOT
from vcemo_lib.storage import read_json

PLAN = load_plan()
FOLDER = ROOT / "book" / "teaching"
SECONDS = read_json(RESULTS / "chapters.json")["seconds"]
LENGTHS = (50, 120)
SLOW = 60  # seconds of a run; a longer one is no part of a lesson
STEP = re.compile(r"^\| (\d+) \| (.+?) \| (.*?) \|$", re.MULTILINE)
FIGURE = re.compile(r"Figure (\d+\.\d+)|Figures (\d+\.\d+)(?:, (\d+\.\d+))? and (\d+\.\d+)")
EXERCISE = re.compile(r"\b(?:Exercise|Grader of) (\d+\.\d+)")
WITH_MINUTES = re.compile(r"Exercise (\d+\.\d+) \((\d+) minutes\)")
CODE = re.compile(r"`([^`]+)`")
QUOTED = re.compile(r"Grader of (\d+\.\d+): “([^”]+)”")
DECIMAL = re.compile(r"\d+\.\d+")
chapter = pytest.mark.parametrize("spec", PLAN.chapters, ids=lambda spec: spec.number)


def page(spec):
    return (FOLDER / f"{spec.number}.md").read_text(encoding="utf-8")


def steps(text, minutes):
    """Minutes, section and what is live, of each step of a plan."""
    plan = text.split(f"## {minutes} minutes\n")[1].partition("\n## ")[0]
    return [(int(time), section, live) for time, section, live in STEP.findall(plan)]


def figures(text):
    """Numbers of the figures that a text names."""
    return [number for found in FIGURE.findall(text) for number in found if number]


def sections(notebook):
    """Heading → code and what it shows, from there to the next heading of its rank or a higher one."""
    found, above = {}, []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for _, name in above:
                found[name] += shown(cell)
            continue
        for marks, name in re.findall(r"^(##+) (.+)$", cell.source, re.MULTILINE):
            above = [(rank, other) for rank, other in above if rank < len(marks)] + [(len(marks), name)]
            found[name] = ""
    return found


def shown(cell):
    """The source of a code cell and what its outputs say, without marks."""
    texts = []
    for output in cell.outputs:
        data = output.get("data", {})
        texts += [output.get("text", ""), data.get("text/html", ""), data.get("text/markdown", "")]
    return "\n".join([cell.source, *(re.sub(r"<[^>]+>", " ", text) for text in texts)])


def whole(notebook):
    return "\n".join(map(shown, code_cells(notebook)))


def exercises(notebook):
    """Number → its minutes."""
    return {
        found["number"]: int(found["minutes"]) for cell in notebook.cells for found in HEADING.finditer(cell.source)
    }


def named(name, text):
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)


def test_each_chapter_has_a_page_and_a_line_of_the_index():
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{spec.number}.md" for spec in PLAN.chapters]
    index = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
    for spec in PLAN.chapters:
        (believed,) = re.findall(rf"\]\(teaching/{spec.number}\.md\) \| (.+) \|", index)
        assert f"* “{believed}”" in page(spec)
        assert f"\nteaching/{spec.number}\n" in index
        assert f"](../../notebooks/{spec.path.name})" in page(spec)


@chapter
@pytest.mark.parametrize("minutes", LENGTHS)
def test_the_minutes_of_a_plan_add_up(spec, minutes):
    assert sum(time for time, *_ in steps(page(spec), minutes)) == minutes


@chapter
@pytest.mark.parametrize("minutes", LENGTHS)
def test_a_step_names_a_section_and_what_is_live_in_it(spec, minutes):
    notebook = read_notebook(spec.path)
    texts, times = sections(notebook), exercises(notebook)
    for time, section, live in steps(page(spec), minutes):
        if found := EXERCISE.fullmatch(section):
            assert time >= times[found[1]], section
            continue
        assert section in texts, section
        for name in CODE.findall(live):
            assert named(name, texts[section]), f"{section}: {name}"
        for number in figures(live):
            assert f"Figure {number}." in texts[section], f"{section}: Figure {number}"


@chapter
def test_figures_exercises_and_code_that_are_named_are_there(spec):
    notebook, text = read_notebook(spec.path), page(spec)
    everything, times = whole(notebook), exercises(notebook)
    assert all(f"Figure {number}." in everything for number in figures(text))
    assert set(EXERCISE.findall(text)) <= set(times)
    assert [name for name in CODE.findall(text) if not named(name, everything)] == []


@chapter
def test_each_exercise_is_given_once_with_its_minutes(spec):
    given = WITH_MINUTES.findall(page(spec))
    assert sorted(given) == sorted((number, str(time)) for number, time in exercises(read_notebook(spec.path)).items())


@chapter
def test_what_a_grader_is_said_to_say_it_says(spec):
    graders = {cell.id: cell.source for cell in read_notebook(spec.path).cells if cell.id.endswith("-grade")}
    for number, words in QUOTED.findall(page(spec)):
        assert words in graders[f"c{spec.number}-exercise{number.partition('.')[2]}-grade"]


@chapter
def test_numbers_are_those_of_the_chapter(spec):
    """A decimal of the last three parts is, rounded, one that the chapter shows."""
    text = page(spec).split("## Misconceptions\n")[1]
    said = set(DECIMAL.findall(text)) - set(figures(text)) - set(EXERCISE.findall(text))
    there = [float(number) for number in DECIMAL.findall(whole(read_notebook(spec.path)))]
    for number in said:
        places = len(number.partition(".")[2])
        assert any(f"{value:.{places}f}" == number for value in there), number


@chapter
def test_the_seconds_are_about_those_of_the_record(spec):
    said = int(re.search(r"A run takes about (\d+) s", page(spec))[1])
    assert abs(said - SECONDS[spec.number]) <= max(3, 0.2 * SECONDS[spec.number])
    assert ("before class" in page(spec)) == (SECONDS[spec.number] > SLOW)


@chapter
def test_a_page_has_its_parts_and_is_short(spec):
    text = page(spec)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "50 minutes", "120 minutes", "Misconceptions", "Exercises", "A question to ask",
    ]  # fmt: skip
    assert 2 <= text.count("\n* “") <= 3
    assert 180 <= sum(any(map(str.isalnum, word)) for word in re.sub(r"\]\([^)]*\)", "]", text).split()) <= 330
