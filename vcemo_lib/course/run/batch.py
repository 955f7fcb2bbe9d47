"""The whole of `vcemo run`: chapters, then the pages and tables about them."""

from .environment import require_unix
from .plan import NOTEBOOKS, load_plan
from .request import RunRequest


def run_batch(request: RunRequest, folder=NOTEBOOKS) -> int:
    """Run a request, write its reports and, if asked, renew the committed notebooks; 0 when all is done, else 1."""
    require_unix("Running chapters")
    plan = load_plan(folder)
    request.parameters(plan.choose(request.chapters))  # refused before anything slow is imported
    from ..check.write_back import link_neighbours, write_back
    from ..pages.report import write_reports
    from .runner import run_course

    outcome = run_course(plan, request)
    page = write_reports(plan, request, outcome)
    if request.write:
        written = write_back(outcome, request.folder)
        print(f"wrote {len(written)} notebooks: {', '.join(written) or 'none'}")
        if linked := link_neighbours(plan.chapters):
            print(f"links to the chapters before and after written in {', '.join(linked)}")
    print(f"{len(outcome.states) - len(outcome.lost)} of {len(outcome.states)} chapters done; read {page}")
    return 1 if outcome.lost else 0
