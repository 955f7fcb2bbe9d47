"""What a run leaves for people: the course's home, what it cost, a summary table and a record of what was used."""

import csv
import io
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from ...errors import CourseError
from ...provenance import commit, versions
from ...storage import write_json, write_text
from ..notebook.reading import read_notebook
from ..run.plan import ChapterSpec, Plan
from ..run.request import RunRequest
from ..run.runner import Outcome
from ..run.state import ChapterState, StateStore
from . import TEMPLATES, style
from .minutes import minutes

PACKAGES = "jupyterlab papermill torch torchaudio librosa openai-whisper transformers spacy matplotlib seaborn numpy"
PACKAGES = (*PACKAGES.split(), "pandas", "scikit-learn")
COLUMNS = ("chapter", "title", "status", "this_run", "seconds", "megabytes", "budget", "cell", "error")


def write_reports(plan: Plan, request: RunRequest, outcome: Outcome) -> Path:
    """Write index.html, costs.html, summary.csv and record.json into the output folder.

    Returns: the first, the course's home. Chapters outside this run appear with their last outcome in the same folder.
    """
    rows = [_row(plan, spec, request, outcome) for spec in plan.chapters]
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    write_text(request.folder / "summary.csv", table.getvalue())
    write_json(request.folder / "record.json", _record(request, outcome))
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    told = {"rows": rows, "profile": request.profile, "style": style()}
    home, costs = (templates.get_template(f"{name}.html.j2").render(told) for name in ("home", "costs"))
    write_text(request.folder / "costs.html", costs)
    return write_text(request.folder / "index.html", home)


def _row(plan: Plan, spec: ChapterSpec, request: RunRequest, outcome: Outcome) -> dict[str, Any]:
    state = outcome.states.get(spec.number) or StateStore(request.folder).read(spec.number)
    state = state or ChapterState(spec.number, "none")
    this_run = "reused" if spec.number in outcome.reused else "run" if spec.number in outcome.states else "not asked"
    html = f"html/{spec.path.stem}.html"
    row = {"chapter": spec.number, "title": spec.title, "this_run": this_run, "budget": _budget(plan, request, state)}
    row |= {"html": html if (request.folder / html).is_file() else "", "minutes": _minutes(spec)}
    return vars(state) | row


def _minutes(spec: ChapterSpec) -> tuple[int, ...]:
    """Minutes of a chapter's text and exercises; none of one that cannot be read, which costs the others no page."""
    try:
        return minutes(read_notebook(spec.path))
    except CourseError:
        return 0, 0


def _budget(plan: Plan, request: RunRequest, state: ChapterState) -> str:
    """Whether a chapter keeps to its cost; only the tiny profile has one."""
    if request.profile != "tiny" or state.status != "done":
        return ""
    over = [f"time {state.seconds:.0f} s"] if state.seconds > plan.seconds else []
    over += [f"memory {state.megabytes:.0f} MB"] if state.megabytes > plan.megabytes else []
    return f"over: {', '.join(over)}" if over else "kept"


def _record(request: RunRequest, outcome: Outcome) -> dict[str, Any]:
    asked = {name: getattr(request, name) for name in ("profile", "corpus", "corpus_root", "seed", "jobs")}
    kept = ("status", "seconds", "megabytes", "parameters", "fingerprint")
    chapters = {
        number: {name: getattr(state, name) for name in kept} | {"reused": number in outcome.reused}
        for number, state in outcome.states.items()
    }
    machine = {"python": platform.python_version(), "system": platform.platform(), "processors": os.cpu_count()}
    made_by = machine | {"versions": versions(PACKAGES), "commit": commit()}
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return asked | made_by | {"assignments": list(request.assignments), "chapters": chapters, "finished": finished}
