"""The table of the chapters: how much is to be read, done, seen and waited for in each.

    python tools/chapters_table.py [write [runs/tiny]]

Prints it, made of the committed notebooks and of results/chapters.json, which keeps the seconds and megabytes of a whole
run; with the word `write` it renews book/teaching.md, with the folder of such a run also that record. A test holds the
page to it.
"""

import csv
import re
import sys
from pathlib import Path

from vcemo_lib.course.exercise.cells import exercises
from vcemo_lib.course.notebook import glosses
from vcemo_lib.course.notebook.reading import code_cells, read_notebook
from vcemo_lib.course.pages.minutes import words
from vcemo_lib.course.run.plan import ChapterSpec, load_plan
from vcemo_lib.paths import RESULTS, ROOT
from vcemo_lib.storage import read_json, write_json

PAGE, COSTS = ROOT / "book" / "teaching.md", RESULTS / "chapters.json"
BLOCK = re.compile(r"(?<=<!-- chapters -->\n).*?(?=<!-- /chapters -->)", re.DOTALL)
HEAD = ("chapter", "words", "words per code line", "exercises", "quiz", "figures", "glossed items", "seconds")


def row(spec: ChapterSpec, seconds: dict[str, float]) -> list[str]:
    """One chapter's line of the table."""
    notebook = read_notebook(spec.path)
    lines = sum(bool(line.strip()) for cell in code_cells(notebook) for line in cell.source.splitlines())
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    shown = [str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", "")) for output in outputs]
    quiz = [cell.source for cell in notebook.cells if cell.source.startswith("## Three questions")]
    n = words(notebook)
    counts = (
        n,
        f"{n / lines:.1f}",
        len(exercises(notebook)),
        sum(len(re.findall(r"^\d\. ", text, re.MULTILINE)) for text in quiz),
        sum("image/png" in output.get("data", {}) for output in outputs),
        len(set(glosses.items(*shown)) & set(glosses.glosses())),
        f"{seconds[spec.number]:.0f}",
    )
    return [f"{spec.number} {spec.title}", *map(str, counts)]


def table() -> str:
    """A row a chapter."""
    seconds = read_json(COSTS)["seconds"]
    if missing := [spec.number for spec in load_plan().chapters if spec.number not in seconds]:
        raise SystemExit(
            f"{COSTS} knows no seconds of {', '.join(missing)}: 'vcemo run' executes all chapters, then "
            "'python tools/chapters_table.py write runs/tiny' keeps what they took"
        )
    rows = [HEAD, ["---", *["---:"] * (len(HEAD) - 1)], *(row(spec, seconds) for spec in load_plan().chapters)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def take_costs(run: Path) -> None:
    """Keep the time and memory that a run of all chapters, `vcemo run` in the tiny profile, took for each."""
    with (run / "summary.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["status"] == "done"]
    record = read_json(run / "record.json")
    kept = {name: {line["chapter"]: float(line[name]) for line in lines} for name in ("seconds", "megabytes")}
    if missing := [spec.number for spec in load_plan().chapters if spec.number not in kept["seconds"]]:
        raise SystemExit(f"{run} has no finished run of {', '.join(missing)}: 'vcemo run' executes all chapters first")
    write_json(COSTS, {name: record[name] for name in ("profile", "jobs", "processors", "commit")} | kept)


if __name__ == "__main__":
    for run in sys.argv[2:]:
        take_costs(Path(run))
    if sys.argv[1:2] == ["write"]:
        PAGE.write_text(BLOCK.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(table())
