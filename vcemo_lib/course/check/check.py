"""`vcemo check`: execute chapters where needed and compare them with what is committed."""

from ..notebook.reading import read_notebook
from ..pages.report import write_reports
from ..run.plan import NOTEBOOKS, load_plan
from ..run.progress import for_terminal
from ..run.request import RunRequest
from ..run.runner import Outcome, run_course
from .arithmetic import fingerprint, remembered
from .drift import Difference, compare


def run_check(request: RunRequest, folder=NOTEBOOKS) -> int:
    """Compare fresh with committed for the chapters of a request, and print what differs.

    A finished run that still holds is used as it is. Where the committed outputs come from a machine of other
    arithmetic, what follows from numbers is shown but does not count. Returns: 0 when all agree, 1 otherwise.
    """
    plan = load_plan(folder)
    outcome = run_course(plan, request, for_terminal())
    write_reports(plan, request, outcome)
    drift = drift_of(outcome, request)
    for line in table_lines(drift):
        print(line)
    foreign = made_elsewhere(drift, request, folder)
    if foreign:
        print(
            f"{', '.join(foreign)}: the committed outputs come from a processor of other arithmetic, so their numbers "
            "and "
            "what is said of them may differ here; cells, sources and kinds of output were compared"
        )
    lost = [number for number, state in outcome.states.items() if state.status != "done"]
    for number in lost:
        print(f"{number} could not be compared: it is {outcome.states[number].status}")
    counted = [d for number, found in drift.items() for d in found if number not in foreign or not d.follows_numbers]
    return 1 if lost or counted else 0


def made_elsewhere(drift: dict[str, list[Difference]], request: RunRequest, folder) -> list[str]:
    """The chapters that differ and whose committed outputs were made with another arithmetic than this machine's."""
    kept = remembered(folder)
    differ = [number for number, found in drift.items() if found and number in kept]
    here = fingerprint(request.folder / ".state") if differ else ""
    return [number for number in differ if kept[number] != here]


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
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
