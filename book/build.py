"""Make the book: gather notebooks, pages and drawings in one folder, then let Sphinx build an offline site of them.

`make book` calls this; the site is site/html, its first page site/html/index.html.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import glossary
import yaml

from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.pages.html import reachable
from vcemo_lib.course.pages.minutes import minutes
from vcemo_lib.course.run.plan import load_plan

ROOT = Path(__file__).parents[1]
SOURCE, SITE = ROOT / "site" / "source", ROOT / "site" / "html"
PAGES = (
    "results/TRIALS.md",
    "results/bench.md",
    "results/cost.md",
    "results/faults.md",
    "results/mutants.md",
    "data/vcemo_sim/DATA_CARD.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
CARDS = ("assets/*/MODEL_CARD.md",)
LINK = re.compile(r"(?<!!)\[([^\]\n]*)\]\((?!#|//|[a-z][a-z0-9+.-]*:)([^)\s]+)\)")


def gather() -> None:
    """The sources of the site, in the same places as in the checkout, so that links between them hold."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "book", SOURCE, ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.yaml"))
    for page in SOURCE.rglob("*.md"):  # in the checkout they lie a folder deeper
        write(page, page.read_text(encoding="utf-8").replace("../notebooks/", "notebooks/"))
    shutil.copy(ROOT / "book" / "conf.py", SOURCE)
    shutil.copytree(ROOT / "figures" / "drawings", SOURCE / "figures" / "drawings")
    for page in [*PAGES, *(str(path.relative_to(ROOT)) for glob in CARDS for path in ROOT.glob(glob))]:
        if (ROOT / page).is_file():
            write(SOURCE / page, moved((ROOT / page).read_text(encoding="utf-8"), (ROOT / page).parent))
    for picture in (ROOT / "results").glob("*.svg"):
        shutil.copy(picture, SOURCE / "results")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        write(SOURCE / "notebooks" / path.name, json.dumps(told(json.loads(path.read_text(encoding="utf-8")))))
    home = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    write(SOURCE / "index.md", home.replace("<!-- chapters -->", chapter_minutes()))
    write(SOURCE / "chapters.md", chapters())
    write(SOURCE / "paper_map.md", paper_map())
    write(SOURCE / "glossary.md", glossary.page())
    write(SOURCE / "readings.md", glossary.readings_page())
    api()


def write(path: Path, text: str) -> None:
    """A source of the site and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def moved(text: str, folder: Path) -> str:
    """Markdown whose links to the library's code lead to its page in the book; other files are named, not linked."""

    def link(match: re.Match) -> str:
        words, path = match.groups()
        target = (folder / path.partition("#")[0]).resolve()
        if target.suffix == ".py" and target.is_relative_to(ROOT / "vcemo_lib"):
            return f"{{py:mod}}`{words.strip('`')} <{dotted(target)}>`"
        known = target.suffix == ".ipynb" or target.name == "MODEL_CARD.md" or str(target.relative_to(ROOT)) in PAGES
        return match[0] if known else words

    return LINK.sub(link, text)


def dotted(path: Path) -> str:
    """The name under which a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def told(notebook: dict) -> dict:
    """A notebook whose links fit the book and whose terms lead to the glossary, folded where it is folded in Lab."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = glossary.linked(glossary.numbered("".join(cell["source"]), cell["id"]))
            cell["source"] = moved(text, ROOT / "notebooks") + for_teachers(cell["id"])
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html")
            if html:
                output["data"]["text/html"] = reachable("".join(html))
        tags = cell["metadata"].setdefault("tags", [])
        folded = cell["metadata"].get("jupyter", {})
        prelude = {"parameters", "setup"} & set(tags)
        tags += ["hide-input"] * bool(folded.get("source_hidden") or prelude)
        tags += ["hide-output"] * bool(folded.get("outputs_hidden"))
    return notebook


def for_teachers(cell: str) -> str:
    """Below the title of a chapter, the link to its teacher's page; elsewhere nothing."""
    title = re.fullmatch(r"c(\d\d)-title", cell)
    return f" · [For teachers](../teaching/{title[1]}.md)" if title else ""


def api() -> None:
    """A page for each room of the library, with every module in it."""
    rooms = sorted(path.parent for path in (ROOT / "vcemo_lib").glob("*/__init__.py"))
    for room in rooms:
        modules = sorted(path for path in room.rglob("*.py") if path.name != "__init__.py")
        write(SOURCE / "api" / f"{room.name}.md", f"# vcemo_lib.{room.name}\n\n" + "\n".join(map(section, modules)))
    alone = sorted(path for path in (ROOT / "vcemo_lib").glob("*.py") if path.stem not in ("__init__", "rooms"))
    write(SOURCE / "api" / "settings.md", "# Settings and names\n\n" + "\n".join(map(section, alone)))
    pages = "\n".join(f"api/{name}" for name in ["settings", *(room.name for room in rooms)])
    write(SOURCE / "api.md", f"# The library\n\n```{{toctree}}\n:maxdepth: 1\n\n{pages}\n```\n")


def section(path: Path) -> str:
    """One module by its docstrings."""
    name = dotted(path)
    return f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n"


def chapters() -> str:
    """The list of chapters, in the order of notebooks/course.yaml."""
    course = yaml.safe_load((ROOT / "notebooks" / "course.yaml").read_text(encoding="utf-8"))
    names = "\n".join(f"notebooks/{chapter['file'].removesuffix('.ipynb')}" for chapter in course["chapters"])
    return f"# Chapters\n\n```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n"


def chapter_minutes() -> str:
    """The chapters with the minutes that their text and their exercises take."""
    rows = ["| chapter | minutes to read | minutes of exercises |", "|---|---:|---:|"]
    for spec in load_plan().chapters:
        read, exercises = minutes(read_notebook(spec.path))
        rows.append(f"| [{spec.number} {spec.title}](notebooks/{spec.path.name}) | {read} | {exercises} |")
    return "\n".join(rows)


def paper_map() -> str:
    """The table of book/paper_map.yaml: what the paper says, and where it is done, tested and recorded."""
    rows = yaml.safe_load((ROOT / "book" / "paper_map.yaml").read_text(encoding="utf-8"))
    lines = [
        "# The paper, sentence by sentence",
        "",
        rows["intro"].strip(),
        "",
        "| paper | chapter, cell | code | test | record |",
        "|---|---|---|---|---|",
    ]
    for row in rows["reproduced"]:
        chapter, cell = row["cell"].split(":")
        place = f"[{chapter}](notebooks/{chapter}.ipynb) `{cell}`"
        place += f", equation {{eq}}`eq-{row['equation']}`" if "equation" in row else ""
        code = f"{{py:obj}}`{row['code'].rpartition('.')[2]} <{row['code']}>`"
        lines.append(f"| {row['paper']} | {place} | {code} | `{row['test']}` | {row.get('record', '–')} |")
    lines += ["", "## Not reproduced", "", *(f"- {line}" for line in rows["not_reproduced"]), ""]
    return "\n".join(lines)


def main() -> int:
    """Gather, build; warnings of Sphinx are errors."""
    gather()
    shutil.rmtree(SITE, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        str(SOURCE),
        str(SITE),
    ]
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
