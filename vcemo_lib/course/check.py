"""`vcemo check`: execute chapters where needed and compare them with what is committed."""

from .drift import Difference, compare
from .notebooks import read_notebook
from .plan import NOTEBOOKS, load_plan
from .progress import for_terminal
from .report import write_reports
from .request import RunRequest
from .runner import Outcome, run_course


def run_check(request: RunRequest, folder=NOTEBOOKS) -> int:
    """Compare fresh with committed for the chapters of a request, and print what differs.

    A finished run that still holds is used as it is. Returns: 0 when all agree, 1 otherwise.
    """
    plan = load_plan(folder)
    outcome = run_course(plan, request, for_terminal())
    write_reports(plan, request, outcome)
    drift = drift_of(outcome, request)
    for line in table_lines(drift):
        print(line)
    lost = [number for number, state in outcome.states.items() if state.status != "done"]
    for number in lost:
        print(f"{number} could not be compared: it is {outcome.states[number].status}")
    return 1 if lost or any(drift.values()) else 0


def drift_of(outcome: Outcome, request: RunRequest) -> dict[str, list[Difference]]:
    """For each finished chapter its differences, none when fresh and committed agree."""
    found = {}
    for spec in outcome.specs:
        if outcome.states[spec.number].status == "done":
            fresh = read_notebook(request.folder / "notebooks" / spec.path.name)
            found[spec.number] = compare(read_notebook(spec.path), fresh)
    return found


def table_lines(drift: dict[str, list[Difference]]) -> list[str]:
    """The differences as lines of a table, one line for a chapter that agrees."""
    rows = [("chapter", "cell", "what", "committed", "fresh")]
    for number, differences in drift.items():
        rows += [(number, d.cell, d.kind, d.committed, d.fresh) for d in differences]
        rows += [] if differences else [(number, "", "as committed", "", "")]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
