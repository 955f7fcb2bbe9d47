"""One chapter in a process of its own: `python -m vcemo_lib.course.run.job JOB.json`.

The job names notebook, title, parameters, folder (where the notebook runs) and work (where everything goes):
run.ipynb, run.html and, last, result.json; the runner moves them. Linux and macOS (`require_unix`).
"""

import resource
import sys
import time
from pathlib import Path
from typing import Any

from ...storage import read_json, write_json, write_text
from ..notebook.reading import code_cells, read_notebook, skip_slow_imports
from .environment import end_with_parent


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    """Execute one notebook through papermill, and make its page, whose links fit the folder html.

    Returns: status "done" or "failed", seconds, megabytes (largest process); for a failure cell and error.
    """
    from ..pages.html import html_page

    started, executed = time.monotonic(), Path(job["work"], "run.ipynb")
    said = _execute(job, executed)
    problem = {"cell": "", "error": said} if said else {}
    if executed.is_file():
        notebook = read_notebook(executed)
        problem = find_problem(notebook, said) or problem
        page = html_page(notebook, job["title"], Path(job["folder"]), Path(job["html"]))
        write_text(executed.with_suffix(".html"), page)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result = {"status": "failed" if problem else "done", "seconds": round(time.monotonic() - started, 2)}
    return result | {"megabytes": round(peak / 1e6, 1)} | problem


def _execute(job: dict[str, Any], executed: Path) -> str:
    """Run the notebook; returns what went wrong in papermill's words, empty when nothing did."""
    import papermill
    from traitlets.config import Config

    config = Config()
    config.KernelManager.transport_encryption = "required"  # without it ipykernel warns at each start
    how = {"kernel_name": "python3", "cwd": job["folder"], "progress_bar": False, "config": config}
    try:
        papermill.execute_notebook(job["notebook"], executed, job["parameters"], **how)
    except Exception as error:  # whatever stops a chapter is reported as that chapter's failure
        return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[-1]}"
    return ""


def find_problem(notebook, said: str) -> dict[str, str]:
    """The first cell that holds an error, wrote to stderr or did not end, none of which a clean chapter has.

    Args: said, what papermill reported, empty when nothing. Returns: cell and error, empty where no cell has one.
    """
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                return {"cell": cell.id, "error": f"{output.ename}: {output.evalue}"}
            if output.get("name") == "stderr":
                return {"cell": cell.id, "error": f"unexpected warning: {output.text.strip()}"}
        if said and "shell.execute_reply" not in cell.metadata.get("execution", {}):
            return {"cell": cell.id, "error": f"{said}; the cell did not end"}
    return {}


def main() -> None:
    """Run the job whose file is named on the command line and write its result."""
    job = read_json(Path(sys.argv[1]))
    end_with_parent(job["parent"])
    sys.modules.setdefault("pyarrow", None)  # papermill would reach Hadoop through it, with 40 MB more
    skip_slow_imports()
    import matplotlib.font_manager  # noqa: F401  builds the font cache here, where its notice disturbs no output

    write_json(Path(job["work"], "result.json"), run_job(job))


if __name__ == "__main__":
    main()
