"""What a run leaves for people: an index page, a summary table and a record of what was used."""

import csv
import io
import os
import platform
import subprocess
from datetime import UTC, datetime
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ...paths import ROOT
from ...storage import write_json, write_text
from ..run.plan import ChapterSpec, Plan
from ..run.request import RunRequest
from ..run.runner import Outcome
from ..run.state import ChapterState, StateStore
from .style import style

PACKAGES = (
    "jupyterlab",
    "papermill",
    "torch",
    "torchaudio",
    "librosa",
    "openai-whisper",
    "transformers",
    "spacy",
)
PACKAGES += ("matplotlib", "seaborn", "numpy", "pandas", "scikit-learn")
COLUMNS = ("chapter", "title", "status", "this_run", "seconds", "megabytes", "budget", "cell", "error")


def write_reports(plan: Plan, request: RunRequest, outcome: Outcome) -> Path:
    """Write index.html, summary.csv and record.json into the output folder.

    Returns: the index page. Chapters outside this run appear with their last outcome in the same folder.
    """
    rows = [_row(plan, spec, request, outcome) for spec in plan.chapters]
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: row[key] for key in COLUMNS} for row in rows)
    write_text(request.folder / "summary.csv", table.getvalue())
    write_json(request.folder / "record.json", _record(request, outcome))
    return write_text(request.folder / "index.html", _page(rows, request))


def _row(plan: Plan, spec: ChapterSpec, request: RunRequest, outcome: Outcome) -> dict[str, Any]:
    state = outcome.states.get(spec.number) or StateStore(request.folder).read(spec.number)
    state = state or ChapterState(spec.number, "none")
    part = "reused" if spec.number in outcome.reused else "run" if spec.number in outcome.states else "not asked"
    row = {"chapter": spec.number, "title": spec.title, "status": state.status, "this_run": part}
    row |= {"seconds": state.seconds, "megabytes": state.megabytes, "cell": state.cell, "error": state.error}
    return row | {"budget": _budget(plan, request, state), "html": f"html/{spec.path.stem}.html"}


def _budget(plan: Plan, request: RunRequest, state: ChapterState) -> str:
    """Whether a chapter keeps to its cost; only the tiny profile has one."""
    if request.profile != "tiny" or state.status != "done":
        return ""
    over = [f"time {state.seconds:.0f} s"] if state.seconds > plan.seconds else []
    over += [f"memory {state.megabytes:.0f} MB"] if state.megabytes > plan.megabytes else []
    return f"over: {', '.join(over)}" if over else "kept"


def _record(request: RunRequest, outcome: Outcome) -> dict[str, Any]:
    chapters = {
        number: {
            "status": s.status,
            "seconds": s.seconds,
            "megabytes": s.megabytes,
            "parameters": s.parameters,
            "reused": number in outcome.reused,
            "fingerprint": s.fingerprint,
        }
        for number, s in sorted(outcome.states.items())
    }
    return {
        "profile": request.profile,
        "corpus": request.corpus,
        "corpus_root": request.corpus_root,
        "seed": request.seed,
        "assignments": list(request.assignments),
        "jobs": request.jobs,
        "chapters": chapters,
        "versions": _versions(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "commit": _commit(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _commit() -> str:
    """The commit of the clone, empty outside one."""
    try:
        asked = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True)
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _page(rows: list[dict[str, Any]], request: RunRequest) -> str:
    body = "\n".join(_page_row(row, request.folder) for row in rows)
    done = sum(row["status"] == "done" for row in rows)
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The course, executed</title>
<style>
{style()}
</style></head>
<body><main>
<h1>The course, executed</h1>
<p>Profile {escape(request.profile)}; {done} of {len(rows)} chapters done.</p>
<table>
<caption>Chapters with the time and the memory of the largest process;
"over" stands where one took more than <code>notebooks/course.yaml</code> allows it; its results hold</caption>
<thead><tr><th>Chapter</th><th>Title</th><th>Status</th><th>Time</th><th>Memory</th></tr></thead>
<tbody>
{body}
</tbody></table>
</main></body></html>
"""


def _page_row(row: dict[str, Any], folder: Path) -> str:
    words = {"none": "not run"}.get(row["status"], row["status"])
    problem = f" {row['cell']} {row['error']}".rstrip() if row["status"] in ("failed", "skipped") else ""
    problem += f" ({row['budget']})" if row["budget"].startswith("over") else ""
    there = (folder / row["html"]).is_file()
    title = f'<a href="{row["html"]}">{escape(row["title"])}</a>' if there else escape(row["title"])
    cost = (
        f"<td>{row['seconds']:.0f}&nbsp;s</td><td>{row['megabytes']:.0f}&nbsp;MB</td>"
        if row["seconds"]
        else "<td></td><td></td>"
    )
    status = f'<td class="{row["status"]}">{words}{escape(problem)}</td>'
    return f"<tr><td>{row['chapter']}</td><td>{title}</td>{status}{cost}</tr>"
