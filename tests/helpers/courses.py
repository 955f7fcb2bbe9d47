"""Small courses made in a temporary folder, with notebooks that start fast."""

import json
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from vcemo_lib.course.check.canonical import canonical
from vcemo_lib.course.run.plan import Plan, load_plan

PARAMETERS = """corpus: str = "vcemo_sim"  # corpus name
corpus_root: str = ""  # folder of a real corpus
profile: str = "tiny"  # tiny, laptop or paper
seed: int = 0  # seed of everything random
out: str = ""  # output folder
rate: float = 0.5  # a number of this chapter"""


class CourseMaker:
    """Writes chapters into `folder` and keeps its course.yaml in step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[dict] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, number: str, body: str, setup: str = "") -> Path:
        """Add or replace a chapter; returns its notebook."""
        setup = setup or f'# course.begin("{number}") is left out: it would load torch'
        path = self.folder / f"{number}_chapter.ipynb"
        text = {"title": f"# {number} · A chapter made for a test", "card": "What it costs: nothing."}
        code = {"parameters": PARAMETERS, "setup": setup, "body": body}
        cells = [new_markdown_cell(source, id=f"c{number}-{name}") for name, source in text.items()]
        cells += [new_code_cell(source, id=f"c{number}-{name}") for name, source in code.items()]
        cells[2].metadata["tags"] = ["parameters"]
        path.write_text(canonical(new_notebook(cells=cells)), encoding="utf-8")
        row = {"number": number, "file": path.name, "title": f"Chapter {number}"}
        self.rows = [r for r in self.rows if r["number"] != number] + [row]
        content = {
            "budget_seconds": 90,
            "budget_megabytes": 2048,
            "chapters": sorted(self.rows, key=lambda r: r["number"]),
        }
        (self.folder / "course.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    def plan(self) -> Plan:
        return load_plan(self.folder)


EXERCISE = """## Exercise {number} ★ (5 minutes, predict): {name}

What is it?

<details><summary>Hint 1</summary>Look.</details>
<details><summary>Hint 2</summary>Look again.</details>"""


def exercise_cells(chapter: str, place: int, answer: str, stub: str, grade: str, solution: str) -> list:
    """The four cells of an exercise, in sound form. Args: grade, the arguments of its grader behind the number."""
    number, name = f"{int(chapter)}.{place}", f"c{chapter}-exercise{place}"
    grader = f'grade = course.Grader("{number}", {grade})\n\ngrade({answer})'
    folded = {"source_hidden": True}
    parts = {
        "task": (stub, {}),
        "grade": (grader, {"jupyter": folded}),
        "solution": (f"{solution}\n\ngrade({answer})", {"jupyter": folded | {"outputs_hidden": True}}),
    }
    text = new_markdown_cell(EXERCISE.format(number=number, name=answer), id=name)
    made = [new_code_cell(code, id=f"{name}-{part}", metadata=m) for part, (code, m) in parts.items()]
    for cell, part in zip(made, parts, strict=True):
        cell.metadata["tags"] = [part]
    return [text, *made]


def three_exercises(chapter: str) -> list:
    """A number, a function that uses `double` of the chapter, and one that uses `scale`."""
    return [
        *exercise_cells(
            chapter,
            1,
            "seven",
            "seven = ...",
            'right=7, mistakes={"one less": 8, "one more": 6, "not that": 70}',
            "seven = 3 + 4",
        ),
        *exercise_cells(
            chapter,
            2,
            "twice",
            "def twice(x):\n    return ...",
            'right=double, cases=[(2.0,), (5.0,)], mistakes={"not squared": lambda x: x * x, '
            '"not half": lambda x: x / 2, "the number itself": lambda x: x}',
            "def twice(x):\n    return x + x",
        ),
        *exercise_cells(
            chapter,
            3,
            "scaled",
            "def scaled(x):\n    ...",
            'right=lambda x: SCALE * x, cases=[(1.0,), (3.0,)], mistakes={"divide less": lambda x: x / SCALE, '
            '"add": lambda x: x + SCALE, "sign": lambda x: -SCALE * x}',
            "def scaled(x):\n    return SCALE * x",
        ),
    ]


def add_exercises(path: Path, chapter: str, before: int | None = None) -> None:
    """Put three exercises into a chapter that `CourseMaker` wrote, at its end or before one of its cells."""
    notebook = nbformat.read(path, as_version=4)
    place = len(notebook.cells) if before is None else before
    notebook.cells[place:place] = three_exercises(chapter)
    path.write_text(canonical(notebook), encoding="utf-8")


BODY = """SCALE = 10
heavy = open("never-run")


def double(x):
    return x * 2"""


def edit(path: Path, change) -> None:
    """Apply `change` to the JSON of a notebook."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
