"""Small courses made in a temporary folder, with notebooks that start fast."""

import json
from pathlib import Path

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


def edit(path: Path, change) -> None:
    """Apply `change` to the JSON of a notebook."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
