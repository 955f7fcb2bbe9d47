"""The whole of `vcemo run`: chapters, then the pages and tables about them."""

from ..check.write_back import write_back
from ..pages.report import write_reports
from .plan import NOTEBOOKS, load_plan
from .progress import for_terminal
from .request import RunRequest
from .runner import run_course


def run_batch(request: RunRequest, folder=NOTEBOOKS) -> int:
    """Run a request and write its reports.

    Returns: exit code, 0 when every chapter is done, 1 otherwise.
    """
    plan = load_plan(folder)
    progress = for_terminal()
    outcome = run_course(plan, request, progress)
    page = write_reports(plan, request, outcome)
    if request.write:
        written = write_back(outcome, request.folder)
        print(f"wrote {len(written)} notebooks: {', '.join(written) or 'none'}")
    lost = [s for s in outcome.states.values() if s.status != "done"]
    print(f"{len(outcome.states) - len(lost)} of {len(outcome.states)} chapters done; read {page}")
    return 1 if lost else 0
