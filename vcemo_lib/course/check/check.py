"""`vcemo check`: execute chapters where needed and compare them with what is committed."""

from ..notebook.reading import read_notebook
from ..pages.report import write_reports
from ..run.environment import require_unix
from ..run.plan import NOTEBOOKS, load_plan
from ..run.request import RunRequest
from ..run.runner import Outcome, run_course
from .arithmetic import fingerprint, remembered
from .drift import Difference, compare

HEAD = ("chapter", "cell", "what", "committed", "fresh")
ELSEWHERE = """\
{}: the committed outputs come from a processor of other arithmetic, so their numbers and what is said of them \
may differ here; cells, sources and kinds of output were compared"""


def run_check(request: RunRequest, folder=NOTEBOOKS) -> int:
    """Compare fresh with committed for the chapters of a request, and print what differs.

    A finished run that still holds is used as it is. Where the committed outputs come from a machine of other
    arithmetic, what follows from numbers is shown but does not count. Returns: 0 when all agree, 1 otherwise.
    """
    require_unix("Checking chapters")
    plan = load_plan(folder)
    outcome = run_course(plan, request)
    write_reports(plan, request, outcome)
    drift = drift_of(outcome, request)
    print("\n".join(table_lines(drift)))
    foreign = made_elsewhere(drift, request, folder)
    if foreign:
        print(ELSEWHERE.format(", ".join(foreign)))
    for number, state in outcome.lost.items():
        print(f"{number} could not be compared: it is {state.status}")
    all_of = [(number, difference) for number, differences in drift.items() for difference in differences]
    counted = [number for number, difference in all_of if number not in foreign or not difference.follows_numbers]
    return 1 if outcome.lost or counted else 0


def made_elsewhere(drift: dict[str, list[Difference]], request: RunRequest, folder) -> list[str]:
    """The chapters that differ and whose committed outputs were made with another arithmetic than this machine's."""
    kept = remembered(folder)
    differ = [number for number, differences in drift.items() if differences and number in kept]
    here = fingerprint(request.folder / ".state") if differ else ""
    return [number for number in differ if kept[number] != here]


def drift_of(outcome: Outcome, request: RunRequest) -> dict[str, list[Difference]]:
    """For each finished chapter its differences, none when fresh and committed agree."""
    paths = {s.number: s.path for s in outcome.specs if s.number not in outcome.lost}
    fresh = request.folder / "notebooks"
    return {n: compare(read_notebook(path), read_notebook(fresh / path.name)) for n, path in paths.items()}


def table_lines(drift: dict[str, list[Difference]]) -> list[str]:
    """The differences as lines of a table, one line for a chapter that agrees."""
    rows = [HEAD]
    for number, differences in drift.items():
        rows += [(number, d.cell, d.kind, d.committed, d.fresh) for d in differences]
        rows += [] if differences else [(number, "", "as committed", "", "")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
